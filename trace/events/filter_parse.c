/* SPDX-License-Identifier: MIT */
/*
 * Makes a filter's program of its expression, from left to right and in one pass. An operand that
 * is not at the end does not know yet what follows if it is true, or false: the places where that
 * is to be written are in a list, which runs through these very places. The operator that comes
 * next fills one list with the step that it begins, and hands the other one on. Errors have Linux's
 * words and positions; most of these are one behind the place, as they are there.
 */
#include "kernel/kallsyms.h"
#include "kernel/lib/ctype.h"
#include "kernel/lib/errno.h"
#include "kernel/lib/string.h"
#include "kernel/mm/mm.h"
#include "kernel/sched/percpu.h"
#include "trace/events/filter.h"
#include "trace/events/trace_events.h"
#include "trace/output/trace_format.h"

#define NESTING_MAX 16			/* parentheses in parentheses; the parser calls itself */
#define STRING_MAX 256
#define NUMBER_MAX 24			/* with its NUL */

#define TOO_MANY_OPEN "Too many '('"
#define TOO_MANY_TERMS "Too many terms in predicate expression"
#define ILLEGAL_OP "Illegal operation for field type"

struct parser {
	const struct trace_event_call *call;
	struct event_filter *filter;
	struct filter_error *error;
	const char *text, *at;		/* the expression, and what was not read yet */
	char *string;			/* where the next operand's text goes */
	unsigned int nr, max;		/* steps */
	unsigned int depth;		/* open parentheses */
};

/* Places in steps that will name the same next step. */
struct exits {
	const struct filter_step **first, **last;
};

/* An operand: where it leaves to if it is false, and if it is true. */
struct operand {
	struct exits exits[2];
};

static int fail_at(struct parser *p, const char *at, const char *text)
{
	p->error->text = text;
	p->error->pos = (unsigned int)(at - p->text);
	return -EINVAL;
}

static bool is_word(char c)
{
	return isalnum(c) || c == '_';
}

static char skip_blanks(struct parser *p)
{
	while (isspace(*p->at))
		p->at++;
	return *p->at;
}

static bool skip(struct parser *p, const char *text)
{
	size_t len = strlen(text);

	if (strncmp(p->at, text, len))
		return false;
	p->at += len;
	return true;
}

/* --- Lists of exits --- */

static void join(struct exits *a, const struct exits *b)
{
	if (!a->first)
		*a = *b;
	else if (b->first) {
		*a->last = (const struct filter_step *)b->first;
		a->last = b->last;
	}
}

static void lead_to(struct exits *exits, const struct filter_step *step)
{
	const struct filter_step **place = exits->first, **next;

	/* Each place names the next one of its list until it is filled. */
	while (place) {
		next = (const struct filter_step **)*place;
		*place = step;
		place = next;
	}
	*exits = (struct exits){ NULL, NULL };
}

static void turn_round(struct operand *operand)
{
	struct exits no = operand->exits[0];

	operand->exits[0] = operand->exits[1];
	operand->exits[1] = no;
}

/* --- Fields --- */

static enum filter_kind kind_of(const struct trace_event_field *field)
{
	bool is_char = !strcmp(field->type, "char");

	if (field->dynamic)
		return is_char ? FILTER_DYNAMIC_TEXT : FILTER_OTHER;
	if (field->len)
		return is_char ? FILTER_TEXT : FILTER_OTHER;
	if (!strcmp(field->type, "char *") || !strcmp(field->type, "const char *"))
		return FILTER_POINTER_TEXT;
	return field->size == 1 || field->size == 2 || field->size == 4 || field->size == 8 ?
	       FILTER_NUMBER : FILTER_OTHER;
}

static bool is_named(const char *name, const char *text, size_t len)
{
	return !strncmp(name, text, len) && !name[len];
}

static bool find_own_field(const struct trace_event_call *call, const char *name, size_t len,
			   struct filter_field *found)
{
	const struct trace_event_field *field = call->class->fields;
	size_t offset = sizeof(struct trace_entry);

