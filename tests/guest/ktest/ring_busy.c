/* SPDX-License-Identifier: MIT */
/*
 * The ring buffer while it is written to all the time: by a thread and the interrupts that come
 * upon it, and by threads on several CPUs while sizes change and readers empty it.
 */
#include "kernel/lib/string.h"
#include "kernel/mm/mm.h"
#include "kernel/sched/current.h"
#include "kernel/sched/percpu.h"
#include "kernel/time.h"
#include "tests/guest/ktest/counter.h"
#include "tests/guest/ktest/ring_records.h"

/*
 * The timer interrupt writes too, in a callback on a function that it calls, while this thread
 * writes all the time. At whatever instruction it comes, the events of both must come out whole and
 * in order.
 */
static struct trace_buffer *shared;
static u32 ticks;
static unsigned long ticks_refused;

static void write_from_tick(unsigned long ip, unsigned long parent_ip, struct ftrace_ops *op,
			    struct ftrace_regs *fregs)
{
	if (in_hardirq() && !smp_processor_id()) { /* the writer's own CPU */
		ticks_refused += !ring_write_record(shared, 1, ticks);
		WRITE_ONCE(ticks, ticks + 1);	/* the thread waits for it */
	}
}

KTEST(ring, interrupted_by_the_timer)
{
	static struct ftrace_ops op = { .func = write_from_tick };
	unsigned long read = 0, refused = 0, lost = 0;
	struct drained d;
	u32 n = 0;

	kt_one_cpu(t);
	shared = ring_buffer_alloc(16 * PAGE_SIZE, RB_FL_OVERWRITE);
	KT_ASSERT(t, shared);
	ticks = 0;
	ticks_refused = 0;
	if (KT_EXPECT_EQ(t, register_ftrace_function(&op), 0)) {
		u64 end = ktime_get_ns() + 10 * NSEC_PER_SEC;

		while (ktime_get_ns() < end && READ_ONCE(ticks) < 100) {
			refused += !ring_write_record(shared, 0, n++);
			/* Reading now and then keeps most events; losses are counted. */
			if (n % 256)
				continue;
			d = ring_drain(shared);
			read += d.events;
			lost += d.lost;
			KT_EXPECT_EQ(t, d.wrong, 0);
		}
		KT_EXPECT_EQ(t, unregister_ftrace_function(&op), 0);
	}
	KT_EXPECT(t, ticks >= 100);
	KT_EXPECT_EQ(t, refused + ticks_refused, 0);
	d = ring_drain(shared);
	KT_EXPECT_EQ(t, d.wrong, 0);
	KT_EXPECT_EQ(t, read + d.events + lost + d.lost, (unsigned long)n + ticks);
	ring_buffer_free(shared);
}

/*
 * Threads on some CPUs write all the time, while this one empties and resizes the buffers that they
 * write to. There are few of them, because each change waits until the host has run each of them.
 */
#define MAX_WRITERS 3u

static struct {
	struct task_struct *task;
	unsigned long written, tried;
} writers[MAX_WRITERS];

static int write_until_told(void *data)
{
	unsigned int cpu = (unsigned int)(unsigned long)data;
	u32 n = 0;

	while (!kthread_should_stop()) {
		WRITE_ONCE(writers[cpu].written,
			   writers[cpu].written + ring_write_record(shared, 0, n++));
		writers[cpu].tried++;
		preempt_disable();
		preempt_enable(); /* writing does not check: trace/ring_buffer/ring_buffer.h */
	}
	return 0;
}

static unsigned int start_writers(struct ktest *t)
{
	unsigned int cpu;

	memset(writers, 0, sizeof(writers));
	for (cpu = 0; cpu < min(nr_cpus_online, MAX_WRITERS); cpu++) {
		struct task_struct *task =
			kthread_create(write_until_told, (void *)(unsigned long)cpu, "ring/%u",
				       cpu);

		if (!KT_EXPECT(t, !IS_ERR(task)))
			break;
		kthread_bind(task, cpu);
		wake_up_process(task);
		writers[cpu].task = task;
	}
	return cpu;
}

/* Waits until every writer has written something since the last time. */
static bool wait_for_writers(unsigned long *before, unsigned int nr)
{
	u64 deadline = ktime_get_ns() + 10 * NSEC_PER_SEC;
	unsigned int cpu;

	for (cpu = 0; cpu < nr; cpu++) {
		while (READ_ONCE(writers[cpu].written) == before[cpu])
			if (ktime_get_ns() > deadline)
				return false;
			else
				yield();
		before[cpu] = READ_ONCE(writers[cpu].written);
	}
	return true;
}

static void disturb(struct ktest *t, unsigned int round)
{
	unsigned long size = round % 4 < 2 ? SMALL : 16 * PAGE_SIZE;
	unsigned int cpu;

	if (round % 2)
		KT_EXPECT_EQ(t, ring_buffer_resize(shared, size, RING_BUFFER_ALL_CPUS), 0);
	else
		ring_buffer_reset(shared);
	for_each_online_cpu(cpu)
		KT_EXPECT_EQ(t, ring_drain_present(shared, (int)cpu).wrong, 0);
}

/*
 * While threads write to `shared` all the time, disturb them in the rounds @first, @first + @step
 * and so on, below @end. Returns how many writers there were.
 */
static unsigned int disturb_writers(struct ktest *t, unsigned int first, unsigned int end,
				    unsigned int step)
{
	unsigned long before[MAX_WRITERS] = { 0 };
	unsigned int round, cpu, started;

	set_user_nice(current, -8);		/* not after the writers */
	started = start_writers(t);
	for (round = first; round < end && !t->failures; round += step) {
		set_user_nice(current, 0);
		KT_EXPECT(t, wait_for_writers(before, started));
		set_user_nice(current, -8);
		disturb(t, round);
	}
	for (cpu = 0; cpu < started; cpu++)
		kthread_stop(writers[cpu].task);
	set_user_nice(current, 0);
	return started;
}

KTEST(ring, changed_while_all_write)
{
	shared = ring_buffer_alloc(SMALL, RB_FL_OVERWRITE);
	KT_ASSERT(t, shared);
	disturb_writers(t, 0, 12, 1);
	ring_buffer_free(shared);
}

/*
 * Nobody switches recording off, and only sizes change, so each event that was tried is somewhere.
 */
KTEST(ring, each_event_is_counted_while_sizes_change)
{
	unsigned int started;

	shared = ring_buffer_alloc(SMALL, RB_FL_OVERWRITE);
	KT_ASSERT(t, shared);
	started = disturb_writers(t, 1, 24, 2);
	for (int cpu = 0; cpu < (int)started; cpu++)
		KT_EXPECT_EQ(t, ring_buffer_entries_cpu(shared, cpu) +
			     ring_buffer_overrun_cpu(shared, cpu) +
			     ring_buffer_read_events_cpu(shared, cpu) +
			     ring_buffer_dropped_events_cpu(shared, cpu) +
			     ring_buffer_commit_overrun_cpu(shared, cpu), writers[cpu].tried);
	ring_buffer_free(shared);
}
