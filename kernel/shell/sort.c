/* SPDX-License-Identifier: MIT */
/*
 * The sort command: keeps all lines in memory, in a linked list, and sorts it by merging. That is
 * stable, needs no second array, and does not recurse.
 */
#include "kernel/lib/ctype.h"
#include "kernel/lib/errno.h"
#include "kernel/lib/string.h"
#include "kernel/mm/mm.h"
#include "kernel/shell/shell.h"

struct sort_line {
	struct sort_line *next;
	char text[];			/* terminated */
};

struct sort_args {
	bool numeric, reverse, unique;
	unsigned int key;		/* compare from this field on, counted from 1; 0: all */
	struct sort_line *lines;	/* last line first, until they are sorted */
};

/* Where field @key of @text begins. Fields are separated by blanks. */
static const char *key_of(const char *text, unsigned int key)
{
	while (key-- > 1) {
		while (*text == ' ' || *text == '\t')
			text++;
		while (*text && *text != ' ' && *text != '\t')
			text++;
	}
	return text;
}

struct decimal {
	bool negative;
	const char *digits;		/* without leading zeros */
	size_t whole;			/* digits before the point */
};

static struct decimal decimal_at(const char *text)
{
	struct decimal d = { 0 };

	while (*text == ' ' || *text == '\t')
		text++;
	d.negative = *text == '-';
	text += d.negative;
	while (*text == '0')
		text++;
	d.digits = text;
	while (isdigit(text[d.whole]))
		d.whole++;
	return d;
}

static char digit_at(const char *digits, size_t i)
{
	return isdigit(digits[i]) ? digits[i] : 0;
}

/* Compare the digits without converting them, so that numbers may have any length. */
static int compare_magnitude(const struct decimal *a, const struct decimal *b)
{
	const char *fa = a->digits + a->whole, *fb = b->digits + b->whole;
	int order;
	char da, db;

	if (a->whole != b->whole)
		return a->whole < b->whole ? -1 : 1;
	order = strncmp(a->digits, b->digits, a->whole);
	if (order)
		return order;
	fa += *fa == '.';
	fb += *fb == '.';
	for (;; fa++, fb++) {
		da = digit_at(fa, 0);
		db = digit_at(fb, 0);
		if ((da ? da : '0') != (db ? db : '0'))
			return da < db ? -1 : 1;
		if (!da || !db)
			break;
	}
	/* "1.5" and "1.500" are equal. */
	while (*fa == '0')
		fa++;
	while (*fb == '0')
		fb++;
	return (digit_at(fa, 0) != 0) - (digit_at(fb, 0) != 0);
}

static bool is_zero(const struct decimal *d)
{
	const char *c = d->digits + d->whole;

	if (d->whole)
		return false;
	if (*c == '.')
		c++;
	while (*c == '0')
		c++;
	return !digit_at(c, 0);
}

static int compare_numbers(const char *ta, const char *tb)
{
	struct decimal a = decimal_at(ta), b = decimal_at(tb);

	a.negative = a.negative && !is_zero(&a);
	b.negative = b.negative && !is_zero(&b);
	if (a.negative != b.negative)
		return a.negative ? -1 : 1;
	return a.negative ? compare_magnitude(&b, &a) : compare_magnitude(&a, &b);
}

static int compare(const struct sort_args *args, const struct sort_line *a,
		   const struct sort_line *b)
{
	const char *ka = key_of(a->text, args->key), *kb = key_of(b->text, args->key);
	int order;

	order = args->numeric ? compare_numbers(ka, kb) : strcmp(ka, kb);
	return args->reverse ? -order : order;
}

/* Cut @n lines off *list. */
static struct sort_line *take_run(struct sort_line **list, size_t n)
{
	struct sort_line *run = *list, **link = list;

	while (n-- && *link)
		link = &(*link)->next;
	*list = *link;
	*link = NULL;
	return run;
}

/* Merge the runs @a and @b and append them at @tail; returns the new end. */
static struct sort_line **merge(const struct sort_args *args, struct sort_line *a,
				struct sort_line *b, struct sort_line **tail)
{
	struct sort_line **from;

	while (a || b) {
		from = !b || (a && compare(args, a, b) <= 0) ? &a : &b;
		*tail = *from;
		tail = &(*from)->next;
		*from = *tail;
	}
	*tail = NULL;
	return tail;
}

static struct sort_line *sort_lines(const struct sort_args *args, struct sort_line *list)
{
	struct sort_line *rest, *a, **tail;
	size_t run, runs;

	for (run = 1, runs = 2; runs > 1; run *= 2) {
		rest = list;
		tail = &list;
		for (runs = 0; rest; runs++) {
			a = take_run(&rest, run);
			tail = merge(args, a, take_run(&rest, run), tail);
		}
	}
	return list;
}

static struct sort_line *reverse_list(struct sort_line *list)
{
	struct sort_line *reversed = NULL, *next;

	for (; list; list = next) {
		next = list->next;
		list->next = reversed;
		reversed = list;
	}
	return reversed;
}

static int sort_read(struct cmd_context *ctx, struct file *file, const char *name, void *arg)
{
	struct sort_args *args = arg;
	struct line_reader reader;
	struct sort_line *entry;
	char *line;
	size_t len;
	int ret;

	line_reader_init(&reader, file);
	while ((ret = line_reader_next(&reader, &line, &len, NULL)) > 0) {
		entry = kmalloc(sizeof(*entry) + len + 1, GFP_KERNEL);
		if (!entry) {
			ret = -ENOMEM;
			break;
		}
		/* Copied, because the reader reuses its buffer for the next line. */
		memcpy(entry->text, line, len + 1);
		entry->next = args->lines;
		args->lines = entry;
	}
	line_reader_free(&reader);
	return ret;
}

static int sort_options(struct cmd_context *ctx, struct cmd_options *opts, struct sort_args *args)
{
	long long key;
	int option;

	while ((option = cmd_option(ctx, opts, "nruk:")) > 0) {
		args->unique |= option == 'u';
		args->numeric |= option == 'n';
		args->reverse |= option == 'r';
		if (option != 'k')
			continue;
		key = cmd_number(ctx, opts->value, 1000);
		if (key < 0)
			return 1;
		/* In args->key a 0 means the whole line. */
		if (!key)
			return cmd_error(ctx, "fields are counted from 1");
		args->key = (unsigned int)key;
	}
	return option < 0;
}

static int run_sort(struct cmd_context *ctx)
{
	struct cmd_options opts = { 0 };
	struct sort_args args = { 0 };
	struct sort_line *line, *next;
	int status;

	if (sort_options(ctx, &opts, &args))
		return 1;
	status = cmd_for_each_input(ctx, opts.index, sort_read, &args);
	args.lines = reverse_list(args.lines);
	/* After an error nothing is printed: a part of the input would look like a result. */
	if (!status)
		args.lines = sort_lines(&args, args.lines);
	while (args.lines) {
		line = args.lines;
		args.lines = line->next;
		/* Of equal lines the first one is printed, as sort is stable. */
		while (args.unique && (next = args.lines) && !compare(&args, line, next)) {
			args.lines = next->next;
			kfree(next);
		}
		if (!status)
			cmd_printf(ctx, "%s\n", line->text);
		kfree(line);
	}
	return status;
}
SHELL_COMMAND(sort, "sort [-n] [-r] [-u] [-k FIELD] [FILE...]",
	      "Sort lines; -n by number, -r downwards, -u equal ones once, -k from a field on.",
	      run_sort);
