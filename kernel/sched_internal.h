/* SPDX-License-Identifier: MIT */
/*
 * What the scheduler's files share: the run queue of a CPU, and the thread
 * list. sched.c decides who runs, switch.c changes stacks, sleep.c keeps those who wait for a
 * time, thread.c makes and ends threads.
 */
#pragma once
#include "kernel/percpu.h"
#include "kernel/sched.h"
#include "kernel/spinlock.h"

/*
 * One per CPU. A thread that can run is in its priority's queue, except the one that
 * is running. The lock is held across a switch: whoever holds it sees every
 * thread of this CPU either running or completely switched out.
 */
struct run_queue {
	spinlock_t lock;
	u32 bitmap;			/* bit n: queue[n] is not empty */
	unsigned int nr_queued;
	struct list_head queue[NR_PRIOS];
	struct task_struct *curr, *idle;
	struct task_struct *prev;	/* whom the switch under way leaves */
	struct list_head sleepers;	/* by wakeup_ns, earliest first */
	struct list_head dead;		/* switched out for the last time, stacks to be freed */
	u64 nr_switches;
};

extern struct run_queue run_queues[NR_CPUS];

static __always_inline struct run_queue *task_rq(const struct task_struct *task)
{
	return &run_queues[task->cpu];
}

/* Let the CPU go to whoever deserves it. @preempt: the caller could go on, whatever its state. */
void __schedule(bool preempt);
/* Make a sleeping thread runnable; its run queue's lock is held. 1 if it was asleep. */
int wake_up_locked(struct run_queue *rq, struct task_struct *task);
/* From the tick, with the lock held: wake those whose time has come. */
void wake_sleepers(struct run_queue *rq, u64 now);

/* switch.c: from @prev to @next, with the lock held; returns with it released, as @prev again. */
void context_switch(struct run_queue *rq, struct task_struct *prev, struct task_struct *next);

/* thread.c: free what dead threads left behind. Does not sleep. */
void reap_dead_threads(void);
/* thread.c: a thread's life from its first switch on, interrupts enabled. */
void kthread_main(void) __attribute__((noreturn));
void thread_list_add(struct task_struct *task);
