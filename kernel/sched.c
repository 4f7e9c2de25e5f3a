/* SPDX-License-Identifier: MIT */
/*
 * The scheduler: strict priorities, round robin with time slices within one,
 * a run queue per CPU. Threads stay on the CPU that they were created for. Traced, except for
 * the switch itself (switch.c).
 */
#include "kernel/bug.h"
#include "kernel/sched_internal.h"
#include "kernel/string.h"
#include "kernel/time.h"

#define TIME_SLICE (HZ / 20)		/* ticks */

struct run_queue run_queues[NR_CPUS];
unsigned int nr_cpus_online = 1;

/* Thread 0: what runs from the first instruction on, and idles once there are others. */
struct task_struct init_task = {
	.comm = "swapper",
	.prio = NR_PRIOS - 1,
	.usage = 1,
	.fail_alloc = -1,
};

static void enqueue(struct run_queue *rq, struct task_struct *task, bool at_head)
{
	struct list_head *queue = &rq->queue[task->prio];

	if (at_head)
		list_add(&task->run_node, queue);
	else
		list_add_tail(&task->run_node, queue);
	rq->bitmap |= 1u << task->prio;
	rq->nr_queued++;
}

static void dequeue(struct run_queue *rq, struct task_struct *task)
{
	list_del_init(&task->run_node);
	if (list_empty(&rq->queue[task->prio]))
		rq->bitmap &= ~(1u << task->prio);
	rq->nr_queued--;
}

static struct task_struct *pick_next(struct run_queue *rq)
{
	struct task_struct *next;

	if (!rq->bitmap)
		return rq->idle;
	next = list_first_entry(&rq->queue[__builtin_ctz(rq->bitmap)], struct task_struct,
				run_node);
	dequeue(rq, next);
	return next;
}

/* A thread that was preempted before its slice ended goes on first. */
static void put_back(struct run_queue *rq, struct task_struct *prev)
{
	bool at_head = prev->time_slice > 0;

	if (!at_head)
		prev->time_slice = TIME_SLICE;
	if (prev != rq->idle)
		enqueue(rq, prev, at_head);
}

void __schedule(bool preempt)
{
	unsigned long flags = arch_irq_save();
	struct task_struct *prev = current, *next;
	struct run_queue *rq = task_rq(prev);
	u64 now;

	spin_lock(&rq->lock);
	prev->need_resched = false;
	if (preempt || prev->__state == TASK_RUNNING)
		put_back(rq, prev);
	next = pick_next(rq);
	if (next == prev) {
		spin_unlock(&rq->lock);
		arch_irq_restore(flags);
		return;
	}
	now = ktime_get_ns();
	prev->runtime_ns += now - prev->switched_in_ns;
	next->switched_in_ns = now;
	next->nr_switches++;
	rq->nr_switches++;
	context_switch(rq, prev, next);
	arch_irq_restore(flags);
}

void schedule(void)
{
	if (unlikely(preempt_count()))
		panic("schedule() with preempt count 0x%x", preempt_count());
	do {
		preempt_disable_notrace();
		__schedule(false);
		preempt_enable_no_resched();
	} while (unlikely(READ_ONCE(current->need_resched)));
}

/*
 * The thread may be on its way to sleep: still running, or preempted in between. Then it is
 * enough to say that it need not sleep.
 */
int wake_up_locked(struct run_queue *rq, struct task_struct *task)
{
	if (task->__state == TASK_RUNNING || task->__state == TASK_DEAD)
		return 0;
	WRITE_ONCE(task->__state, TASK_RUNNING);
	if (task == rq->curr || !list_empty(&task->run_node))
		return 1;
	enqueue(rq, task, false);
	if (task->prio < rq->curr->prio)
		WRITE_ONCE(rq->curr->need_resched, true);
	return 1;
}

int wake_up_process(struct task_struct *task)
{
	struct run_queue *rq = task_rq(task);
	unsigned long flags;
	int woken;

	spin_lock_irqsave(&rq->lock, flags);
	woken = wake_up_locked(rq, task);
	spin_unlock_irqrestore(&rq->lock, flags);
	return woken;
}

/* Interrupt context, this CPU's tick. */
void scheduler_tick(void)
{
	struct task_struct *curr = current;
	struct run_queue *rq = task_rq(curr);

	spin_lock(&rq->lock);
	wake_sleepers(rq, ktime_get_ns());
	if (curr == rq->idle) {
		curr->need_resched = rq->nr_queued > 0;
	} else {
		if (curr->time_slice)
			curr->time_slice--;
		/* Lower priorities do not matter: they do not get the CPU anyway. */
		if (!curr->time_slice && !list_empty(&rq->queue[curr->prio]))
			curr->need_resched = true;
	}
	spin_unlock(&rq->lock);
}

void yield(void)
{
	current->time_slice = 0;
	schedule();
}

void set_user_nice(struct task_struct *task, long nice)
{
	long prio = min(max(nice + DEFAULT_PRIO, 0l), (long)NR_PRIOS - 2);
	struct run_queue *rq = task_rq(task);
	unsigned long flags;
	bool queued;

	spin_lock_irqsave(&rq->lock, flags);
	queued = task != rq->curr && task->__state != TASK_DEAD && !list_empty(&task->run_node);
	if (queued)
		dequeue(rq, task);
	task->prio = (unsigned int)prio;
	if (queued)
		enqueue(rq, task, false);
	/* Somebody may deserve the CPU more now, whether @task runs or waits. */
	if (rq->bitmap && (unsigned int)__builtin_ctz(rq->bitmap) < rq->curr->prio)
		WRITE_ONCE(rq->curr->need_resched, true);
	spin_unlock_irqrestore(&rq->lock, flags);
}

u64 nr_context_switches(void)
{
	u64 sum = 0;
	unsigned int cpu;

	for_each_online_cpu(cpu)
		sum += run_queues[cpu].nr_switches;
	return sum;
}

static void init_run_queue(struct run_queue *rq)
{
	spin_lock_init(&rq->lock);
	for (unsigned int i = 0; i < NR_PRIOS; i++)
		INIT_LIST_HEAD(&rq->queue[i]);
	INIT_LIST_HEAD(&rq->sleepers);
	INIT_LIST_HEAD(&rq->dead);
}

void sched_init(void)
{
	struct run_queue *rq = &run_queues[0];

	for (unsigned int cpu = 0; cpu < NR_CPUS; cpu++)
		init_run_queue(&run_queues[cpu]);
	INIT_LIST_HEAD(&init_task.run_node);
	INIT_LIST_HEAD(&init_task.sleep_node);
	INIT_LIST_HEAD(&init_task.exit_waiters);
	thread_list_add(&init_task);
	init_task.switched_in_ns = ktime_get_ns();
	rq->curr = &init_task;
	rq->idle = &init_task;
}

/* What thread 0 does for the rest of its life. */
void cpu_idle(void)
{
	for (;;) {
		reap_dead_threads();
		arch_irq_disable();
		while (!READ_ONCE(current->need_resched))
			arch_idle();
		arch_irq_enable();
		schedule();
	}
}
