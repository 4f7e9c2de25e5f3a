/* SPDX-License-Identifier: MIT */
/*
 * What people write into a file `trigger` behind "hist:", as Linux has it: parameters with colons
 * in between. They are cut out of a copy of the text, in which names stay as long as the histogram.
 * Errors have Linux's words. Their places are those where the wrong word is, also if the same word
 * comes before, which misleads Linux.
 */
#include "kernel/kallsyms.h"
#include "kernel/lib/errno.h"
#include "kernel/lib/string.h"
#include "kernel/lockdep.h"
#include "kernel/mm/mm.h"
#include "trace/events/hist.h"
#include "trace/events/trace_events.h"

#define PREFIX (sizeof("hist:") - 1)	/* what the place of an error counts from */
#define TEXT_MAX 1000u

#define NO_FIELD "Couldn't find field"
#define BAD_MODIFIER "Invalid field modifier"
#define NO_VARIABLES "There are no variables in histograms here"
#define NO_EXPRESSIONS "There are no expressions in histograms here"
#define NO_ACTIONS "There are no inter-event actions here"

/* What stands behind `=` in the parameters. NULL: it is not given. */
struct params {
	char *keys, *vals, *sort, *name, *clock, *size, *no_hitcount;
};

struct parser {
	const struct trace_event_file *file;
	struct hist *hist;
	struct hist_request *request;
	struct trigger_error *error;
	struct params params;
	unsigned int bits;
};

const char *const hist_modifiers[NR_HIST_MODIFIERS] = {
	[HIST_HEX] = "hex", [HIST_SYM] = "sym", [HIST_SYM_OFFSET] = "sym-offset",
	[HIST_EXECNAME] = "execname", [HIST_LOG2] = "log2", [HIST_BUCKETS] = "buckets",
	[HIST_USECS] = "usecs", [HIST_STACK_FIELD] = "stacktrace", [HIST_PERCENT] = "percent",
	[HIST_GRAPH] = "graph",
};

static int fail_at(struct parser *p, const char *at, const char *text)
{
	p->error->text = text;
	p->error->pos = (unsigned int)(PREFIX + (size_t)(at - p->hist->text));
	return -EINVAL;
}

/* --- Parameters --- */

static int set_param(struct parser *p, char *word, char *value)
{
	struct params *to = &p->params;
	const struct {
		const char *name;
		char **place;
	} known[] = {
		{ "keys", &to->keys }, { "key", &to->keys }, { "vals", &to->vals },
		{ "val", &to->vals }, { "values", &to->vals }, { "sort", &to->sort },
		{ "name", &to->name }, { "clock", &to->clock }, { "size", &to->size },
	};

	if (!*value)
		return fail_at(p, word, "Empty assignment");
	for (unsigned int i = 0; i < ARRAY_SIZE(known); i++) {
		size_t len = strlen(known[i].name);

		/* @value is behind the '=', so the word in front of it is one byte shorter. */
		if ((size_t)(value - word) != len + 1 || strncmp(word, known[i].name, len))
			continue;
		if (*known[i].place)
			return fail_at(p, word, "This parameter is given twice");
		*known[i].place = value;
		return 0;
	}
	return fail_at(p, word, strchr(word, '(') ? NO_ACTIONS : NO_VARIABLES);
}

static int set_word(struct parser *p, char *word)
{
	if (!strcmp(word, "pause"))
		p->request->pause = true;
	else if (!strcmp(word, "cont") || !strcmp(word, "continue"))
		p->request->cont = true;
	else if (!strcmp(word, "clear"))
		p->request->clear = true;
	else if (!strcmp(word, "nohitcount") || !strcmp(word, "NOHC"))
		p->params.no_hitcount = word;
	else
		return fail_at(p, word, strchr(word, '(') ? NO_ACTIONS : "Unknown parameter");
	return 0;
}

static int parse_params(struct parser *p)
{
	char *rest = p->hist->text;
	int err = 0;

	while (!err && rest) {
		char *word = strsep(&rest, ":"), *value = strchr(word, '=');

		err = value ? set_param(p, word, value + 1) : set_word(p, word);
	}
	if (!err && !p->params.keys)
		return fail_at(p, p->hist->text, "keys= is missing");
	return err;
}

