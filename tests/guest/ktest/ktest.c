/* SPDX-License-Identifier: MIT */
/*
 * The runner of in-kernel tests. Prints KTAP version 1: a suite is a subtest
 * of the run, a case a subtest of its suite. ktest_plan.c says which, and in which order.
 */
#include <stdarg.h>
#include "kernel/boot_info.h"
#include "kernel/kcsan/kcsan.h"
#include "kernel/lib/errno.h"
#include "kernel/lib/string.h"
#include "kernel/mm/mm.h"
#include "kernel/printk.h"
#include "kernel/sched/sched.h"
#include "kernel/shell/console.h"
#include "tests/guest/ktest/ktest.h"

BOOT_PARAM(ktest_seed);

struct ktest_wish ktest_wish;

struct ktest_output {
	void (*print)(const char *text, void *arg);
	void *arg;
};

static __printf(2, 3) void out(const struct ktest_output *to, const char *fmt, ...)
{
	char line[400];
	va_list args;

	va_start(args, fmt);
	vscnprintf(line, sizeof(line), fmt, args);
	va_end(args);
	to->print(line, to->arg);
}

/* A message may contain anything, but in KTAP each of its lines starts with '#'. */
static void print_diagnostics(const struct ktest_output *to, const char *message)
{
	while (*message) {
		const char *end = strchr(message, '\n');
		int len = end ? (int)(end - message) : (int)strlen(message);

		out(to, "    # %.*s\n", len, message);
		message += len + (end != NULL);
	}
}

/* With KCSAN: what was found since the last case, or since boot, is this one's. */
static void fail_for_races(struct ktest *t)
{
	static unsigned int seen;
	unsigned int races = kcsan_nr_races() - seen;

	seen += races;
	if (races)
		ktest_fail(t, __FILE__, __LINE__, "data races in the log: %u", races);
}

static bool run_case(const struct ktest_case *kase, unsigned int number,
		     const struct ktest_output *to)
{
	struct ktest t = { .suite = kase->suite, .name = kase->name, .output = to };

	/*
	 * Memory of threads that have ended is freed before a case counts memory, and not while it
	 * does.
	 */
	if (KT_WAIT(&t, !threads_unreaped()))
		kase->run(&t);
	fail_for_races(&t);
	/* A test that ended early must not harm the next one. */
	mm_fail_after(-1);
	set_cpus_allowed(~0ul);
	if (t.failures) {
		print_diagnostics(to, t.message);
		if (t.failures > 1)
			out(to, "    # and %u more failures\n", t.failures - 1);
		out(to, "    not ok %u %s\n", number, t.name);
	} else if (t.skip_reason) {
		out(to, "    ok %u %s # SKIP %s\n", number, t.name, t.skip_reason);
	} else {
		out(to, "    ok %u %s\n", number, t.name);
	}
	return !t.failures;
}

/* Returns how many cases, from the case @first of @plan on, belong to one suite. */
static unsigned int suite_length(const struct ktest_plan *plan, unsigned int first)
{
	unsigned int i = first;

	while (i < plan->nr && !strcmp(plan->cases[i]->suite, plan->cases[first]->suite))
		i++;
	return i - first;
}

/* Returns the number of failed cases, or -EINTR. */
static int run_suite(const struct ktest_case *const *cases, unsigned int nr, unsigned int number,
		     const struct ktest_output *to)
{
	const void *damage;
	int failed = 0;

	out(to, "    KTAP version 1\n    # Subtest: %s\n    1..%u\n", cases[0]->suite, nr);
	for (unsigned int i = 0; i < nr; i++) {
		/*
		 * The run ends between cases only: a case that stops in the middle would leave its
		 * things behind.
		 */
		if (console_interrupted()) {
			out(to, "Bail out! interrupted\n");
			return -EINTR;
		}
		failed += !run_case(cases[i], i + 1, to);
	}
	/* Running fewer cases finds out which one wrote there; this only tells that one did. */
	damage = mm_free_memory_damage();
	if (damage) {
		out(to, "    # free memory was written: %p has become %08x\n", damage,
		    *(const u32 *)damage);
		failed++;
	}
	out(to, "%s %u %s\n", failed ? "not ok" : "ok", number, cases[0]->suite);
	return failed;
}

static int run_plan(const struct ktest_plan *plan, const struct ktest_output *to)
{
	unsigned int nr_suites = 0, number = 0, i;
	int failed = 0, ret;

	for (i = 0; i < plan->nr; i += suite_length(plan, i))
		nr_suites++;
	out(to, "KTAP version 1\n1..%u\n", nr_suites);
	if (ktest_wish.shuffled)
		out(to, "# shuffle=%u\n", ktest_wish.shuffle);
	for (i = 0; i < plan->nr; i += suite_length(plan, i)) {
		ret = run_suite(plan->cases + i, suite_length(plan, i), ++number, to);
		if (ret < 0)
			return ret;
		failed += ret;
	}
	return failed;
}

int ktest_run(const struct ktest_wish *wish, void (*print)(const char *text, void *arg), void *arg)
{
	const struct ktest_output to = { print, arg };
	struct ktest_plan plan;
	int ret;

	ktest_wish = *wish;
	ret = ktest_plan_make(&plan, wish);
	if (ret)
		return ret;
	ret = run_plan(&plan, &to);
	ktest_plan_free(&plan);
	return ret;
}

int ktest_list(const struct ktest_wish *wish, void (*print)(const char *text, void *arg), void *arg)
{
	const struct ktest_output to = { print, arg };
	struct ktest_plan plan;
	int ret = ktest_plan_make(&plan, wish);

	if (ret)
		return ret;
	for (unsigned int i = 0; i < plan.nr; i++)
		out(&to, "%s.%s\n", plan.cases[i]->suite, plan.cases[i]->name);
	ktest_plan_free(&plan);
	return 0;
}

static int count_thread(struct task_struct *task, void *arg)
{
	*(unsigned int *)arg += !task->exited;
	return 0;
}

unsigned int kt_count_threads(void)
{
	unsigned int n = 0;

	for_each_thread(count_thread, &n);
	return n;
}

void ktest_note(struct ktest *t, const char *fmt, ...)
{
	char line[200];
	va_list args;

	va_start(args, fmt);
	vscnprintf(line, sizeof(line), fmt, args);
	va_end(args);
	print_diagnostics(t->output, line);
}

u32 ktest_seed(void)
{
	long seed = 1;

	if (ktest_wish.seeded)
		return ktest_wish.seed;
	boot_param_number(boot_param_ktest_seed, 0, 0x7fffffff, &seed);
	return (u32)seed;
}

void kt_one_cpu(struct ktest *t)
{
	KT_EXPECT_EQ(t, set_cpus_allowed(1), 0);
}

void ktest_fail(struct ktest *t, const char *file, int line, const char *fmt, ...)
{
	va_list args;
	int len;

	if (t->failures++)
		return;
	va_start(args, fmt);
	len = scnprintf(t->message, sizeof(t->message), "%s:%d: ", file, line);
	vscnprintf(t->message + len, sizeof(t->message) - (size_t)len, fmt, args);
	va_end(args);
}
