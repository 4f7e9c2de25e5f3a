/* SPDX-License-Identifier: MIT */
/*
 * What the scheduler's files share: the run queue of a CPU, and the thread
 * list. sched.c decides who runs, switch.c changes stacks, sleep.c keeps those who wait for a
 * time, thread.c makes and ends threads.
 */
#pragma once
#include "kernel/sched/percpu.h"
#include "kernel/sched/sched.h"
#include "kernel/sched/spinlock.h"

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
	struct task_struct *leaving;	/* who is on the way from here to another CPU */
	spinlock_t sleepers_lock;	/* taken before any run queue's lock */
	struct list_head sleepers;	/* by wakeup_ns, earliest first */
	struct list_head dead;		/* switched out for the last time, stacks to be freed */
	u64 nr_switches;
};

extern struct run_queue run_queues[NR_CPUS];

/* The run queue of the current thread, with preemption off, or of one whose run queue is locked. */
static __always_inline struct run_queue *task_rq(const struct task_struct *task)
{
	return &run_queues[READ_ONCE(task->cpu)];
}

/*
 * Lock the run queue that @task belongs to, interrupts off: while it is held, @task neither starts
 * nor stops running, nor moves to another CPU.
 */
struct run_queue *task_rq_lock(struct task_struct *task, unsigned long *flags);
static __always_inline void task_rq_unlock(struct run_queue *rq, unsigned long flags)
{
	spin_unlock_irqrestore(&rq->lock, flags);
}

/*
 * Only for the scheduler, whose loops look themselves: it is never called where a look is all that
 * would follow.
 */
static __always_inline void preempt_enable_no_resched(void)
{
	barrier();
	current->preempt_count -= PREEMPT_OFFSET;
	barrier();
}

/* Let the CPU go to whoever deserves it. @preempt: the caller could go on, whatever its state. */
void __schedule(bool preempt);
/* The tick calls this with no lock held, to wake those whose time has come. */
void wake_sleepers(struct run_queue *rq, u64 now);
/* Behind a switch: put @task, which is runnable and nowhere, on a CPU where it may run. */
void send_away(struct task_struct *task);

/* switch.c: from @prev to @next, with the lock held; returns with it released, as @prev again. */
void context_switch(struct run_queue *rq, struct task_struct *prev, struct task_struct *next);

/* thread.c: free what dead threads left behind. Does not sleep. */
void reap_dead_threads(void);
/* thread.c: a thread's life from its first switch on, interrupts enabled. */
void kthread_main(void) __attribute__((noreturn));
void thread_list_add(struct task_struct *task);
/*
 * What @cpu does when nothing else is to be done; running there from its first moment. NULL: no
 * memory. It is a thread like others, for those who look at all, from thread_list_add() on.
 */
struct task_struct *idle_thread_create(unsigned int cpu);