/* A size becomes the next power of two. */
static int parse_size(struct parser *p)
{
	unsigned long size;

	p->bits = TRACING_MAP_BITS_DEFAULT;
	if (!p->params.size)
		return 0;
	if (kstrtoul(p->params.size, 0, &size) || !size || size > 1ul << TRACING_MAP_BITS_MAX)
		return fail_at(p, p->params.size, "Not a size from 128 to 131072");
	p->bits = 0;
	while (1ul << p->bits < size)
		p->bits++;
	if (p->bits < TRACING_MAP_BITS_MIN)
		return fail_at(p, p->params.size, "Not a size from 128 to 131072");
	return 0;
}

static int parse_clock(struct parser *p)
{
	unsigned int i = 0;

	p->hist->clock = p->params.clock ? p->params.clock : "global";
	while (i < nr_trace_clocks && strcmp(trace_clocks[i].name, p->hist->clock))
		i++;
	if (i == nr_trace_clocks)
		return fail_at(p, p->params.clock, "Couldn't set trace_clock");
	return 0;
}

/* --- Fields --- */

static int find_source(struct parser *p, char *name, struct hist_field *field)
{
	field->name = name;
	if (!strcmp(name, "hitcount"))
		field->source = HIST_HITCOUNT;
	else if (!strcmp(name, "common_timestamp"))
		field->source = HIST_TIMESTAMP;
	else if (!strcmp(name, "common_stacktrace"))
		field->source = HIST_STACKTRACE;
	else if (event_find_field(p->file->call, name, strlen(name), &field->field))
		field->source = field->field.kind == FILTER_CPU ? HIST_CPU :
				field->field.kind == FILTER_COMM ? HIST_COMM_FIELD :
				event_field_is_text(&field->field) ? HIST_TEXT_FIELD : HIST_NUMBER;
	else if (!strcmp(name, "stacktrace"))
		field->source = HIST_STACKTRACE;
	else
		return fail_at(p, name, NO_FIELD);
	/* Older names of what has another one now are shown by that, as on Linux. */
	if (field->source == HIST_CPU)
		field->name = "common_cpu";
	else if (field->source == HIST_COMM_FIELD)
		field->name = "common_comm";
	else if (field->source == HIST_STACKTRACE)
		field->name = "common_stacktrace";
	return 0;
}

static bool is_number(const struct hist_field *field)
{
	return field->source == HIST_CPU || field->source == HIST_TIMESTAMP ||
	       (field->source == HIST_NUMBER && field->field.kind == FILTER_NUMBER);
}

/* A field that has a stack: an array of addresses, of variable length. */
static bool is_stack(const struct hist_field *field)
{
	const struct trace_event_field *own = field->field.own;

	return field->source == HIST_NUMBER && own && own->dynamic &&
	       !strcmp(own->type, "unsigned long");
}

/* May the field have its modifier, as a key or as a value? */
static bool suits(const struct hist_field *field, bool is_key)
{
	switch (field->modifier) {
	case HIST_PLAIN:
		return true;
	case HIST_HEX:
		return is_number(field);
	case HIST_SYM:
	case HIST_SYM_OFFSET:
	case HIST_LOG2:
	case HIST_BUCKETS:
		return is_key && is_number(field);
	case HIST_EXECNAME:
		return is_key && !strcmp(field->name, "common_pid");
	case HIST_USECS:
		return field->source == HIST_TIMESTAMP;
	case HIST_STACK_FIELD:
		return is_key && is_stack(field);
	default:
		return !is_key && (is_number(field) || field->source == HIST_HITCOUNT);
	}
}

static bool parse_buckets(struct hist_field *field, const char *modifier)
{
	const char *width = strchr(modifier, '=');

	field->modifier = HIST_BUCKETS;
	return width && !kstrtoul(width + 1, 0, &field->buckets) && field->buckets;
}

static int parse_modifier(struct parser *p, struct hist_field *field, const char *modifier,
			  bool is_key)
{
	enum hist_modifier i = HIST_PLAIN + 1;

	if (!strncmp(modifier, "bucket", strlen("bucket"))) {
		if (!parse_buckets(field, modifier))
			return fail_at(p, modifier, BAD_MODIFIER);
	} else {
		while (i < NR_HIST_MODIFIERS && strcmp(modifier, hist_modifiers[i]))
			i++;
		field->modifier = i;
	}
	if (field->modifier == NR_HIST_MODIFIERS || !suits(field, is_key))
		return fail_at(p, modifier, BAD_MODIFIER);
	return 0;
}

