/* SPDX-License-Identifier: MIT */
/*
 * Makes programs of the arguments of a dynamic event: NAME=FETCH:TYPE. The words lie in the line
 * that was written, so a pointer into it tells the place of an error. Errors are Linux's, in its
 * words, and where it says that they are.
 */
#include "kernel/arch.h"
#include "kernel/kallsyms.h"
#include "kernel/lib/ctype.h"
#include "kernel/lib/errno.h"
#include "kernel/lib/string.h"
#include "kernel/mm/mm.h"
#include "trace/output/prototypes.h"
#include "trace/probes/probe.h"
#include "trace/probes/probe_words.h"

#define A_STRUCTURE "Non pointer structure/union argument is not supported."
#define STACK_WORDS 1024u		/* $stackN goes no further up */

struct parser {
	struct probe_event *event;
	const struct probe_place *place;
	struct probe_arg *arg;
	const char *line;		/* all of it, for the places of errors */
	const char *expanded;		/* the $arg* that the word is from; or NULL */
	struct probe_error *error;
	char kind;			/* of the type if none is named: u, s, or x */
	unsigned int size;
	bool char_pointer;		/* the value is the address of a text */
	bool is_named;			/* it is an argument by its name */
};

static int fail(struct parser *p, const char *at, const char *text)
{
	p->error->text = text;
	p->error->pos = (unsigned int)((p->expanded ? p->expanded : at) - p->line);
	return -EINVAL;
}

/* --- What the prototype tells --- */

struct known_arg {
	char name[PROBE_ARG_NAME_MAX];
	struct prototype_type type;
	unsigned int word, nr_words;
};

/*
 * Find the argument by its name or, if that is NULL, by its number. *@known tells whether there is
 * a prototype at all.
 */
static bool find_arg(const struct probe_place *place, const char *name, unsigned int number,
		     struct known_arg *found, bool *known)
{
	unsigned long flags = arch_irq_save();
	struct prototype prototype;
	struct prototype_walk walk;
	struct prototype_arg arg;
	bool is_there = false;
	unsigned int unused;

	/* Interrupts are off because a module's table goes with it. */
	*known = place->site && prototype_find(&prototype, place->site);
	if (*known) {
		prototype_walk_start(&walk, &prototype);
		for (unsigned int i = 0; i < place->skip; i++)
			arch_ftrace_arg_words(&walk.words, sizeof(long), false, &unused);
		while (!is_there && prototype_walk_next(&walk, &arg))
			is_there = name ? !strcmp(arg.name, name) : !number--;
	}
	if (is_there) {
		strscpy(found->name, arg.name, sizeof(found->name));
		found->type = arg.type;
		found->word = arg.word;
		found->nr_words = arg.nr_words;
	}
	arch_irq_restore(flags);
	return is_there;
}

static bool find_result(const struct probe_place *place, struct prototype_type *type)
{
	unsigned long flags = arch_irq_save();
	struct prototype prototype;
	bool known = place->site && prototype_find(&prototype, place->site);

	if (known)
		*type = prototype.result;
	arch_irq_restore(flags);
	return known;
}

static void take_type(struct parser *p, const struct prototype_type *type)
{
	bool is_signed = type->kind == PROTOTYPE_SIGNED || type->kind == PROTOTYPE_ENUM_SIGNED;

	p->char_pointer = type->kind == PROTOTYPE_STRING;
	if (type->kind == PROTOTYPE_POINTER || type->kind == PROTOTYPE_STRING)
		return;
	p->kind = is_signed ? 's' : 'u';
	p->size = type->size;
}

/* --- Steps --- */

static int add_step(struct parser *p, const char *at, enum fetch_op op, unsigned long value)
{
	struct probe_arg *arg = p->arg;

	if (arg->nr_steps == PROBE_STEPS_MAX)
		return fail(p, at, "Dereference is too much nested");
	arg->steps[arg->nr_steps++] = (struct fetch_step){ op, value };
	return 0;
}

