/* SPDX-License-Identifier: MIT */
/* Threads, sleeping, waking and locks: what kernel/sched/sched.h and wait.h promise. */
#include "kernel/clock.h"
#include "kernel/lib/errno.h"
#include "kernel/lib/string.h"
#include "kernel/mm/mm.h"
#include "kernel/sched/current.h"
#include "kernel/sched/wait.h"
#include "kernel/time.h"
#include "tests/guest/ktest/ktest.h"
#include "trace/ring_buffer/trace_clock.h"

/* The threads write here what they do, in order. */
static char order[32];
static unsigned int order_len;

static void note(char who)
{
	preempt_disable();
	if (order_len < sizeof(order) - 1)
		order[order_len++] = who;
	order[order_len] = '\0';
	preempt_enable();
}

static void forget(void)
{
	order_len = 0;
	order[0] = '\0';
}

static int note_and_end(void *data)
{
	note(*(const char *)data);
	return *(const char *)data;
}

KTEST(sched, thread_runs_and_ends)
{
	struct task_struct *task;

	forget();
	task = kthread_create(note_and_end, "a", "ktest/%d", 7);
	KT_ASSERT(t, !IS_ERR(task));
	KT_EXPECT_STREQ(t, task->comm, "ktest/7");
	KT_EXPECT(t, task->pid > 0);
	msleep(1);
	KT_EXPECT_STREQ(t, order, "");		/* a new thread is stopped */
	KT_EXPECT_EQ(t, wake_up_process(task), 1);
	KT_EXPECT_EQ(t, kthread_join(task), 'a');
	KT_EXPECT_STREQ(t, order, "a");
}

static int end_when_told(void *data)
{
	while (!kthread_should_stop()) {
		set_current_state(TASK_INTERRUPTIBLE);
		if (!kthread_should_stop())
			schedule();
		set_current_state(TASK_RUNNING);
	}
	note('s');
	return 42;
}

KTEST(sched, kthread_stop_wakes_and_waits)
{
	struct task_struct *task = kthread_run(end_when_told, NULL, "ktest-stop");

	KT_ASSERT(t, !IS_ERR(task));
	forget();
	msleep(20);
	KT_EXPECT_EQ(t, kthread_stop(task), 42);
	KT_EXPECT_STREQ(t, order, "s");
	/* The same for a thread that never ran. */
	task = kthread_create(end_when_told, NULL, "ktest-stop2");
	KT_ASSERT(t, !IS_ERR(task));
	kthread_stop(task);
}

/*
 * The thread of the highest priority runs first, whichever was woken first; equal ones run in the
 * order of waking.
 */
KTEST(sched, priorities)
{
	static const struct {
		const char *name;
		long nice;
	} threads[] = { { "c", 5 }, { "a", -5 }, { "d", 5 }, { "b", -3 } };
	struct task_struct *task[ARRAY_SIZE(threads)];
	unsigned int n;

	kt_one_cpu(t);
	forget();
	for (n = 0; n < ARRAY_SIZE(threads); n++) {
		task[n] = kthread_create(note_and_end, (void *)threads[n].name, "ktest-prio");
		KT_ASSERT(t, !IS_ERR(task[n]));
		set_user_nice(task[n], threads[n].nice);
	}
	preempt_disable();
	for (n = 0; n < ARRAY_SIZE(threads); n++)
		wake_up_process(task[n]);
	preempt_enable();
	for (n = 0; n < ARRAY_SIZE(threads); n++)
		kthread_join(task[n]);
	KT_EXPECT_STREQ(t, order, "abcd");
}

/* A thread that is woken and is more urgent runs before the waker goes on. */
KTEST(sched, wakeup_preempts)
{
	struct task_struct *task;

	kt_one_cpu(t);
	task = kthread_create(note_and_end, "x", "ktest-urgent");
	KT_ASSERT(t, !IS_ERR(task));
	forget();
	set_user_nice(task, -10);
	wake_up_process(task);
	note('m');
	kthread_join(task);
	KT_EXPECT_STREQ(t, order, "xm");
}