	for (; field->name; field++) {
		offset = ALIGN_UP(offset, (size_t)field->align);
		if (is_named(field->name, name, len)) {
			*found = (struct filter_field){ kind_of(field), (u16)offset, field->size,
							field->is_signed, field };
			return true;
		}
		offset += field->size;
	}
	return false;
}

/* An event's own field comes before what all events have: sched_wakeup has a `comm`. */
bool event_find_field(const struct trace_event_call *call, const char *name, size_t len,
		      struct filter_field *found)
{
	static const struct {
		const char *name;
		enum filter_kind kind;
	} of_all[] = {
		{ "common_cpu", FILTER_CPU }, { "cpu", FILTER_CPU }, { "CPU", FILTER_CPU },
		{ "common_comm", FILTER_COMM }, { "comm", FILTER_COMM }, { "COMM", FILTER_COMM },
	};
	const struct trace_format_field *common = trace_common_fields;

	if (find_own_field(call, name, len, found))
		return true;
	/* The record has neither: they are the CPU and the thread that record it. */
	for (unsigned int i = 0; i < ARRAY_SIZE(of_all); i++) {
		if (is_named(of_all[i].name, name, len)) {
			*found = (struct filter_field){
				of_all[i].kind, 0, sizeof(int), true, NULL
			};
			return true;
		}
	}
	for (; common->name; common++) {
		if (is_named(common->name, name, len)) {
			*found = (struct filter_field){ FILTER_NUMBER, common->offset, common->size,
							common->is_signed, NULL };
			return true;
		}
	}
	return false;
}

bool event_field_is_text(const struct filter_field *field)
{
	return field->kind == FILTER_TEXT || field->kind == FILTER_DYNAMIC_TEXT ||
	       field->kind == FILTER_POINTER_TEXT || field->kind == FILTER_COMM;
}

/* --- Terms. Each parser of a value returns whether the term's answer is turned round. --- */

static int parse_function(struct parser *p, struct filter_step *step,
			  const struct filter_field *field, enum filter_op op)
{
	unsigned long address = 0, size, offset;
	const char *start = p->at;
	char name[KSYM_NAME_LEN];

	if (field->kind != FILTER_NUMBER || field->size != sizeof(long))
		return fail_at(p, p->at + 1, ILLEGAL_OP);
	if (op != OP_EQ && op != OP_NE)
		return fail_at(p, p->at + 1, "Invalid operator");
	/* The compiler puts a dot into the names of the functions that it makes of others. */
	while (is_word(*p->at) || *p->at == '.' || *p->at == '$')
		p->at++;
	if ((size_t)(p->at - start) >= sizeof(name))
		return fail_at(p, p->at + 1, "Operand too long");
	memcpy(name, start, (size_t)(p->at - start));
	name[p->at - start] = '\0';
	if (!isdigit(*name))
		address = kallsyms_lookup_name(name);
	else if (kstrtoul(name, 0, &address))
		return fail_at(p, p->at + 1, "Invalid value (did you forget quotes)?");
	if (!address || !kallsyms_lookup_size_offset(address, &size, &offset))
		return fail_at(p, p->at + 1, "Function not found");
	/* The whole function: an event has the address of a call in it, not where it begins. */
	filter_step_range(step, field, address - offset, address - offset + size);
	return op == OP_NE;
}

/* N or N-M, and more of them behind commas; up to the closing brace at @end. */
static bool parse_cpus(struct parser *p, const char *end, u64 *set)
{
	*set = 0;
	for (;;) {
		unsigned int first = 0, last;

		if (!isdigit(*p->at))
			return false;
		/* From 64 on it is no CPU's number, so no further digit can make it too large. */
		while (isdigit(*p->at) && first < 64)
			first = 10 * first + (unsigned int)(*p->at++ - '0');
		last = first;
		if (*p->at == '-') {
			if (!isdigit(*++p->at))
				return false;
			for (last = 0; isdigit(*p->at) && last < 64; p->at++)
				last = 10 * last + (unsigned int)(*p->at - '0');
		}
		if (first > last || last >= NR_CPUS)
			return false;
		while (first <= last)
			*set |= 1ull << first++;
		if (p->at == end)
			return true;
		if (*p->at++ != ',')
			return false;
	}
}

