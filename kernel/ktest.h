/* SPDX-License-Identifier: MIT */
/*
 * In-kernel tests, printed as KTAP on the console. A test is one macro:
 *
 *	KTEST(sched, sleep_is_long_enough)
 *	{
 *		KT_EXPECT_EQ(t, waited, 10);
 *	}
 *
 * `ktest` runs all, `ktest sched` a suite, `ktest sched.sleep*` a glob, `ktest -l` lists;
 * `ktest soak 600` goes on for ten minutes.
 */
#pragma once
#include "kernel/compiler.h"
#include "kernel/sched.h"
#include "kernel/types.h"

struct ktest {
	const char *suite, *name;
	unsigned int failures;
	const char *skip_reason;
	const struct ktest_output *output;
	char message[240];		/* the first failure */
};

/* What `ktest SUITE SECONDS [SEED]` adds, for cases that can go on. 0 seconds: not for long. */
struct ktest_wish {
	unsigned int seconds;
	bool seeded;
	u32 seed;
};
extern struct ktest_wish ktest_wish;

struct ktest_case {
	const char *suite, *name;
	void (*run)(struct ktest *t);
};

#define KTEST(suite_, name_)							\
	static void ktest_##suite_##_##name_(struct ktest *t);			\
	static const struct ktest_case ktest_case_##suite_##_##name_ __used	\
	__section(".ktest_cases") __aligned(sizeof(long)) =			\
	{ #suite_, #name_, ktest_##suite_##_##name_ };				\
	static void ktest_##suite_##_##name_(__maybe_unused struct ktest *t)

void ktest_fail(struct ktest *t, const char *file, int line, const char *fmt, ...) __printf(4, 5);
/* A line to read in the output, at once, whether the case passes or not. */
void ktest_note(struct ktest *t, const char *fmt, ...) __printf(2, 3);
#define KT_EXPECT(t, cond) ({							\
	bool _ok = !!(cond);							\
	if (!_ok)								\
		ktest_fail(t, __FILE__, __LINE__, "expected %s", #cond);	\
	_ok; })
#define KT_EXPECT_EQ(t, a, b) ({						\
	long long _a = (long long)(a), _b = (long long)(b);			\
	if (_a != _b)								\
		ktest_fail(t, __FILE__, __LINE__, "%s = %lld (0x%llx), expected %s = %lld (0x%llx)",	\
			   #a, _a, (unsigned long long)_a, #b, _b, (unsigned long long)_b);	\
	_a == _b; })
#define KT_EXPECT_STREQ(t, a, b) ({						\
	const char *_a = (a), *_b = (b);					\
	bool _ok = !strcmp(_a, _b);						\
	if (!_ok)								\
		ktest_fail(t, __FILE__, __LINE__, "%s = \"%s\", expected \"%s\"", #a, _a, _b);	\
	_ok; })
/*
 * Sleep until @cond holds. It fails only if that takes ten seconds: how long a thread on another
 * CPU needs is the host's affair.
 */
#define KT_WAIT(t, cond) ({							\
	unsigned int _tries = 10000;						\
	while (!(cond) && --_tries)						\
		msleep(1);							\
	if (!_tries)								\
		ktest_fail(t, __FILE__, __LINE__, "waited in vain for %s", #cond);	\
	_tries != 0; })
/* How many threads there are that have not ended. */
unsigned int kt_count_threads(void);
/* This case counts on one CPU: it, and the threads that it makes, stay on CPU 0. */
void kt_one_cpu(struct ktest *t);
/* What random choices start from: as asked for, as `ktest_seed=` says, or any. To be printed. */
u32 ktest_seed(void);
/* Leave the test when @cond does not hold. */
#define KT_ASSERT(t, cond) do { if (!KT_EXPECT(t, cond)) return; } while (0)
#define KT_SKIP(t, reason) do { (t)->skip_reason = (reason); return; } while (0)

/*
 * Run the cases that match @pattern (NULL = all), printing KTAP through @print.
 * Returns the number of failed cases, or -ENOENT when nothing matches.
 */
int ktest_run(const char *pattern, void (*print)(const char *text, void *arg), void *arg);
/* Print "suite.case" for each case that matches. Their number, or -ENOENT. */
int ktest_list(const char *pattern, void (*print)(const char *text, void *arg), void *arg);
