/* SPDX-License-Identifier: MIT */
/*
 * In-kernel tests, printed as KTAP on the console. A test is one macro:
 *
 *	KTEST(sched, sleep_is_long_enough)
 *	{
 *		KT_EXPECT_EQ(t, waited, 10);
 *	}
 *
 * `ktest` runs all, `ktest sched` a suite, `ktest sched.sleep*` a glob, `ktest '!sched'` the rest,
 * `ktest -l` lists; `ktest soak 600` goes on for ten minutes; `ktest shuffle=7` runs all in an
 * order of its own.
 */
#pragma once
#include "kernel/compiler.h"
#include "kernel/kasan/kasan.h"
#include "kernel/mm/mm.h"
#include "kernel/sched/sched.h"
#include "kernel/types.h"

struct ktest {
	const char *suite, *name;
	unsigned int failures;
	const char *skip_reason;
	const struct ktest_output *output;
	char message[240];		/* describes the first failure */
};

/* What `ktest [shuffle=SEED] [NAME...] [SECONDS [SEED]]` asks for. */
struct ktest_wish {
	char *const *names;	/* globs of suites or cases; after `!`, of those to leave out */
	unsigned int nr_names;
	bool shuffled;
	u32 shuffle;
	/* For cases that can take any time. 0 seconds: a short time. */
	unsigned int seconds;
	bool seeded;
	u32 seed;
};
extern struct ktest_wish ktest_wish;	/* that of the present run */

struct ktest_case {
	const char *suite, *name;
	void (*run)(struct ktest *t);
};

#define KTEST(suite_, name_)							\
	static void ktest_##suite_##_##name_(struct ktest *t);			\
	static const struct ktest_case ktest_case_##suite_##_##name_ __used	\
	__section(".table.ktest_cases.1") __aligned(sizeof(long)) =			\
	{ #suite_, #name_, ktest_##suite_##_##name_ };				\
	static void ktest_##suite_##_##name_(__maybe_unused struct ktest *t)

void ktest_fail(struct ktest *t, const char *file, int line, const char *fmt, ...) __printf(4, 5);
/* Print a line at once, whether the case passes or not. */
void ktest_note(struct ktest *t, const char *fmt, ...) __printf(2, 3);
#define KT_EXPECT(t, cond) ({							\
	bool _ok = !!(cond);							\
	if (!_ok)								\
		ktest_fail(t, __FILE__, __LINE__, "expected %s", #cond);	\
	_ok; })
#define KT_EXPECT_EQ(t, a, b) ({						\
	long long _a = (long long)(a), _b = (long long)(b);			\
	if (_a != _b)								\
		ktest_fail(t, __FILE__, __LINE__, \
			   "%s = %lld (0x%llx), expected %s = %lld (0x%llx)", \
			   #a, _a, (unsigned long long)_a, #b, _b, (unsigned long long)_b);	\
	_a == _b; })
#define KT_EXPECT_STREQ(t, a, b) ({						\
	const char *_a = (a), *_b = (b);					\
	bool _ok = !strcmp(_a, _b);						\
	if (!_ok)								\
		ktest_fail(t, __FILE__, __LINE__, "%s = \"%s\", expected \"%s\"", #a, _a, _b);	\
	_ok; })
/*
 * Sleep until @cond holds. This fails only after ten seconds, because it depends on the host how
 * long a thread on another CPU takes.
 */
#define KT_WAIT(t, cond) ({							\
	unsigned int _tries = 10000;						\
	while (!(cond) && --_tries)						\
		msleep(1);							\
	if (!_tries)								\
		ktest_fail(t, __FILE__, __LINE__, "waited in vain for %s", #cond);	\
	_tries != 0; })
/* mm_get_stats(), for who compares: what KASAN's quarantine holds is given back before. */
static inline void kt_mm_stats(struct mm_stats *stats)
{
	kasan_settle();
	mm_get_stats(stats);
}
/* Returns how many threads there are that have not ended. */
unsigned int kt_count_threads(void);
/* For a case that counts on one CPU: it, and the threads that it makes, stay on CPU 0. */
void kt_one_cpu(struct ktest *t);
/*
 * Returns the seed of random choices: the one that was asked for, that of `ktest_seed=`, or 1. The
 * case should print it.
 */
u32 ktest_seed(void);
/* Return from the test if @cond does not hold. */
#define KT_ASSERT(t, cond) do { if (!KT_EXPECT(t, cond)) return; } while (0)
#define KT_SKIP(t, reason) do { (t)->skip_reason = (reason); return; } while (0)

/*
 * Run the cases that are asked for, and print KTAP through @print. Returns the number of failed
 * cases; -ENOENT as ktest_plan_make() does; or -EINTR after Ctrl-C, which ends the run after the
 * present case.
 */
int ktest_run(const struct ktest_wish *wish, void (*print)(const char *text, void *arg), void *arg);
/* Print "suite.case" for each case, in the order in which they would run. Returns 0 or -errno. */
int ktest_list(const struct ktest_wish *wish, void (*print)(const char *text, void *arg),
	       void *arg);

/* Returns the first name, with its `!`, that matches no case; NULL if each name matches one. */
const char *ktest_unknown_name(const struct ktest_wish *wish);

/* The cases to run, in order. The cases of a suite are neighbours. */
struct ktest_plan {
	const struct ktest_case **cases;
	unsigned int nr;
};
/* Returns 0, -ENOMEM, or -ENOENT if a name matches no case, or no case is left. */
int ktest_plan_make(struct ktest_plan *plan, const struct ktest_wish *wish);
void ktest_plan_free(struct ktest_plan *plan);