static int parse_cpu_list(struct parser *p, struct filter_step *step,
			  const struct filter_field *field, enum filter_op op)
{
	const char *start = p->at, *end;
	u64 set;

	if (op != OP_EQ && op != OP_NE && op != OP_BAND)
		return fail_at(p, start + 1, ILLEGAL_OP);
	if (field->kind != FILTER_NUMBER && field->kind != FILTER_CPU)
		return fail_at(p, start + 1, ILLEGAL_OP);
	p->at += strlen("CPUS");
	if (*p->at++ != '{')
		return fail_at(p, p->at, "Missing '{'");
	end = strchr(p->at, '}');
	if (!end)
		return fail_at(p, p->at + strlen(p->at), "Missing '}'");
	if (!parse_cpus(p, end, &set))
		return fail_at(p, p->at + 1, "Invalid cpulist");
	p->at = end + 1;
	/* A number is a set of one: it equals no other set. */
	if (op != OP_BAND && set & (set - 1))
		set = 0;
	filter_step_set(step, field, set);
	return op == OP_NE;
}

static int parse_string(struct parser *p, struct filter_step *step,
			const struct filter_field *field, enum filter_op op)
{
	const char *start = p->at + 1, *end = strchr(start, *p->at);
	bool turned = op == OP_NE;
	size_t len;

	if (op != OP_EQ && op != OP_NE && op != OP_GLOB)
		return fail_at(p, p->at + 1, ILLEGAL_OP);
	if (field->kind == FILTER_OTHER)
		return fail_at(p, p->at + 1, ILLEGAL_OP);
	if (!event_field_is_text(field))
		return fail_at(p, p->at + 1, "Expecting numeric field");
	if (!end)
		return fail_at(p, p->at + strlen(p->at) + 1, "Missing matching quote");
	p->at = end + 1;
	/* In a glob, as on Linux, a ! at the beginning belongs to the operator. */
	if (op == OP_GLOB && *start == '!') {
		turned = true;
		start++;
	}
	len = (size_t)(end - start);
	if (len >= STRING_MAX)
		return fail_at(p, end + 1, "Operand too long");
	/* There is room for all of them, since each is a part of the expression. */
	memcpy(p->string, start, len);
	filter_step_text(step, field, op == OP_GLOB, p->string, len);
	p->string += len;
	return turned;
}

/* The value that the field has if it is compared with @number; false if it can never have it. */
static bool fit(const struct filter_field *field, const char *number, u64 *value)
{
	unsigned int unused = 64 - 8 * field->size;
	unsigned long long of_unsigned;
	long long of_signed;

	if (!field->is_signed) {
		if (kstrtoull(number, 0, &of_unsigned))
			return false;
		*value = of_unsigned;
		return of_unsigned << unused >> unused == of_unsigned;
	}
	if (kstrtoll(number, 0, &of_signed))
		return false;
	/* A positive number may be meant as the bits of a negative one. */
	*value = (u64)((long long)((u64)of_signed << unused) >> unused);
	return *value == (u64)of_signed || (u64)of_signed << unused >> unused == (u64)of_signed;
}

static int parse_number(struct parser *p, struct filter_step *step,
			const struct filter_field *field, enum filter_op op)
{
	const char *start = p->at;
	char number[NUMBER_MAX];
	u64 value;

	if (event_field_is_text(field))
		return fail_at(p, p->at + 1, "Expecting string field");
	if (op == OP_GLOB || field->kind == FILTER_OTHER)
		return fail_at(p, p->at + 1, ILLEGAL_OP);
	if (*p->at == '-')
		p->at++;
	/* Letters as well: 0x1f is a number, and 12ab is refused as a whole. */
	while (is_word(*p->at) && *p->at != '_')
		p->at++;
	if ((size_t)(p->at - start) >= sizeof(number))
		return fail_at(p, p->at + 1, "Operand too long");
	memcpy(number, start, (size_t)(p->at - start));
	number[p->at - start] = '\0';
	if (!fit(field, number, &value))
		return fail_at(p, start + 1, "Illegal integer value");
	return filter_step_number(step, field, op, value);
}

