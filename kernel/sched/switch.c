/* SPDX-License-Identifier: MIT */
/*
 * The seams of the scheduler that must not be traced: the switch of stacks
 * itself, where `current` changes between two instructions, and the entries that
 * preemption takes.
 */
#include "kernel/bug.h"
#include "kernel/lockdep.h"
#include "kernel/sched/current.h"
#include "kernel/sched/sched_internal.h"

/*
 * Behind every switch, on the new thread's stack. The lock was taken by the thread that switched
 * to us; each thread's preempt count holds its own share of it.
 */
static void finish_switch(void)
{
	struct run_queue *rq = &run_queues[smp_processor_id()];
	struct task_struct *prev = rq->prev, *leaving = rq->leaving;

	lockdep_assert_held(&rq->lock);
	if (unlikely(prev->__state == TASK_DEAD)) {
		prev->switched_out = true;
		list_add_tail(&prev->run_node, &rq->dead);
	}
	spin_unlock(&rq->lock);
	if (unlikely(leaving)) {
		send_away(leaving);
		smp_store_release(&rq->leaving, NULL);
	}
}

/*
 * What masks interrupts belongs to no thread: all have the same at a switch, or the next inherits
 * it.
 */
static void assert_masked(const struct task_struct *task)
{
	if (unlikely(!arch_may_switch()))
		panic("%s (pid %d) is switched with interrupts on, or masked in another way",
		      task->comm, (int)task->pid);
}

void context_switch(struct run_queue *rq, struct task_struct *prev, struct task_struct *next)
{
	lockdep_assert_held(&rq->lock);
	assert_masked(prev);
	rq->curr = next;
	rq->prev = prev;
	arch_set_current(next);
	arch_switch_to(prev, next);
	assert_masked(prev);
	finish_switch();
}

void kthread_entry(void)
{
	assert_masked(current);
	finish_switch();
	irq_enable_and_look();
	kthread_main();
}

/*
 * The count keeps a preemption point inside the scheduler, or in a callback that traces it,
 * from coming here again. Where interrupts are off, who turns them on looks again.
 */
void preempt_schedule(void)
{
	if (preempt_count() || arch_irqs_disabled())
		return;
	do {
		preempt_disable_notrace();
		__schedule(true);
		preempt_enable_no_resched();
	} while (unlikely(READ_ONCE(current->need_resched)));
}

void preempt_schedule_irq(void)
{
	assert_irqs_off();
	while (READ_ONCE(current->need_resched)) {
		preempt_disable_notrace();
		__schedule(true);
		preempt_enable_no_resched();
	}
}
