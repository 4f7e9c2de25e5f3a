/* SPDX-License-Identifier: MIT */
/*
 * Sleeping for a time. Each CPU keeps its sleeping threads in a list sorted by deadline, and its
 * tick wakes those that are due: a sleep ends up to 1/HZ seconds late, but never early.
 */
#include "kernel/events/timer.h"
#include "kernel/lockdep.h"
#include "kernel/sched/sched_internal.h"
#include "kernel/time.h"

/* In events a sleeping thread is a timer whose function wakes it. Linux counts in jiffies. */
static unsigned long ns_to_jiffies(u64 ns)
{
	u64 us = ns / NSEC_PER_USEC;

	return (unsigned long)(us / (1000000 / HZ));
}

static void insert_sleeper(struct run_queue *rq, struct task_struct *task)
{
	struct task_struct *later;

	lockdep_assert_held(&rq->sleepers_lock);
	list_for_each_entry(later, &rq->sleepers, sleep_node) {
		if (later->wakeup_ns > task->wakeup_ns)
			break;
	}
	list_add_tail(&task->sleep_node, &later->sleep_node);
}

void wake_sleepers(struct run_queue *rq, u64 now)
{
	struct task_struct *task;

	assert_irqs_off();
	spin_lock(&rq->sleepers_lock);
	while (!list_empty(&rq->sleepers)) {
		task = list_first_entry(&rq->sleepers, struct task_struct, sleep_node);
		if (task->wakeup_ns > now)
			break;
		list_del_init(&task->sleep_node);
		/* The thread would take itself off only when it runs, and be found again before. */
		trace_timer_expire_entry(task, wake_up_process, jiffies);
		wake_up_process(task);
		trace_timer_expire_exit(task);
	}
	spin_unlock(&rq->sleepers_lock);
}

u64 schedule_timeout_ns(u64 ns)
{
	struct run_queue *rq;
	unsigned long flags;
	u64 now = ktime_get_ns();
	u64 deadline = now + ns < now ? ~0ull : now + ns;

	might_sleep();
	flags = irq_save();
	rq = task_rq(current);		/* kept, because the thread may wake up on another CPU */
	spin_lock(&rq->sleepers_lock);
	current->wakeup_ns = deadline;
	insert_sleeper(rq, current);
	if (trace_timer_start_enabled())
		trace_timer_start(current, wake_up_process, jiffies + ns_to_jiffies(ns), jiffies);
	spin_unlock_irqrestore(&rq->sleepers_lock, flags);

	schedule();

	spin_lock_irqsave(&rq->sleepers_lock, flags);
	/* If it was woken before its deadline, it is still in the list. */
	if (trace_timer_cancel_enabled() && !list_empty(&current->sleep_node))
		trace_timer_cancel(current);
	list_del_init(&current->sleep_node);
	current->wakeup_ns = 0;
	spin_unlock_irqrestore(&rq->sleepers_lock, flags);
	now = ktime_get_ns();
	return deadline > now ? deadline - now : 0;
}

void msleep(unsigned int ms)
{
	u64 left = ms * NSEC_PER_MSEC;

	do {
		set_current_state(TASK_UNINTERRUPTIBLE);
		left = schedule_timeout_ns(left);
	} while (left);
}