static int add_words(struct parser *p, const char *at, unsigned int word, unsigned int nr)
{
	if (word + nr > PROBE_WORDS)
		return fail(p, at, "$argN failed because the argument number is too big");
	p->event->nr_words = max(p->event->nr_words, word + nr);
	return add_step(p, at, nr > 1 ? FETCH_TWO_WORDS : FETCH_WORD, word);
}

static int add_known(struct parser *p, const char *at, const struct known_arg *known)
{
	if (known->type.kind == PROTOTYPE_STRUCTURE || !known->nr_words)
		return fail(p, at, A_STRUCTURE);
	take_type(p, &known->type);
	return add_words(p, at, known->word, known->nr_words);
}

/* $argN: by the prototype, or a word, if nothing is known. */
static int parse_number_of_arg(struct parser *p, const char *at, const char *digits)
{
	struct known_arg known;
	unsigned long number;
	bool has_prototype;

	if (kstrtoul(digits, 10, &number) || !number || number > PROBE_WORDS)
		return fail(p, digits, "Invalid argument number");
	if (find_arg(p->place, NULL, (unsigned int)number - 1, &known, &has_prototype))
		return add_known(p, at, &known);
	return add_words(p, at, (unsigned int)number - 1 + p->place->skip, 1);
}

static int parse_retval(struct parser *p, const char *at)
{
	struct prototype_type type;

	if (!p->event->is_return)
		return fail(p, at, "$retval is not available on probe");
	if (find_result(p->place, &type)) {
		if (type.kind == PROTOTYPE_VOID)
			return fail(p, at, "This function returns 'void' type");
		if (type.kind == PROTOTYPE_STRUCTURE)
			return fail(p, at, A_STRUCTURE);
		take_type(p, &type);
	}
	return add_step(p, at, p->size > sizeof(long) ? FETCH_WIDE_RESULT : FETCH_RESULT, 0);
}

static int parse_stack(struct parser *p, const char *at, const char *digits)
{
	unsigned long number;
	int err;

	/* Neither a tracepoint nor every way to make a site tells the registers. */
	if (p->event->kind == PROBE_TRACEPOINT || !FTRACE_HAVE_ARGS)
		return fail(p, at, "Invalid $-valiable specified");
	if (!*digits)
		return add_step(p, at, FETCH_STACK_POINTER, 0);
	if (kstrtoul(digits, 10, &number) || number > STACK_WORDS)
		return fail(p, digits, "Invalid stack number");
	err = add_step(p, at, FETCH_STACK_POINTER, 0);
	return err ? err : add_step(p, at, FETCH_MEMORY, number * sizeof(long));
}

static int parse_variable(struct parser *p, const char *at)
{
	const char *name = at + 1;

	if (!strcmp(name, "retval"))
		return parse_retval(p, at);
	if (!strcmp(name, "comm") || !strcmp(name, "COMM"))
		return add_step(p, at, FETCH_COMM, 0);
	if (!strncmp(name, "stack", 5))
		return parse_stack(p, at, name + 5);
	if (!strncmp(name, "arg", 3))
		return parse_number_of_arg(p, at, name + 3);
	return fail(p, at, "Invalid $-valiable specified");
}

static int parse_register(struct parser *p, const char *at)
{
	int offset = p->event->kind == PROBE_TRACEPOINT || !FTRACE_HAVE_ARGS ? -EINVAL :
		     ftrace_regs_query_register_offset(at + 1);

	if (offset < 0)
		return fail(p, at, "Invalid register name");
	return add_step(p, at, FETCH_REGISTER, (unsigned long)offset);
}

/* Split a signed number from the end of NAME+NUMBER. */
static bool split_offset(char *name, long *offset)
{
	char *sign = probe_find_any(name, "+-");
	long long value = 0;

	if (*sign && kstrtoll(sign, 0, &value))
		return false;
	*offset = (long)value;
	*sign = '\0';
	return value == (long)value;
}

