/* SPDX-License-Identifier: MIT */
/*
 * Inspections of threads that are hard to catch: they give up the CPU all the time, so that one
 * that ran a moment ago waits now, and the other way round.
 */
#include "kernel/inspect.h"
#include "kernel/compiler.h"
#include "kernel/lib/errno.h"
#include "kernel/sched/current.h"
#include "kernel/time.h"
#include "tests/guest/ktest/ktest.h"
#include "trace/core/reclaim.h"
#include "trace/core/records.h"

#define NR_RESTLESS 4
/* An emulated CPU that the host does not run at the moment takes its time to answer. */
#define MANY_NS (400 * NSEC_PER_MSEC)

static struct restless {
	struct task_struct *task;
	u32 seen_in;			/* the last inspection that looked at it */
	bool begun;
	char mentioned[16];
} restless[NR_RESTLESS];

/* Keeps an address in its own mentioned[] on its stack; no other thread has one there. */
static int give_way(void *data)
{
	struct restless *me = data;
	char *volatile mention = me->mentioned;

	WRITE_ONCE(me->begun, true);
	while (!kthread_should_stop()) {
		for (volatile unsigned int n = 0; n < 300; n++)
			;
		yield();
	}
	return !mention;
}

static unsigned int start_restless(struct ktest *t)
{
	unsigned int n;

	for (n = 0; n < NR_RESTLESS; n++) {
		restless[n] = (struct restless){ .seen_in = 0 };
		restless[n].task = kthread_run(give_way, &restless[n], "kt-restless/%u", n);
		if (!KT_EXPECT(t, !IS_ERR(restless[n].task)))
			break;
	}
	for (unsigned int i = 0; i < n; i++)
		KT_WAIT(t, READ_ONCE(restless[i].begun));
	set_user_nice(current, -8);
	return n;
}

static void stop_restless(unsigned int made)
{
	set_user_nice(current, 0);
	while (made--)
		kthread_stop(restless[made].task);
}

static enum inspect_result note_look(struct task_struct *task, unsigned long sp, void *arg)
{
	const struct inspection *inspection = arg;
	unsigned int n;

	for (n = 0; n < NR_RESTLESS; n++)
		if (restless[n].task == task)
			WRITE_ONCE(restless[n].seen_in, inspection->number);
	return INSPECT_OUTSIDE;
}

static bool all_seen(u32 number, unsigned int made)
{
	unsigned int n;

	for (n = 0; n < made; n++)
		if (READ_ONCE(restless[n].seen_in) != number)
			return false;
	return true;
}

/*
 * If nobody is inside, then that is the answer, with every thread looked at; or the answer is that
 * some thread was not seen.
 */
KTEST(inspect, unseen_is_neither_inside_nor_outside)
{
	unsigned int made = start_restless(t), wrong = 0, missed = 0;
	u64 end = ktime_get_ns() + MANY_NS;

	while (ktime_get_ns() < end) {
		struct inspection inspection = { .look = note_look, .arg = &inspection };
		enum inspect_result result = inspect_threads(&inspection);

		wrong += result != INSPECT_UNSEEN && result != INSPECT_OUTSIDE;
		missed += result == INSPECT_OUTSIDE && !all_seen(inspection.number, made);
	}
	stop_restless(made);
	KT_EXPECT_EQ(t, wrong, 0);
	KT_EXPECT_EQ(t, missed, 0);
}

/*
 * What a stack mentions is found, even if its owner, or a thread that is looked at before it, is
 * hard to catch.
 */
KTEST(inspect, every_mention_is_found)
{
	unsigned int made = start_restless(t), n, lost = 0;
	u64 end = ktime_get_ns() + MANY_NS;

	while (made == NR_RESTLESS && ktime_get_ns() < end) {
		struct ftrace_range ranges[NR_RESTLESS];

		for (n = 0; n < NR_RESTLESS; n++) {
			ranges[n].start = (unsigned long)restless[n].mentioned;
			ranges[n].end = ranges[n].start + sizeof(restless[n].mentioned);
		}
		mutex_lock(&ftrace_lock);
		ftrace_find_mentioned(ranges, NR_RESTLESS);
		mutex_unlock(&ftrace_lock);
		for (n = 0; n < NR_RESTLESS; n++)
			lost += !ranges[n].mentioned;
	}
	stop_restless(made);
	KT_EXPECT_EQ(t, lost, 0);
}

/*
 * Two inspections look at the same threads at once, and neither may take the other's marks for its
 * own.
 */
struct inspector {
	u32 numbers[32];
};

static int inspect_often(void *data)
{
	struct inspector *me = data;
	unsigned int n;

	for (n = 0; n < ARRAY_SIZE(me->numbers); n++) {
		struct inspection inspection = { .look = note_look, .arg = &inspection };

		inspect_threads(&inspection);
		me->numbers[n] = inspection.number;
	}
	return 0;
}

KTEST(inspect, each_has_a_number_of_its_own)
{
	static struct inspector one, other;
	struct task_struct *task = kthread_run(inspect_often, &one, "kt-inspector");
	unsigned int n, i, shared = 0;

	if (!KT_EXPECT(t, !IS_ERR(task)))
		return;
	inspect_often(&other);
	kthread_join(task);
	for (n = 0; n < ARRAY_SIZE(one.numbers); n++)
		for (i = 0; i < ARRAY_SIZE(other.numbers); i++)
			shared += one.numbers[n] == other.numbers[i];
	KT_EXPECT_EQ(t, shared, 0);
}
