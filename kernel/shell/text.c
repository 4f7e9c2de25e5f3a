/* SPDX-License-Identifier: MIT */
/* Shell commands on text, line by line: head, tail, wc, uniq, hexdump. */
#include "kernel/lib/errno.h"
#include "kernel/lib/list.h"
#include "kernel/lib/string.h"
#include "kernel/mm/mm.h"
#include "kernel/printk.h"
#include "kernel/shell/shell.h"

#define COUNT_MAX 1000000000ull

/* Print "==> NAME <==" above a file's lines if there are several files. */
static void print_heading(struct cmd_context *ctx, const struct cmd_options *opts, const char *name)
{
	if (ctx->argc - opts->index > 1)
		cmd_printf(ctx, "==> %s <==\n", name);
}

static void put_line(struct cmd_context *ctx, char *line, size_t len, bool newline)
{
	/* The newline replaces the terminator, so that the line needs only one write. */
	if (newline)
		line[len++] = '\n';
	cmd_write(ctx, line, len);
}

struct count_args {
	struct cmd_options opts;
	long long count;
	bool bytes;			/* head: not lines */
	bool from;			/* tail: from this line on, counted from 1 */
};

/* Read "-n N", "-N" and what @more has: 0, or an exit status (error printed). */
static int count_options(struct cmd_context *ctx, struct count_args *args, const char *more)
{
	const char *text;
	int option;

	args->count = 10;
	while ((option = cmd_option(ctx, &args->opts, more)) > 0) {
		text = args->opts.value;
		args->bytes = option == 'c';
		/* Only tail counts lines from the start. */
		args->from = *text == '+' && !strchr(more, 'c');
		args->count = cmd_number(ctx, text + args->from, COUNT_MAX);
		if (args->count < 0)
			return 1;
	}
	return option < 0;
}

/* --- head --- */

static int head_bytes(struct cmd_context *ctx, struct file *file, long long left)
{
	char buf[128];
	ssize_t got = 1;

	while (left > 0 && got > 0) {
		got = vfs_read(file, buf, (size_t)min(left, (long long)sizeof(buf)));
		if (got > 0)
			cmd_write(ctx, buf, (size_t)got);
		left -= got;
		/* A file like trace_pipe may never end. */
		if (console_interrupted())
			return -EINTR;
	}
	return got < 0 ? (int)got : 0;
}

static int head_file(struct cmd_context *ctx, struct file *file, const char *name, void *arg)
{
	const struct count_args *args = arg;
	struct line_reader reader;
	long long left = args->count;
	bool newline;
	char *line;
	size_t len;
	int ret = 1;

	print_heading(ctx, &args->opts, name);
	if (args->bytes)
		return head_bytes(ctx, file, left);
	line_reader_init(&reader, file);
	while (left-- > 0 && (ret = line_reader_next(&reader, &line, &len, &newline)) > 0)
		put_line(ctx, line, len, newline);
	line_reader_free(&reader);
	return ret < 0 ? ret : 0;
}

static int run_head(struct cmd_context *ctx)
{
	struct count_args args = { 0 };

	if (count_options(ctx, &args, "n:c:#"))
		return 1;
	return cmd_for_each_input(ctx, args.opts.index, head_file, &args);
}
SHELL_COMMAND(head, "head [-n N | -N | -c BYTES] [FILE...]",
	      "Print the first N lines (10) or bytes.", run_head);

/* --- tail --- */

struct kept_line {
	struct list_head node;
	size_t len;
	bool newline;
	char text[];		/* len bytes, and room for a newline */
};

static void drop_first(struct list_head *lines)
{
	struct kept_line *line = list_first_entry(lines, struct kept_line, node);

	list_del(&line->node);
	kfree(line);
}

static int keep_lines(struct file *file, long long most, struct list_head *lines)
{
	struct line_reader reader;
	struct kept_line *kept;
	long long count = 0;
	bool newline;
	char *line;
	size_t len;
	int ret;

	line_reader_init(&reader, file);
	while ((ret = line_reader_next(&reader, &line, &len, &newline)) > 0 && most) {
		kept = kmalloc(sizeof(*kept) + len + 1, GFP_KERNEL);
		if (!kept) {
			ret = -ENOMEM;
			break;
		}
		kept->len = len;
		kept->newline = newline;
		memcpy(kept->text, line, len);
		list_add_tail(&kept->node, lines);
		/* No more lines are kept than needed: the file may be larger than memory. */
		if (++count > most)
			drop_first(lines);
	}
	line_reader_free(&reader);
	return ret < 0 ? ret : 0;
}

