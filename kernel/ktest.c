/* SPDX-License-Identifier: MIT */
/*
 * The runner of in-kernel tests. Prints KTAP version 1: a suite is a subtest
 * of the run, a case a subtest of its suite. Suites come in the order in which
 * the linker put their first cases.
 */
#include <stdarg.h>
#include "kernel/arch.h"
#include "kernel/boot_info.h"
#include "kernel/errno.h"
#include "kernel/ktest.h"
#include "kernel/mm.h"
#include "kernel/sched.h"
#include "kernel/printk.h"
#include "kernel/string.h"

BOOT_PARAM(ktest_seed);

extern const struct ktest_case __start_ktest_cases[], __stop_ktest_cases[];

#define for_each_case(kase) \
	for (kase = __start_ktest_cases; kase < __stop_ktest_cases; kase++)

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

/* '*' and '?' only. */
static bool glob_matches(const char *glob, const char *s)
{
	const char *star = NULL, *retry = NULL;

	while (*s) {
		if (*glob == '*') {
			star = glob++;
			retry = s;
		} else if (*glob == '?' || *glob == *s) {
			glob++;
			s++;
		} else if (star) {
			glob = star + 1;
			s = ++retry;
		} else {
			return false;
		}
	}
	while (*glob == '*')
		glob++;
	return !*glob;
}

static bool is_selected(const struct ktest_case *kase, const char *pattern)
{
	char name[128];

	if (!pattern)
		return true;
	scnprintf(name, sizeof(name), "%s.%s", kase->suite, kase->name);
	return glob_matches(pattern, kase->suite) || glob_matches(pattern, name);
}

/* Is @kase the first selected one of its suite? */
static bool starts_suite(const struct ktest_case *kase, const char *pattern)
{
	const struct ktest_case *other;

	for (other = __start_ktest_cases; other < kase; other++) {
		if (!strcmp(other->suite, kase->suite) && is_selected(other, pattern))
			return false;
	}
	return is_selected(kase, pattern);
}

static unsigned int count_cases(const char *suite, const char *pattern)
{
	const struct ktest_case *kase;
	unsigned int n = 0;

	for_each_case(kase)
		n += !strcmp(kase->suite, suite) && is_selected(kase, pattern);
	return n;
}

static unsigned int count_suites(const char *pattern)
{
	const struct ktest_case *kase;
	unsigned int n = 0;

	for_each_case(kase)
		n += starts_suite(kase, pattern);
	return n;
}

/* A message may hold anything; in KTAP each of its lines starts with '#'. */
static void print_diagnostics(const struct ktest_output *to, const char *message)
{
	while (*message) {
		const char *end = strchr(message, '\n');
		int len = end ? (int)(end - message) : (int)strlen(message);

		out(to, "    # %.*s\n", len, message);
		message += len + (end != NULL);
	}
}

static bool run_case(const struct ktest_case *kase, unsigned int number,
		     const struct ktest_output *to)
{
	struct ktest t = { .suite = kase->suite, .name = kase->name, .output = to };

	/* What earlier threads left is freed before a case counts memory, not while it does. */
	if (KT_WAIT(&t, !threads_unreaped()))
		kase->run(&t);
	/* A test that was left early must not harm the next. */
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

static int run_suite(const char *suite, unsigned int number, const char *pattern,
		     const struct ktest_output *to)
{
	const struct ktest_case *kase;
	unsigned int nr = 0;
	int failed = 0;

	out(to, "    KTAP version 1\n    # Subtest: %s\n", suite);
	out(to, "    1..%u\n", count_cases(suite, pattern));
	for_each_case(kase) {
		if (!strcmp(kase->suite, suite) && is_selected(kase, pattern))
			failed += !run_case(kase, ++nr, to);
	}
	out(to, "%s %u %s\n", failed ? "not ok" : "ok", number, suite);
	return failed;
}

int ktest_run(const char *pattern, void (*print)(const char *text, void *arg), void *arg)
{
	const struct ktest_output to = { print, arg };
	unsigned int nr_suites = count_suites(pattern), nr = 0;
	const struct ktest_case *kase;
	int failed = 0;

	if (!nr_suites)
		return -ENOENT;
	out(&to, "KTAP version 1\n1..%u\n", nr_suites);
	for_each_case(kase) {
		if (starts_suite(kase, pattern))
			failed += run_suite(kase->suite, ++nr, pattern, &to);
	}
	return failed;
}

int ktest_list(const char *pattern, void (*print)(const char *text, void *arg), void *arg)
{
	const struct ktest_output to = { print, arg };
	const struct ktest_case *kase, *other;
	int n = 0;

	for_each_case(kase) {
		if (!starts_suite(kase, pattern))
			continue;
		for_each_case(other) {
			if (strcmp(other->suite, kase->suite) || !is_selected(other, pattern))
				continue;
			out(&to, "%s.%s\n", other->suite, other->name);
			n++;
		}
	}
	return n ? n : -ENOENT;
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
	long seed = (long)(arch_clock_cycles() & 0x7fffffff);

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