static int parse_field(struct parser *p, char *word, struct hist_field *field, bool is_key)
{
	char *modifier = word, *name;
	int err;

	if (strchr(word, '$'))
		return fail_at(p, word, NO_VARIABLES);
	*field = (struct hist_field){ .name = NULL };
	name = strsep(&modifier, ".");
	if (strchr(name, '='))
		return fail_at(p, word, NO_VARIABLES);
	/* No name of a field has one of these, so this is what Linux calls an expression. */
	for (const char *c = name; *c; c++) {
		if (strchr("+-*/", *c))
			return fail_at(p, word, NO_EXPRESSIONS);
	}
	err = find_source(p, name, field);
	if (!err && modifier)
		err = parse_modifier(p, field, modifier, is_key);
	if (err)
		return err;
	if (field->modifier == HIST_STACK_FIELD)
		field->source = HIST_STACKTRACE;
	if (is_key && field->source == HIST_HITCOUNT)
		return fail_at(p, name, NO_FIELD);
	if (field->source == HIST_NUMBER && field->field.kind != FILTER_NUMBER)
		return fail_at(p, name, "Neither a number nor a text");
	if (!is_key && !is_number(field) && field->source != HIST_HITCOUNT)
		return fail_at(p, name, "Only numbers can be values");
	p->hist->timestamps |= field->source == HIST_TIMESTAMP;
	return 0;
}

static unsigned int words_of(const struct hist_field *field)
{
	unsigned int bytes = sizeof(u64);

	if (field->source == HIST_STACKTRACE)
		return HIST_STACK;
	if (field->source == HIST_COMM_FIELD)
		bytes = HIST_COMM;
	else if (field->source == HIST_TEXT_FIELD)
		bytes = field->field.kind == FILTER_TEXT ? min(field->field.size + 1u, HIST_TEXT) :
			HIST_TEXT;
	return DIV_ROUND_UP(bytes, (unsigned int)sizeof(u64));
}

static int parse_vals(struct parser *p)
{
	struct hist *hist = p->hist;
	char *rest = p->params.vals;
	int err = 0;

	hist->fields[0] = (struct hist_field){ .name = "hitcount", .source = HIST_HITCOUNT };
	hist->nr_vals = 1;
	while (!err && rest) {
		char *word = strsep(&rest, ",");

		/* It is always there. */
		if (!strcmp(word, "hitcount"))
			continue;
		if (hist->nr_vals == HIST_VALS_MAX)
			return fail_at(p, word, "Too many values (7 max)");
		err = parse_field(p, word, &hist->fields[hist->nr_vals++], false);
	}
	if (!err && p->params.no_hitcount) {
		hist->no_hitcount = true;
		if (hist->nr_vals == 1)
			return fail_at(p, p->params.no_hitcount,
				       "Non-hitcount value is required for 'nohitcount'");
	}
	return err;
}

static int parse_keys(struct parser *p)
{
	struct hist *hist = p->hist;
	char *rest = p->params.keys;
	unsigned int at = 0;
	int err = 0;

	while (!err && rest) {
		struct hist_field *field = &hist->fields[hist->nr_vals + hist->nr_keys];
		char *word = strsep(&rest, ",");

		if (hist->nr_keys == HIST_KEYS_MAX)
			return fail_at(p, word, "Too many keys (3 max)");
		err = parse_field(p, word, field, true);
		if (err)
			break;
		/* Keys lie one behind the other, so that a whole key is compared at once. */
		hist->nr_keys++;
		field->at = at;
		field->words = words_of(field);
		at += field->words;
	}
	return err;
}

/* A single key that is a plain number is looked up where it is. */
static void find_short_key(struct hist *hist)
{
	const struct hist_field *key = &hist->fields[hist->nr_vals];
	unsigned int size = key->field.size;

	if (hist->nr_keys != 1 || key->source != HIST_NUMBER || key->modifier == HIST_LOG2 ||
	    key->modifier == HIST_BUCKETS || (size != sizeof(u32) && size != sizeof(long)))
		return;
	hist->short_key = key->field.offset;
	hist->short_wide = size == sizeof(u64);
	hist->short_signed = key->field.is_signed;
}

/* --- Order --- */

static int parse_sort_key(struct parser *p, char *word)
{
	struct hist *hist = p->hist;
	char *modifier = word, *name = strsep(&modifier, ".");
	struct hist_sort *sort = &hist->sort[hist->nr_sort];

	if (!*name)
		return fail_at(p, word, "Empty sort field");
	if (modifier && strcmp(modifier, "descending") && strcmp(modifier, "ascending"))
		return fail_at(p, modifier, "Invalid sort modifier");
	/* The first one counts if two have the name, as a value and as a key. */
	sort->field = 0;
	while (sort->field < hist->nr_vals + hist->nr_keys &&
	       strcmp(hist->fields[sort->field].name, name))
		sort->field++;
	if (sort->field == hist->nr_vals + hist->nr_keys)
		return fail_at(p, name, "Sort field must be a key or a val");
	sort->descending = modifier && *modifier == 'd';
	hist->nr_sort++;
	return 0;
}