KTEST(sched, sleep_is_long_enough)
{
	static const unsigned int times[] = { 1, 10, 25 };
	unsigned int n;

	for (n = 0; n < ARRAY_SIZE(times); n++) {
		u64 start = ktime_get_ns(), slept;

		msleep(times[n]);
		slept = ktime_get_ns() - start;
		KT_EXPECT(t, slept >= times[n] * NSEC_PER_MSEC);
		KT_EXPECT(t, slept < 10 * NSEC_PER_SEC);	/* the host may be busy */
	}
}

KTEST(sched, timeout_reports_what_is_left)
{
	u64 left;

	set_current_state(TASK_INTERRUPTIBLE);
	left = schedule_timeout_ns(5 * NSEC_PER_MSEC);
	KT_EXPECT_EQ(t, left, 0);
	KT_EXPECT_EQ(t, current->__state, TASK_RUNNING);
	/* A thread that is not in a sleeping state does not sleep. */
	left = schedule_timeout_ns(100 * NSEC_PER_SEC);
	KT_EXPECT(t, left > 50 * NSEC_PER_SEC);
}

/* Busy threads of one priority share the processor without asking for the scheduler. */
static unsigned long spins[2];

static int spin(void *data)
{
	unsigned long *count = data;

	while (!kthread_should_stop())
		WRITE_ONCE(*count, *count + 1);
	return 0;
}

KTEST(sched, busy_threads_share)
{
	struct task_struct *task[2];
	unsigned int n;

	kt_one_cpu(t);
	spins[0] = spins[1] = 0;
	for (n = 0; n < 2; n++) {
		task[n] = kthread_run(spin, &spins[n], "ktest-spin");
		KT_ASSERT(t, !IS_ERR(task[n]));
	}
	KT_WAIT(t, READ_ONCE(spins[0]) > 1000 && READ_ONCE(spins[1]) > 1000);
	for (n = 0; n < 2; n++)
		kthread_stop(task[n]);
}

/* Threads that call the scheduler all the time, although they could go on, take turns. */
static unsigned long turns;

static int ask_while_runnable(void *data)
{
	while (!kthread_should_stop()) {
		schedule_timeout_ns(NSEC_PER_SEC);
		turns++;			/* all run on one CPU, each in its turn */
	}
	return 0;
}

/*
 * In each round each thread runs once. A tick in between also sends the running thread to the end
 * of the queue, which costs this thread a round, or one of the others a turn.
 */
KTEST(sched, who_asks_lets_others_run)
{
	struct task_struct *task[20];
	unsigned long start, ticks;
	unsigned int n;

	kt_one_cpu(t);
	turns = 0;
	start = jiffies;
	for (n = 0; n < ARRAY_SIZE(task); n++) {
		task[n] = kthread_run(ask_while_runnable, NULL, "ktest-asks/%u", n);
		KT_ASSERT(t, !IS_ERR(task[n]));
	}
	for (n = 0; n < 20; n++)
		schedule();
	n = turns;
	ticks = jiffies - start + 1;
	KT_EXPECT(t, n + ticks >= 19 * ARRAY_SIZE(task));
	KT_EXPECT(t, n <= (20 + ticks) * ARRAY_SIZE(task));
	for (n = 0; n < ARRAY_SIZE(task); n++)
		kthread_stop(task[n]);
}

/*
 * A thread that sleeps until a tick and runs for a moment would meet each tick itself, and the
 * thread that it interrupts none. Nevertheless that thread must come to the end of its slice.
 */
static struct task_struct *tick_taker;

static int take_the_tick(void *data)
{
	while (!kthread_should_stop()) {
		unsigned long tick = jiffies;

		set_current_state(TASK_INTERRUPTIBLE);
		if (!kthread_should_stop())
			schedule();
		set_current_state(TASK_RUNNING);
		while (tick == jiffies && !kthread_should_stop())
			arch_cpu_relax();
	}
	return 0;
}

static unsigned long laps;

/* It runs for a fifth of a tick at a time, and then the other thread has the CPU until the tick. */
static int run_between_ticks(void *data)
{
	while (!kthread_should_stop()) {
		u64 end = ktime_get_ns() + NSEC_PER_SEC / HZ / 5;

		while (ktime_get_ns() < end)
			arch_cpu_relax();
		WRITE_ONCE(laps, laps + 1);
		wake_up_process(tick_taker);
	}
	return 0;
}