static int parse_memory(struct parser *p, char *at)
{
	char *name = at + 1;
	unsigned long addr;
	long offset = 0;
	int err;

	if (*name == '+')
		return fail(p, name, "File offset is not available with kprobe");
	/* No symbol begins with a digit, so this tells an address from a name. */
	if (isdigit(*name)) {
		if (kstrtoul(name, 0, &addr))
			return fail(p, name, "Invalid memory address");
	} else {
		if (!split_offset(name, &offset))
			return fail(p, name, "Invalid memory address");
		addr = kallsyms_lookup_name(name);
		if (!addr && !kallsyms_exported(name, &addr))
			return fail(p, name, "Invalid memory address");
	}
	err = add_step(p, at, FETCH_NUMBER, addr);
	return err ? err : add_step(p, at, FETCH_MEMORY, (unsigned long)offset);
}

static int parse_immediate(struct parser *p, char *at)
{
	size_t len = strlen(at);
	long long value;

	if (at[1] != '"') {
		if (kstrtoll(at + 1, 0, &value))
			return fail(p, at + 1, "Invalid immediate value");
		return add_step(p, at, FETCH_NUMBER, (unsigned long)value);
	}
	if (len < 3 || at[len - 1] != '"')
		return fail(p, at + len, "String is not closed with '\"'");
	at[len - 1] = '\0';
	p->arg->string = kstrdup(at + 2, GFP_KERNEL);
	if (!p->arg->string)
		return -ENOMEM;
	return add_step(p, at, FETCH_STRING, 0);
}

static int parse_named(struct parser *p, char *at)
{
	const char *member = probe_find_any(at, "-.>");
	struct known_arg known;
	bool has_prototype;

	/* The table has functions, and says nothing of structures. */
	if (*member)
		return fail(p, member, "BTF is not available or not supported");
	p->is_named = true;
	if (find_arg(p->place, at, 0, &known, &has_prototype))
		return add_known(p, at, &known);
	return fail(p, at, has_prototype ? "This variable is not found at this probe point" :
		    "No BTF entry for this probe point");
}

static bool is_text_op(const struct fetch_step *step)
{
	return step->op == FETCH_COMM || step->op == FETCH_STRING;
}

static int parse_fetch(struct parser *p, char *at);

/* +OFFSET(FETCH), with a `u` that changes nothing. */
static int parse_dereference(struct parser *p, char *at)
{
	char *digits = at[1] == 'u' ? at + 2 : at + 1, *open = strchr(at, '('), *close;
	unsigned long long offset;
	int err;

	if (!open)
		return fail(p, at + strlen(at), "Dereference needs a brace");
	*open = '\0';
	if (kstrtoull(digits, 0, &offset))
		return fail(p, digits, "Invalid dereference offset");
	close = strrchr(open + 1, ')');
	if (!close)
		return fail(p, open + 1 + strlen(open + 1), "Dereference brace is not closed");
	if (close[1])
		return fail(p, close + 1, "Invalid fetch argument");
	*close = '\0';
	err = parse_fetch(p, open + 1);
	if (err)
		return err;
	if (is_text_op(&p->arg->steps[p->arg->nr_steps - 1]))
		return fail(p, open + 1, "$comm can not be dereferenced");
	/* What is there has no type but the one that the line may name. */
	p->kind = 'x';
	p->size = sizeof(long);
	p->char_pointer = false;
	p->is_named = false;
	return add_step(p, at, FETCH_MEMORY, (unsigned long)(*at == '-' ? -offset : offset));
}

/* The parser calls itself once for each dereference, of which a word of 63 bytes has few. */
static int parse_fetch(struct parser *p, char *at)
{
	switch (*at) {
	case '$':
		return parse_variable(p, at);
	case '%':
		return parse_register(p, at);
	case '@':
		return parse_memory(p, at);
	case '+':
	case '-':
		return parse_dereference(p, at);
	case '\\':
		return parse_immediate(p, at);
	}
	if (probe_starts_name(*at))
		return parse_named(p, at);
	return fail(p, at, "Invalid fetch argument");
}

/* --- Types --- */