static int print_from(struct cmd_context *ctx, struct file *file, const char *name, long long first)
{
	struct line_reader reader;
	bool newline;
	char *line;
	size_t len;
	int ret;

	/* Unlike the last lines, these are printed while the file is read. */
	if (cmd_reads_own_output(ctx, file, name))
		return 1;
	line_reader_init(&reader, file);
	while ((ret = line_reader_next(&reader, &line, &len, &newline)) > 0)
		if (--first <= 0)
			put_line(ctx, line, len, newline);
	line_reader_free(&reader);
	return ret;
}

static int tail_file(struct cmd_context *ctx, struct file *file, const char *name, void *arg)
{
	const struct count_args *args = arg;
	struct kept_line *kept;
	LIST_HEAD(lines);
	int err;

	print_heading(ctx, &args->opts, name);
	if (args->from)
		return print_from(ctx, file, name, args->count);
	err = keep_lines(file, args->count, &lines);
	if (!err)
		list_for_each_entry(kept, &lines, node)
			put_line(ctx, kept->text, kept->len, kept->newline);
	while (!list_empty(&lines))
		drop_first(&lines);
	return err;
}

static int run_tail(struct cmd_context *ctx)
{
	struct count_args args = { 0 };

	if (count_options(ctx, &args, "n:#"))
		return 1;
	return cmd_for_each_input(ctx, args.opts.index, tail_file, &args);
}
SHELL_COMMAND(tail, "tail [-n N | -N | -n +N] [FILE...]",
	      "Print the last N lines (10), or those from the N-th on.", run_tail);

/* --- wc --- */

struct wc_counts {
	unsigned long long lines, words, bytes;
};

struct wc_args {
	bool show_lines, show_words, show_bytes;
	struct wc_counts total;
	unsigned int files;
	char *buf;
};

static void wc_print(struct cmd_context *ctx, const struct wc_args *args,
		     const struct wc_counts *counts, const char *name)
{
	const char *space = "";

	if (args->show_lines) {
		cmd_printf(ctx, "%llu", counts->lines);
		space = " ";
	}
	if (args->show_words) {
		cmd_printf(ctx, "%s%llu", space, counts->words);
		space = " ";
	}
	if (args->show_bytes)
		cmd_printf(ctx, "%s%llu", space, counts->bytes);
	cmd_printf(ctx, "%s%s\n", *name ? " " : "", name);
}

static int wc_file(struct cmd_context *ctx, struct file *file, const char *name, void *arg)
{
	struct wc_counts counts = { 0 };
	struct wc_args *args = arg;
	bool in_word = false;
	ssize_t got, i;

	while ((got = vfs_read(file, args->buf, PAGE_SIZE)) > 0) {
		for (i = 0; i < got; i++) {
			char c = args->buf[i];
			bool blank = c == ' ' || (c >= '\t' && c <= '\r');

			counts.lines += c == '\n';
			/* A word is counted where it ends, which may be in a later read. */
			counts.words += in_word && blank;
			in_word = !blank;
		}
		counts.bytes += (unsigned long long)got;
		if (console_interrupted())
			return -EINTR;
	}
	if (got < 0)
		return (int)got;
	counts.words += in_word;
	wc_print(ctx, args, &counts, file == ctx->in ? "" : name);
	args->total.lines += counts.lines;
	args->total.words += counts.words;
	args->total.bytes += counts.bytes;
	args->files++;
	return 0;
}

static int run_wc(struct cmd_context *ctx)
{
	struct cmd_options opts = { 0 };
	struct wc_args args = { 0 };
	int option, status;

	while ((option = cmd_option(ctx, &opts, "lwc")) > 0) {
		args.show_lines |= option == 'l';
		args.show_words |= option == 'w';
		args.show_bytes |= option == 'c';
	}
	if (option < 0)
		return 1;
	if (!args.show_lines && !args.show_words && !args.show_bytes)
		args.show_lines = args.show_words = args.show_bytes = true;
	/* Allocated, because a page is too much for the stack. */
	args.buf = alloc_page(GFP_KERNEL);
	if (!args.buf)
		return cmd_error(ctx, "%s", errno_string(-ENOMEM));
	status = cmd_for_each_input(ctx, opts.index, wc_file, &args);
	if (args.files > 1)
		wc_print(ctx, &args, &args.total, "total");
	free_page(args.buf);
	return status;
}
SHELL_COMMAND(wc, "wc [-l] [-w] [-c] [FILE...]", "Count lines, words and bytes.", run_wc);

/* --- uniq --- */

