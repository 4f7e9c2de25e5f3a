/* SPDX-License-Identifier: MIT */
/* The grep command: lines that match a regular expression (regex.c). */
#include "kernel/lib/errno.h"
#include "kernel/mm/mm.h"
#include "kernel/shell/regex.h"
#include "kernel/shell/shell.h"

struct grep_args {
	bool invert, count_only, number, quiet, names, recursive;
	unsigned int regex_flags;
	unsigned long matches;		/* in all files */
	struct regex re;
};

static void print_match(struct cmd_context *ctx, const struct grep_args *args, const char *name,
			unsigned long number, const char *line, size_t len)
{
	if (args->names)
		cmd_printf(ctx, "%s:", name);
	if (args->number)
		cmd_printf(ctx, "%lu:", number);
	cmd_write(ctx, line, len);
	cmd_write(ctx, "\n", 1);
}

static int grep_file(struct cmd_context *ctx, struct file *file, const char *name, void *arg)
{
	unsigned long number = 0, matches = 0;
	struct grep_args *args = arg;
	struct line_reader reader;
	char *line;
	size_t len;
	int ret;

	/* With -q nothing more need be read after a match. */
	if (args->quiet && args->matches)
		return 0;
	if (cmd_reads_own_output(ctx, file, name))
		return 1;
	line_reader_init(&reader, file);
	while ((ret = line_reader_next(&reader, &line, &len, NULL)) > 0) {
		number++;
		if (regex_match(&args->re, line, len) == args->invert)
			continue;
		matches++;
		/* With -q one match decides, and the rest need not be read. */
		if (args->quiet)
			break;
		if (!args->count_only)
			print_match(ctx, args, name, number, line, len);
	}
	line_reader_free(&reader);
	args->matches += matches;
	if (ret >= 0 && args->count_only && !args->quiet) {
		if (args->names)
			cmd_printf(ctx, "%s:", name);
		cmd_printf(ctx, "%lu\n", matches);
	}
	return ret < 0 ? ret : 0;
}

static int grep_options(struct cmd_context *ctx, struct cmd_options *opts, struct grep_args *args)
{
	int option;

	while ((option = cmd_option(ctx, opts, "vicnqrE")) > 0) {
		args->invert |= option == 'v';
		args->count_only |= option == 'c';
		args->number |= option == 'n';
		args->quiet |= option == 'q';
		args->recursive |= option == 'r';
		if (option == 'i')
			args->regex_flags |= REGEX_IGNORE_CASE;
		if (option == 'E')
			args->regex_flags |= REGEX_EXTENDED;
	}
	return option < 0;
}

/* The exit status is POSIX's: 0 with matches, 1 without, 2 after an error. */
static int grep(struct cmd_context *ctx, struct grep_args *args)
{
	struct cmd_options opts = { 0 };
	const char *error;
	int first, failed;

	if (grep_options(ctx, &opts, args))
		return 2;
	if (opts.index >= ctx->argc) {
		cmd_usage(ctx);
		return 2;
	}
	if (regex_compile(&args->re, ctx->argv[opts.index], args->regex_flags, &error)) {
		cmd_error(ctx, "%.64s: %s", ctx->argv[opts.index], error);
		return 2;
	}
	first = opts.index + 1;
	/* Print names only if there are several files, or may be. */
	args->names = args->recursive || ctx->argc - first > 1;
	failed = args->recursive ? cmd_for_each_in_trees(ctx, first, grep_file, args) :
				   cmd_for_each_input(ctx, first, grep_file, args);
	if (failed)
		return 2;
	return args->matches ? 0 : 1;
}

static int run_grep(struct cmd_context *ctx)
{
	struct grep_args *args = kzalloc(sizeof(*args), GFP_KERNEL);
	int status;

	if (!args)
		return cmd_error(ctx, "%s", errno_string(-ENOMEM));
	status = grep(ctx, args);
	kfree(args);
	return status;
}
SHELL_COMMAND(grep, "grep [-vicnqrE] PATTERN [FILE...]",
	      "Print matching lines; -v the others, -i any case, -c how many, -n with numbers, "
	      "-q nothing, -r in all files of directories. "
	      "Patterns: . [] ^ $ * \\| and with -E also + ? |", run_grep);