/* b<BITS>@<FIRST>/<SIZE>: bits of a number of SIZE bits. */
static int parse_bit_field(struct parser *p, char *at)
{
	char *first = strchr(at, '@'), *size = first ? strchr(first, '/') : NULL;
	int bits, shift, whole;

	if (size) {
		*first = *size = '\0';
		if (!kstrtoint(at + 1, 0, &bits) && !kstrtoint(first + 1, 0, &shift) &&
		    !kstrtoint(size + 1, 0, &whole) && bits > 0 && shift >= 0 &&
		    whole <= 64 && whole % 8 == 0 && bits <= whole - shift) {
			p->arg->type = probe_type_number('u', (unsigned int)whole / 8);
			p->arg->bits = (u8)bits;
			p->arg->shift = (u8)shift;
			if (p->arg->type)
				return 0;
		}
	}
	return fail(p, at, "Invalid bitfield");
}

/* TYPE[NUMBER]; @at is behind the colon. */
static int parse_type(struct parser *p, char *at)
{
	char *open = strchr(at, '['), *close;
	int count;

	if (open) {
		close = strchr(open, ']');
		if (!close)
			return fail(p, open + strlen(open), "Array is not closed");
		if (close[1])
			return fail(p, close + 1, "Array has wrong suffix");
		*open = *close = '\0';
		if (kstrtoint(open + 1, 0, &count) || count <= 0)
			return fail(p, open + 1, "Invalid array size");
		if (count > PROBE_ARRAY_MAX)
			return fail(p, open + 1, "Array number is too big");
		p->arg->count = (u16)count;
	}
	/* With a digit behind it, it is the first letter of no other type. */
	if (*at == 'b' && isdigit(at[1]))
		return parse_bit_field(p, at);
	p->arg->type = probe_type_find(at);
	return p->arg->type ? 0 : fail(p, at, "Unknown type is specified");
}

static int choose_type(struct parser *p, const char *at, const char *type)
{
	struct probe_arg *arg = p->arg;
	const struct fetch_step *last = &arg->steps[arg->nr_steps - 1];
	bool is_text = is_text_op(last);

	if (!arg->type)
		arg->type = is_text ? probe_type_find("string") :
			    probe_type_number(p->kind, p->size);
	if (!arg->type)
		return fail(p, at, "Unknown type is specified");
	if (is_text && (!probe_arg_is_text(arg) || arg->count || arg->type->symbol_text))
		return fail(p, type, arg->type->symbol_text ?
			    "Symbol String doesn't accept data/userdata" :
			    "$comm and immediate-string only accepts string type");
	if (is_text || last->op == FETCH_MEMORY || arg->type->symbol_text)
		return arg->count && last->op != FETCH_MEMORY ?
		       fail(p, type, "String accepts only memory argument") : 0;
	/* An address of characters leads to a text without a dereference. */
	if (probe_arg_is_text(arg) && p->char_pointer && !arg->count)
		return add_step(p, at, FETCH_MEMORY, 0);
	if (probe_arg_is_text(arg))
		return fail(p, type, p->is_named ? "This type does not fit for string." :
			    "String accepts only memory argument");
	return arg->count ? fail(p, type, "String accepts only memory argument") : 0;
}

/* --- Arguments --- */

/* The colon in front of the type: not one that is in a string. */
static char *find_type(char *at)
{
	char *quote = strchr(at, '"'), *end = quote ? strrchr(at, '"') : NULL;

	return strchr(end ? end : at, ':');
}

static int parse_body(struct parser *p, char *at)
{
	char *type;
	int err;

	if (!*at)
		return fail(p, at, "No argument expression");
	if (strlen(at) > PROBE_ARG_TEXT_MAX)
		return fail(p, at, "Argument expression is too long");
	strscpy(p->arg->text, at, sizeof(p->arg->text));
	p->kind = 'x';
	p->size = sizeof(long);
	type = find_type(at);
	if (type) {
		*type++ = '\0';
		err = parse_type(p, type);
		if (err)
			return err;
	}
	err = parse_fetch(p, at);
	return err ? err : choose_type(p, at, type ? type : at);
}