static int parse_sort(struct parser *p)
{
	char *rest = p->params.sort;
	int err = 0;

	while (!err && rest) {
		char *word = strsep(&rest, ",");

		if (p->hist->nr_sort == HIST_SORT_MAX)
			return fail_at(p, word, "Too many sort fields (Max = 2)");
		err = parse_sort_key(p, word);
	}
	/* Without a word the hit count, which is field 0. */
	if (!p->params.sort)
		p->hist->nr_sort = 1;
	return err;
}

/* --- All of it --- */

static int parse_all(struct parser *p)
{
	int err = parse_params(p);

	if (!err)
		err = parse_size(p);
	if (!err)
		err = parse_clock(p);
	if (!err)
		err = parse_vals(p);
	if (!err)
		err = parse_keys(p);
	if (!err)
		err = parse_sort(p);
	find_short_key(p->hist);
	p->hist->bits = p->bits;
	p->hist->name = p->params.name;
	return err;
}

/* A stack is cut off there. */
static void find_iterator(struct hist *hist, const struct tracepoint *tp)
{
	unsigned long offset;

	if (!tp || !kallsyms_lookup_size_offset((unsigned long)tp->iterator, &hist->iterator_size,
						&offset))
		return;
	hist->iterator = (unsigned long)tp->iterator - offset;
}

int hist_create(struct trace_event_file *file, const char *text, size_t len, struct hist **hist,
		struct hist_request *request, struct trigger_error *error)
{
	struct parser p = { .file = file, .request = request, .error = error };
	int err;

	*request = (struct hist_request){ false, false, false };
	p.hist = kzalloc(sizeof(*p.hist) + len + 1, GFP_KERNEL);
	if (!p.hist)
		return -ENOMEM;
	p.hist->tr = file->tr;
	find_iterator(p.hist, file->call->tp);
	memcpy(p.hist->text, text, len);
	err = len <= TEXT_MAX ? parse_all(&p) : fail_at(&p, p.hist->text, "Too long");
	if (err)
		hist_free(p.hist);
	else
		*hist = p.hist;
	return err;
}

/* --- Tables --- */

int hist_share_map(struct hist *hist, const struct hist *other)
{
	const struct hist_field *last = &hist->fields[hist->nr_vals + hist->nr_keys - 1];
	unsigned int extra = 0;

	for (unsigned int i = hist->nr_vals; i < hist->nr_vals + hist->nr_keys; i++) {
		if (hist->fields[i].modifier == HIST_EXECNAME)
			extra = HIST_COMM / sizeof(u64);
	}
	hist->map = other ? other->map :
		    tracing_map_create(hist->bits, last->at + last->words, hist->nr_vals, extra);
	if (!hist->map)
		return -ENOMEM;
	hist->map->users++;
	return 0;
}

void hist_free(struct hist *hist)
{
	if (hist && hist->map && !--hist->map->users)
		tracing_map_destroy(hist->map);
	kfree(hist);
}

static bool is_same_field(const struct hist_field *a, const struct hist_field *b)
{
	return !strcmp(a->name, b->name) && a->source == b->source && a->modifier == b->modifier &&
	       a->buckets == b->buckets && a->words == b->words &&
	       a->field.kind == b->field.kind && a->field.size == b->field.size &&
	       a->field.is_signed == b->field.is_signed;
}

bool hist_is_same(const struct hist *a, const struct hist *b)
{
	if (a->nr_vals != b->nr_vals || a->nr_keys != b->nr_keys || a->nr_sort != b->nr_sort ||
	    a->no_hitcount != b->no_hitcount || !a->name != !b->name ||
	    (a->name && strcmp(a->name, b->name)))
		return false;
	for (unsigned int i = 0; i < a->nr_vals + a->nr_keys; i++) {
		if (!is_same_field(&a->fields[i], &b->fields[i]))
			return false;
	}
	for (unsigned int i = 0; i < a->nr_sort; i++) {
		if (a->sort[i].field != b->sort[i].field ||
		    a->sort[i].descending != b->sort[i].descending)
			return false;
	}
	return true;
}
