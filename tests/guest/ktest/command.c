/* SPDX-License-Identifier: MIT */
/* The `ktest` command of the shell. */
#include "kernel/lib/errno.h"
#include "kernel/lib/string.h"
#include "kernel/shell/shell.h"
#include "tests/guest/ktest/ktest.h"

static void print_text(const char *text, void *arg)
{
	cmd_write(arg, text, strlen(text));
}

static bool is_digits(const char *word)
{
	return *word >= '0' && *word <= '9';
}

/*
 * Parses the words from @first on. Returns 0 or an exit status. No suite's name begins with a
 * digit.
 */
static int parse_wish(struct cmd_context *ctx, int first, struct ktest_wish *wish)
{
	int words = ctx->argc, numbers;
	long long value[2] = { 0, 0 };

	if (first < words && !strncmp(ctx->argv[first], "shuffle=", 8)) {
		value[0] = cmd_number(ctx, ctx->argv[first++] + 8, 0xffffffff);
		if (value[0] < 0)
			return 1;
		wish->shuffled = true;
		wish->shuffle = (u32)value[0];
	}
	while (words > first && words > ctx->argc - 2 && is_digits(ctx->argv[words - 1]))
		words--;
	numbers = ctx->argc - words;
	for (int i = 0; i < numbers; i++) {
		value[i] = cmd_number(ctx, ctx->argv[words + i], i ? 0x7fffffff : 1000000);
		if (value[i] < 0)
			return 1;
	}
	wish->seconds = numbers ? (unsigned int)value[0] : 0;
	wish->seeded = numbers == 2;
	wish->seed = (u32)value[1];
	wish->names = ctx->argv + first;
	wish->nr_names = (unsigned int)(words - first);
	return 0;
}

static int no_such_test(struct cmd_context *ctx, const struct ktest_wish *wish)
{
	const char *name = ktest_unknown_name(wish);

	if (!name)
		return cmd_error(ctx, "no test is left");
	return cmd_error(ctx, "%.64s: no such test (ktest -l lists them)", name);
}

static int run_ktest(struct cmd_context *ctx)
{
	struct cmd_options opts = { 0 };
	struct ktest_wish wish = { 0 };
	bool list = false;
	int option, ret;

	while ((option = cmd_option(ctx, &opts, "l")) > 0)
		list = true;
	if (option < 0 || parse_wish(ctx, opts.index, &wish))
		return 1;
	ret = (list ? ktest_list : ktest_run)(&wish, print_text, ctx);
	if (ret == -EINTR)
		return SHELL_STATUS_INTERRUPTED;
	if (ret == -ENOENT)
		return no_such_test(ctx, &wish);
	if (ret < 0)
		return cmd_error(ctx, "%s", errno_string(ret));
	return ret > 0;
}
SHELL_COMMAND(ktest, "ktest [-l] [shuffle=SEED] [SUITE | SUITE.CASE | !SUITE...] [SECONDS [SEED]]",
	      "Run the kernel's tests, or those that match (* and ? allowed; behind ! all but "
	      "those); -l lists them. `ktest shuffle=SEED` takes an order of its own, `ktest soak "
	      "SECONDS` changes sites under load for that long.",
	      run_ktest);