static void uniq_print(struct cmd_context *ctx, const char *line, unsigned long count,
		       bool with_count)
{
	if (with_count)
		cmd_printf(ctx, "%7lu ", count);
	cmd_printf(ctx, "%s\n", line);
}

static int uniq_file(struct cmd_context *ctx, struct file *file, const char *name, void *arg)
{
	bool with_count = *(bool *)arg;
	struct line_reader reader;
	char *line, *last = NULL;
	unsigned long count = 0;
	size_t len;
	int ret;

	if (cmd_reads_own_output(ctx, file, name))
		return 1;
	line_reader_init(&reader, file);
	while ((ret = line_reader_next(&reader, &line, &len, NULL)) > 0) {
		if (last && !strcmp(last, line)) {
			count++;
			continue;
		}
		if (last)
			uniq_print(ctx, last, count, with_count);
		kfree(last);
		/* Copied, because the reader reuses its buffer for the next line. */
		last = kstrdup(line, GFP_KERNEL);
		if (!last) {
			ret = -ENOMEM;
			break;
		}
		count = 1;
	}
	if (last && !ret)
		uniq_print(ctx, last, count, with_count);
	kfree(last);
	line_reader_free(&reader);
	return ret;
}

static int run_uniq(struct cmd_context *ctx)
{
	struct cmd_options opts = { 0 };
	bool with_count = false;
	int option;

	while ((option = cmd_option(ctx, &opts, "c")) > 0)
		with_count = true;
	if (option < 0)
		return 1;
	return cmd_for_each_input(ctx, opts.index, uniq_file, &with_count);
}
SHELL_COMMAND(uniq, "uniq [-c] [FILE...]",
	      "Print equal lines that follow each other once; -c with their number.", run_uniq);

/* --- hexdump --- */

#define DUMP_WIDTH 16

static void dump_row(struct cmd_context *ctx, unsigned long long offset, const u8 *data, size_t len)
{
	char text[96];
	size_t at, i;

	at = (size_t)scnprintf(text, sizeof(text), "%08llx ", offset);
	for (i = 0; i < DUMP_WIDTH; i++) {
		/* A short last row is filled with blanks, so that its text is aligned. */
		if (i % 8 == 0)
			text[at++] = ' ';
		if (i < len)
			at += (size_t)scnprintf(text + at, sizeof(text) - at, "%02x ", data[i]);
		else
			at += (size_t)scnprintf(text + at, sizeof(text) - at, "   ");
	}
	text[at++] = ' ';
	text[at++] = '|';
	for (i = 0; i < len; i++)
		text[at++] = data[i] >= ' ' && data[i] < 0x7f ? (char)data[i] : '.';
	text[at++] = '|';
	text[at++] = '\n';
	cmd_write(ctx, text, at);
}

/* All rows but the last are full, even if reads return less. */
static int hexdump_file(struct cmd_context *ctx, struct file *file, const char *name, void *arg)
{
	unsigned long long left = *(unsigned long long *)arg, offset = 0;
	u8 row[DUMP_WIDTH];
	size_t have = 0;
	ssize_t got = 1;

	if (cmd_reads_own_output(ctx, file, name))
		return 1;
	while (left && !console_interrupted()) {
		got = vfs_read(file, row + have,
			       (size_t)min((unsigned long long)(DUMP_WIDTH - have), left));
		if (got <= 0)
			break;
		have += (size_t)got;
		left -= (unsigned long long)got;
		/* A pipe may return less than a row. */
		if (have < DUMP_WIDTH && left)
			continue;
		dump_row(ctx, offset, row, have);
		offset += have;
		have = 0;
	}
	if (have)
		dump_row(ctx, offset, row, have);
	cmd_printf(ctx, "%08llx\n", offset + have);
	return got < 0 ? (int)got : 0;
}

static int run_hexdump(struct cmd_context *ctx)
{
	unsigned long long most = ~0ull;
	struct cmd_options opts = { 0 };
	long long value;
	int option;

	while ((option = cmd_option(ctx, &opts, "Cn:")) > 0) {
		/* Accepted because scripts use it; there is no other layout. */
		if (option == 'C')
			continue;
		value = cmd_number(ctx, opts.value, COUNT_MAX);
		if (value < 0)
			return 1;
		most = (unsigned long long)value;
	}
	if (option < 0)
		return 1;
	return cmd_for_each_input(ctx, opts.index, hexdump_file, &most);
}
SHELL_COMMAND(hexdump, "hexdump [-n BYTES] [FILE...]",
	      "Print bytes in hexadecimal and as text, as hexdump -C does.", run_hexdump);