static bool parse_op(struct parser *p, enum filter_op *op)
{
	/* <= and >= come before < and >. */
	static const char *const ops[NR_FILTER_OPS] = {
		[OP_GLOB] = "~", [OP_NE] = "!=", [OP_EQ] = "==", [OP_LE] = "<=", [OP_LT] = "<",
		[OP_GE] = ">=", [OP_GT] = ">", [OP_BAND] = "&",
	};

	for (*op = 0; *op < NR_FILTER_OPS; (*op)++) {
		if (skip(p, ops[*op]))
			return true;
	}
	return false;
}

static int parse_value(struct parser *p, struct filter_step *step,
		       const struct filter_field *field, enum filter_op op)
{
	if (!strncmp(p->at, "CPUS", strlen("CPUS")))
		return parse_cpu_list(p, step, field, op);
	if (*p->at == '\'' || *p->at == '"')
		return parse_string(p, step, field, op);
	if (isdigit(*p->at) || *p->at == '-')
		return parse_number(p, step, field, op);
	return fail_at(p, p->at + 1, "Invalid value (did you forget quotes)?");
}

/* Not inline: what it has on the stack is not needed once for each open parenthesis. */
static noinline int parse_term(struct parser *p, struct operand *operand)
{
	struct filter_step *step = &p->filter->steps[p->nr];
	const char *name = p->at;
	struct filter_field field;
	bool function;
	enum filter_op op;
	int turned;

	if (!*name)
		return fail_at(p, name, "Meaningless filter expression");
	/* count_terms() knows no grammar, and there are no more steps than it has counted. */
	if (p->nr == p->max)
		return fail_at(p, name, TOO_MANY_TERMS);
	while (is_word(*p->at))
		p->at++;
	if (!event_find_field(p->call, name, (size_t)(p->at - name), &field))
		return fail_at(p, p->at + 1, FILTER_NO_FIELD);
	if (!strncmp(p->at, ".ustring", strlen(".ustring")))
		return fail_at(p, p->at + 1, "There are no strings of user space here");
	function = skip(p, ".function");
	skip_blanks(p);
	if (!parse_op(p, &op))
		return fail_at(p, p->at + 1, "Invalid operator");
	skip_blanks(p);
	turned = function ? parse_function(p, step, &field, op) : parse_value(p, step, &field, op);
	if (turned < 0)
		return turned;
	p->nr++;
	p->filter->has_cpu |= field.kind == FILTER_CPU;
	/* Where the step leads to is not known yet: each exit is a list with one place. */
	for (unsigned int yes = 0; yes < 2; yes++)
		operand->exits[yes] = (struct exits){ &step->next[yes], &step->next[yes] };
	if (turned)
		turn_round(operand);
	return 0;
}

/* --- Expressions --- */

static int parse_or(struct parser *p, struct operand *operand);

/* A term, or an expression in parentheses, with any number of ! in front. */
static int parse_not(struct parser *p, struct operand *operand)
{
	bool turned = false;
	int err;

	/* != and !~ without a field in front of them are left to the term, which refuses them. */
	while (skip_blanks(p) == '!' && p->at[1] != '=' && p->at[1] != '~') {
		turned = !turned;
		p->at++;
	}
	if (*p->at != '(') {
		err = parse_term(p, operand);
	} else if (p->depth == NESTING_MAX) {
		return fail_at(p, p->at, TOO_MANY_OPEN);
	} else {
		p->at++;
		p->depth++;
		err = parse_or(p, operand);
		p->depth--;
		if (!err && skip_blanks(p) != ')')
			return fail_at(p, p->at, TOO_MANY_TERMS);
		p->at += !err;
	}
	/* Turning costs no step of its own: the exits change their names. */
	if (!err && turned)
		turn_round(operand);
	return err;
}

/* The operands of one operator: each but the last is followed by the next one if it is @go_on. */
static int parse_chain(struct parser *p, struct operand *operand, const char *operator, bool go_on,
		       int (*parse)(struct parser *p, struct operand *operand))
{
	struct operand next;
	int err = parse(p, operand);

	while (!err) {
		skip_blanks(p);
		if (!skip(p, operator))
			break;
		/* The next operand's first step will be the next one that is made. */
		lead_to(&operand->exits[go_on], &p->filter->steps[p->nr]);
		err = parse(p, &next);
		if (err)
			break;
		/* The last operand alone decides to go on; each of them can decide the opposite. */
		operand->exits[go_on] = next.exits[go_on];
		join(&operand->exits[!go_on], &next.exits[!go_on]);
	}
	return err;
}