/* Counts how often the thread came to run, and for how many laps it had to wait. */
static struct {
	unsigned int turns;
	unsigned long most_laps;
} waiter;

static int count_laps(void *data)
{
	unsigned long seen = READ_ONCE(laps), now;

	for (; !kthread_should_stop(); seen = now) {
		now = READ_ONCE(laps);
		WRITE_ONCE(waiter.most_laps, max(waiter.most_laps, now - seen));
		if (now != seen)
			WRITE_ONCE(waiter.turns, waiter.turns + 1);
	}
	return 0;
}

KTEST(sched, slices_are_used_up_between_ticks)
{
	struct task_struct *hog, *other;

	kt_one_cpu(t);
	waiter.turns = waiter.most_laps = 0;
	tick_taker = kthread_create(take_the_tick, NULL, "ktest-tick");
	hog = kthread_create(run_between_ticks, NULL, "ktest-hog");
	other = kthread_create(count_laps, NULL, "ktest-other");
	KT_ASSERT(t, !IS_ERR(tick_taker) && !IS_ERR(hog) && !IS_ERR(other));
	set_user_nice(tick_taker, -10);
	set_user_nice(hog, 5);
	set_user_nice(other, 5);
	wake_up_process(tick_taker);
	wake_up_process(hog);
	wake_up_process(other);
	KT_WAIT(t, READ_ONCE(waiter.turns) >= 2);
	/* A slice has 25 laps of 2 ms. On a busy host one can seem longer than it was. */
	KT_EXPECT(t, READ_ONCE(waiter.most_laps) <= 50);
	kthread_stop(hog);
	kthread_stop(other);
	kthread_stop(tick_taker);
}

/* The tick counter has 64 bits on every machine, and is read whole at each moment. */
KTEST(sched, ticks_do_not_wrap)
{
	unsigned long flags, before;
	u64 ticks, copies[2];

	kt_one_cpu(t);
	/* No other CPU counts ticks: this one does, and its tick has to wait. */
	flags = arch_irq_save();
	before = jiffies;
	memcpy(copies, jiffies_copies, sizeof(copies));
	ticks = (1ull << 32) - 3;
	jiffies_copies[ticks & 1] = ticks;
	jiffies = (unsigned long)ticks;
	for (unsigned int n = 0; n < 6; n++) {
		KT_EXPECT(t, get_jiffies_64() == ticks + n);
		KT_EXPECT(t, trace_clock_uptime() == ticks + n);
		jiffies_advance();
	}
	memcpy(jiffies_copies, copies, sizeof(copies));
	jiffies = before;
	arch_irq_restore(flags);
}

KTEST(sched, preempt_disable_holds)
{
	struct task_struct *task;
	unsigned long start;

	kt_one_cpu(t);
	task = kthread_create(note_and_end, "x", "ktest-urgent");
	KT_ASSERT(t, !IS_ERR(task));
	set_user_nice(task, -10);
	forget();
	preempt_disable();
	wake_up_process(task);
	for (start = jiffies; jiffies - start < 3;)
		arch_cpu_relax();
	note('m');
	preempt_enable();
	kthread_join(task);
	KT_EXPECT_STREQ(t, order, "mx");
}

/* Many threads end, and neither they nor anything of theirs stays. */
KTEST(sched, many_threads)
{
	struct task_struct *task[20];
	unsigned int n, before = kt_count_threads();
	struct mm_stats stats, then;

	kt_mm_stats(&then);
	for (n = 0; n < ARRAY_SIZE(task); n++) {
		task[n] = kthread_run(end_when_told, NULL, "ktest-many/%u", n);
		KT_ASSERT(t, !IS_ERR(task[n]));
	}
	KT_EXPECT_EQ(t, kt_count_threads(), before + ARRAY_SIZE(task));
	for (n = 0; n < ARRAY_SIZE(task); n++)
		KT_EXPECT_EQ(t, kthread_stop(task[n]), 42);
	KT_EXPECT_EQ(t, kt_count_threads(), before);
	KT_WAIT(t, !threads_unreaped());
	kt_mm_stats(&stats);
	KT_EXPECT_EQ(t, stats.vmap_pages, then.vmap_pages);
}
