/* SPDX-License-Identifier: MIT */
/* The `bench` command: runs cases by name and prints one line for each result. */
#include "tests/guest/bench/bench.h"
#include "kernel/lib/errno.h"
#include "kernel/lib/glob.h"
#include "kernel/lib/string.h"
#include "kernel/shell/console.h"

u64 bench_began;
static struct cmd_context *out;

void bench_report(const char *kind, const char *name, u64 value)
{
	cmd_printf(out, "bench %s %s %llu\n", kind, name, (unsigned long long)value);
}

void bench_absent(const char *name, const char *why)
{
	cmd_printf(out, "bench absent %s %s\n", name, why);
}

static noinline u64 time_tracee(unsigned int n)
{
	return BENCH_TIMED(n, bench_tracee());
}

/* Shows what the clock counts: it is twice SPIN_TURNS if it counts instructions. */
#define SPIN_TURNS 1000000u

static void calibrate(void)
{
	bench_report("clock", "hz", arch_clock_hz());
	bench_report("clock", "spin_instructions", 2 * SPIN_TURNS);
	bench_report("clock", "spin_ticks", BENCH_TIMED(1, bench_spin(SPIN_TURNS)));
}

static void run_case(const struct bench_case *c)
{
	u64 (*loop)(unsigned int n) = c->loop ? c->loop : time_tracee;
	unsigned int i;
	int err = c->up ? c->up() : 0;

	if (err) {
		bench_absent(c->name, errno_string(err));
		return;
	}
	loop(10);
	for (i = 0; i < BENCH_REPEATS; i++) {
		if (c->before)
			c->before();
		bench_report("call", c->name, loop(BENCH_CALLS));
	}
	if (c->down)
		c->down();
}

static bool selected(const char *pattern, const char *name)
{
	return !pattern || glob_match(pattern, strlen(pattern), name);
}

static unsigned int run_cases(const struct bench_case *c, const char *pattern)
{
	unsigned int nr = 0;

	for (; c->name; c++) {
		if (!selected(pattern, c->name))
			continue;
		run_case(c);
		nr++;
	}
	return nr;
}

static unsigned int run_once(const struct bench_once *once, const char *pattern)
{
	unsigned int nr = 0;

	for (; once->name; once++) {
		if (!selected(pattern, once->name))
			continue;
		once->run(once->name);
		nr++;
	}
	return nr;
}

static int cmd_bench(struct cmd_context *ctx)
{
	const char *pattern = ctx->argc > 1 ? ctx->argv[1] : NULL;
	unsigned int nr;

	bench_began = arch_clock_cycles();
	if (ctx->argc > 2)
		return cmd_error(ctx, "usage: bench [GLOB]");
	out = ctx;
	bench_report("calls", "n", BENCH_CALLS);
	calibrate();
	nr = run_cases(bench_call_cases, pattern);
	nr += run_cases(bench_trace_cases, pattern);
	nr += run_once(bench_once_cases, pattern);
	nr += run_once(bench_growth_cases, pattern);
	return nr ? 0 : cmd_error(ctx, "%s: no such case", pattern);
}

SHELL_COMMAND(bench, "bench [GLOB]", "measure what tracing costs (exact under -icount shift=0)",
	      cmd_bench);