static int parse_and(struct parser *p, struct operand *operand)
{
	return parse_chain(p, operand, "&&", true, parse_not);
}

static int parse_or(struct parser *p, struct operand *operand)
{
	return parse_chain(p, operand, "||", false, parse_and);
}

static int parse_all(struct parser *p)
{
	struct operand all;
	int err = parse_or(p, &all);

	if (err)
		return err;
	if (skip_blanks(p))
		return fail_at(p, p->at, TOO_MANY_TERMS);
	lead_to(&all.exits[false], FILTER_NO);
	lead_to(&all.exits[true], FILTER_YES);
	return 0;
}

/* --- Before all that: do quotes and parentheses match, and how many terms may there be? --- */

/* Returns the place of the parenthesis that is never closed. */
static const char *find_open(const char *text)
{
	const char *open[NESTING_MAX + 1] = { text };
	unsigned int depth = 0;
	char quote = 0;

	for (; *text; text++) {
		/* A parenthesis in quotes is text. */
		if (quote || *text == '"' || *text == '\'')
			quote = !quote ? *text : quote == *text ? 0 : quote;
		else if (*text == '(' && depth < ARRAY_SIZE(open))
			open[depth++] = text;
		else if (*text == ')' && depth)
			depth--;
	}
	return open[depth ? depth - 1 : 0];
}

static int count_terms(struct parser *p)
{
	const char *at = p->text, *quote = NULL;
	unsigned int depth = 0;
	bool in_term = false;

	for (; *at; at++) {
		if (quote) {
			if (*at == *quote)
				quote = NULL;
		} else if (*at == '(' || ((*at == '|' || *at == '&') && at[1] == *at)) {
			/* An operator has a second character; a single & is part of a term. */
			depth += *at == '(';
			at += *at != '(';
			in_term = false;
		} else if (*at == ')') {
			if (!depth--)
				return fail_at(p, at, "Too few '('");
			in_term = false;
		} else if (!isspace(*at)) {
			quote = *at == '"' || *at == '\'' ? at : NULL;
			p->max += !in_term;
			in_term = true;
		}
	}
	if (quote)
		return fail_at(p, quote, "Missing matching quote");
	if (depth)
		return fail_at(p, find_open(p->text), TOO_MANY_OPEN);
	return p->max ? 0 : fail_at(p, p->text, "No filter found");
}

void event_filter_free(struct event_filter *filter)
{
	if (!filter)
		return;
	kfree(filter->text);
	kfree(filter->strings);
	kfree(filter);
}

static struct event_filter *alloc_filter(const char *text, unsigned int nr)
{
	struct event_filter *filter = kzalloc(sizeof(*filter) + nr * sizeof(filter->steps[0]),
					      GFP_KERNEL);
	size_t size = strlen(text) + 1;

	if (!filter)
		return NULL;
	filter->text = kmalloc(size, GFP_KERNEL);
	filter->strings = kmalloc(size, GFP_KERNEL);	/* they are parts of the text */
	if (filter->text && filter->strings) {
		memcpy(filter->text, text, size);
		return filter;
	}
	event_filter_free(filter);
	return NULL;
}

int event_filter_create(const struct trace_event_call *call, const char *text,
			struct event_filter **filter, struct filter_error *error)
{
	struct parser p = { .call = call, .error = error, .text = text, .at = text };
	int err = count_terms(&p);

	if (err)
		return err;
	/* All steps at once: exits point into them, so they cannot move when more are needed. */
	p.filter = alloc_filter(text, p.max);
	if (!p.filter)
		return -ENOMEM;
	p.string = p.filter->strings;
	err = parse_all(&p);
	if (err) {
		event_filter_free(p.filter);
		return err;
	}
	*filter = p.filter;
	return 0;
}
