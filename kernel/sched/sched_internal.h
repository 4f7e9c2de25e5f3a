/* SPDX-License-Identifier: MIT */
/*
 * What the scheduler's files share: run queues and the thread list. sched.c decides which thread
 * runs, switch.c switches stacks, sleep.c keeps the threads that sleep for a time, thread.c creates
 * and ends threads.
 */
#pragma once
#include "kernel/sched/percpu.h"
#include "kernel/sched/sched.h"
#include "kernel/sched/spinlock.h"

/*
 * There is one per CPU. Each runnable thread is in the queue of its priority, except for the one
 * that is running. The lock is held across a switch, so that its holder sees every thread of this
 * CPU either running or completely switched out.
 */
struct run_queue {
	spinlock_t lock;
	u32 bitmap;			/* bit n: queue[n] is not empty */
	unsigned int nr_queued;
	struct list_head queue[NR_PRIOS];
	struct task_struct *curr, *idle;
	struct task_struct *prev;	/* during a switch: the thread that is switched out */
	struct task_struct *leaving;	/* a thread that send_away() is moving to another CPU */
	spinlock_t sleepers_lock;	/* taken before any run queue's lock */
	struct list_head sleepers;	/* by wakeup_ns, earliest first */
	struct list_head dead;		/* switched out for the last time, stacks to be freed */
	u64 nr_switches;
};

extern struct run_queue run_queues[NR_CPUS];

/*
 * @task's run queue. It can change at any time unless @task is the current thread and preemption is
 * off, or the run queue is locked.
 */
static __always_inline struct run_queue *task_rq(const struct task_struct *task)
{
	return &run_queues[READ_ONCE(task->cpu)];
}

/*
 * Lock @task's run queue and turn interrupts off. Until task_rq_unlock(), @task neither starts nor
 * stops running, nor moves to another CPU.
 */
struct run_queue *task_rq_lock(struct task_struct *task, unsigned long *flags);
static __always_inline void task_rq_unlock(struct run_queue *rq, unsigned long flags)
{
	spin_unlock_irqrestore(&rq->lock, flags);
}

/*
 * Enable preemption without checking need_resched. For the scheduler's loops, which check it next.
 */
static __always_inline void preempt_enable_no_resched(void)
{
	preemptirq_tell(preempt_enable, trace_preempt_on, true);
	barrier();
	current->preempt_count -= PREEMPT_OFFSET;
	barrier();
}

/*
 * Run the most urgent thread. With @preempt the current thread stays runnable, whatever its state.
 * Preemption is off.
 */
void __schedule(bool preempt);
/* Wake the threads whose deadline is at or before @now. From the tick, with no lock held. */
void wake_sleepers(struct run_queue *rq, u64 now);
/* After a switch: queue @task, which is runnable but in no queue, on a CPU where it may run. */
void send_away(struct task_struct *task);

/*
 * switch.c: switch from @prev to @next, with the lock held. It returns when @prev is switched to
 * again, with the lock released.
 */
void context_switch(struct run_queue *rq, struct task_struct *prev, struct task_struct *next);

/* thread.c: free the stacks of this CPU's dead threads. Interrupts on; does not sleep. */
void reap_dead_threads(void);
/* thread.c: call the thread's function and end the thread. Interrupts are on. */
void kthread_main(void) __attribute__((noreturn));
void thread_list_add(struct task_struct *task);
/*
 * Make the idle thread of @cpu, which runs as that CPU's current thread from the start; NULL if
 * memory is out. The caller adds it to the thread list with thread_list_add().
 */
struct task_struct *idle_thread_create(unsigned int cpu);