static bool is_taken(const struct probe_event *event, const char *name)
{
	static const char *const own[] = {
		"common_type", "common_flags", "common_preempt_count", "common_pid",
		"__probe_ip", "__probe_ret_ip", "__probe_func",
	};

	for (unsigned int i = 0; i < ARRAY_SIZE(own); i++)
		if (!strcmp(own[i], name))
			return true;
	for (unsigned int i = 0; i < event->nr_args; i++)
		if (!strcmp(event->args[i].name, name))
			return true;
	return false;
}

/* The name in front of `=`, or that of the variable, or a number. */
static int parse_name(struct parser *p, char *word, char **body)
{
	char *equals = strchr(word, '='), *name = p->arg->name;
	size_t len = equals ? (size_t)(equals - word) : probe_name_len(word);

	*body = equals ? equals + 1 : word;
	if (equals == word)
		return fail(p, word, "Argument name is not specified");
	if (len >= PROBE_ARG_NAME_MAX)
		return fail(p, word, "Argument name is too long");
	if (!equals && !len) {
		scnprintf(name, PROBE_ARG_NAME_MAX, "arg%u", p->event->nr_args + 1);
	} else {
		memcpy(name, word, len);
		name[len] = '\0';
	}
	if (!probe_good_name(name))
		return fail(p, word, "Argument name must follow the same rules as C identifiers");
	return is_taken(p->event, name) ?
	       fail(p, word, "This argument name is already used") : 0;
}

static int parse_arg(struct parser *p, char *word)
{
	struct probe_event *event = p->event;
	char *body;
	int err;

	p->arg = &event->args[event->nr_args];
	p->char_pointer = p->is_named = false;
	err = parse_name(p, word, &body);
	if (!err)
		err = parse_body(p, body);
	/* One that failed half-way may have a string. */
	if (err)
		kfree(p->arg->string);
	else
		event->nr_args++;
	return err;
}

static int parse_all(struct parser *p, const char *word)
{
	struct known_arg known;
	bool has_prototype;
	int err = 0;

	/* The names are not in the line: an error about one of them shows $arg* itself. */
	p->expanded = word;
	for (unsigned int i = 0; !err; i++) {
		if (!find_arg(p->place, NULL, i, &known, &has_prototype)) {
			err = has_prototype ? 0 :
			      fail(p, word, "No BTF entry for this probe point");
			break;
		}
		err = p->event->nr_args == PROBE_ARGS_MAX ?
		      fail(p, word, "$arg* failed because the argument list is too long") :
		      parse_arg(p, known.name);
	}
	p->expanded = NULL;
	return err;
}

/* Most events have few arguments: give back the room for the others. */
static int keep_args(struct probe_event *event)
{
	size_t size = event->nr_args * sizeof(*event->args);
	struct probe_arg *args = event->args;

	event->args = kmalloc(size ? size : 1, GFP_KERNEL);
	if (!event->args) {
		event->args = args;
		return -ENOMEM;
	}
	memcpy(event->args, args, size);
	kfree(args);
	return 0;
}

int probe_parse_args(struct probe_event *event, const struct probe_place *place, const char *line,
		     char **words, unsigned int nr, struct probe_error *error)
{
	struct parser p = { .event = event, .place = place, .line = line, .error = error };
	bool all = false;
	int err = 0;

	if (nr > PROBE_ARGS_MAX) {
		fail(&p, words[PROBE_ARGS_MAX], "Too many arguments are specified");
		return -E2BIG;
	}
	/* $arg* may become any number of them, so there is room for all. */
	event->args = kcalloc(PROBE_ARGS_MAX, sizeof(*event->args), GFP_KERNEL);
	if (!event->args)
		return -ENOMEM;
	for (unsigned int i = 0; !err && i < nr; i++) {
		if (strcmp(words[i], "$arg*")) {
			err = event->nr_args == PROBE_ARGS_MAX ?
			      fail(&p, words[i], "Too many arguments are specified") :
			      parse_arg(&p, words[i]);
			continue;
		}
		err = all ? fail(&p, words[i], "$arg* can be used only once in the parameters") :
		      parse_all(&p, words[i]);
		all = true;
	}
	return err ? err : keep_args(event);
}
