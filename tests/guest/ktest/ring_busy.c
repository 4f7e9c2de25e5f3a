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
				    unsigned int step,
				    void (*disturb_now)(struct ktest *t, unsigned int round))
{
	unsigned long before[MAX_WRITERS] = { 0 };
	unsigned int round, cpu, started;

	set_user_nice(current, -8);		/* not after the writers */
	started = start_writers(t);
	for (round = first; round < end && !t->failures; round += step) {
		set_user_nice(current, 0);
		KT_EXPECT(t, wait_for_writers(before, started));
		set_user_nice(current, -8);
		disturb_now(t, round);
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
	disturb_writers(t, 0, 12, 1, disturb);
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
	started = disturb_writers(t, 1, 24, 2, disturb);
	for (int cpu = 0; cpu < (int)started; cpu++)
		KT_EXPECT_EQ(t, ring_buffer_entries_cpu(shared, cpu) +
			     ring_buffer_overrun_cpu(shared, cpu) +
			     ring_buffer_read_events_cpu(shared, cpu) +
			     ring_buffer_dropped_events_cpu(shared, cpu) +
			     ring_buffer_commit_overrun_cpu(shared, cpu), writers[cpu].tried);
	ring_buffer_free(shared);
}

/* --- Two buffers that are exchanged --- */

static struct trace_buffer *spare;

static void swap_here(void *arg)
{
	int *err = arg;

	*err = ring_buffer_swap_cpu(shared, spare, smp_processor_id());
}

static void swap_all(struct ktest *t, unsigned int round)
{
	unsigned int cpu;
	int err;

	for_each_online_cpu(cpu) {
		do {
			smp_call_function_single(cpu, swap_here, &err);
		} while (err == -EBUSY);
		KT_EXPECT_EQ(t, err, 0);
		/* Nobody writes to what was taken away. */
		KT_EXPECT_EQ(t, ring_drain_cpu(spare, (int)cpu).wrong, 0);
	}
	/* Sizes go with the rings, and may change in between. */
	if (round % 4 == 3)
		KT_EXPECT_EQ(t, ring_buffer_resize(spare, round % 8 == 3 ? 16 * PAGE_SIZE : SMALL,
						   RING_BUFFER_ALL_CPUS), 0);
}

static unsigned long counted(struct trace_buffer *buffer, int cpu)
{
	return ring_buffer_entries_cpu(buffer, cpu) + ring_buffer_overrun_cpu(buffer, cpu) +
	       ring_buffer_read_events_cpu(buffer, cpu);
}

/* Every event that was written is in one of the two, or was read, or overwritten; none is lost. */
KTEST(ring, swapped_while_all_write)
{
	unsigned int started;

	shared = ring_buffer_alloc(SMALL, RB_FL_OVERWRITE);
	spare = ring_buffer_alloc(SMALL, RB_FL_OVERWRITE);
	KT_ASSERT(t, shared && spare);
	started = disturb_writers(t, 0, 24, 1, swap_all);
	for (int cpu = 0; cpu < (int)started; cpu++) {
		KT_EXPECT_EQ(t, counted(shared, cpu) + counted(spare, cpu), writers[cpu].written);
		KT_EXPECT_EQ(t, writers[cpu].written, writers[cpu].tried);
	}
	ring_buffer_free(spare);
	ring_buffer_free(shared);
}

/* What is in the middle of something is not exchanged. */
KTEST(ring, not_swapped_inside)
{
	struct ring_buffer_event *event;
	unsigned long flags;

	kt_one_cpu(t);
	shared = ring_buffer_alloc(SMALL, RB_FL_OVERWRITE);
	spare = ring_buffer_alloc(2 * SMALL, RB_FL_OVERWRITE);
	KT_ASSERT(t, shared && spare);
	flags = arch_irq_save();
	KT_EXPECT_EQ(t, ring_buffer_swap_cpu(shared, shared, 0), -EINVAL);
	KT_EXPECT_EQ(t, ring_buffer_swap_cpu(shared, spare, NR_CPUS), -EINVAL);
	event = ring_buffer_lock_reserve(shared, 8);
	KT_EXPECT_EQ(t, ring_buffer_swap_cpu(shared, spare, 0), -EBUSY);
	KT_EXPECT_EQ(t, ring_buffer_swap_cpu(spare, shared, 0), -EBUSY);
	ring_buffer_discard_commit(shared, event);
	KT_EXPECT(t, ring_write_record(shared, 0, 1));
	KT_EXPECT_EQ(t, ring_buffer_swap_cpu(shared, spare, 0), 0);
	arch_irq_restore(flags);
	KT_EXPECT_EQ(t, ring_buffer_entries_cpu(shared, 0), 0);
	KT_EXPECT_EQ(t, ring_buffer_entries_cpu(spare, 0), 1);
	KT_EXPECT(t, ring_buffer_size(shared, 0) > ring_buffer_size(spare, 0));
	KT_EXPECT(t, ring_write_record(shared, 0, 2));
	KT_EXPECT_EQ(t, ring_drain(shared).events, 1);
	KT_EXPECT_EQ(t, ring_drain(spare).wrong, 0);
	ring_buffer_free(spare);
	ring_buffer_free(shared);
}

/* A ring can be given memory that can grow further, and keeps its events. */
KTEST(ring, takes_room)
{
	unsigned long flags;

	kt_one_cpu(t);
	shared = ring_buffer_alloc(SMALL, RB_FL_OVERWRITE);
	spare = ring_buffer_alloc(SMALL, RB_FL_OVERWRITE);
	KT_ASSERT(t, shared && spare);
	flags = arch_irq_save();
	KT_EXPECT_EQ(t, ring_buffer_swap_cpu(shared, spare, 0), 0);
	arch_irq_restore(flags);
	for (u32 n = 0; n < 2000; n++)
		ring_write_record(shared, 0, n);
	ring_buffer_take_room(shared, spare, 0);
	ring_buffer_free(spare);
	for (u32 n = 2000; n < 2100; n++)
		ring_write_record(shared, 0, n);
	KT_EXPECT_EQ(t, ring_buffer_resize(shared, 64 * PAGE_SIZE, 0), 0);
	KT_EXPECT_EQ(t, ring_buffer_entries_cpu(shared, 0) + ring_buffer_overrun_cpu(shared, 0),
		     2100);
	KT_EXPECT_EQ(t, ring_drain(shared).wrong, 0);
	ring_buffer_free(shared);
}
