/* SPDX-License-Identifier: MIT */
/*
 * The parts of the scheduler that must not be traced: the switch of stacks, where `current` changes
 * between two instructions, and the functions through which preemption enters the scheduler. A
 * section with interrupts or preemption off that began before the switch may end here, in the next
 * thread: so this file tells of it.
 */
#define PREEMPTIRQ_HOOKS 1
#include "kernel/bug.h"
#include "kernel/lockdep.h"
#include "kernel/sched/current.h"
#include "kernel/sched/sched_internal.h"

/*
 * Runs after every switch, on the new thread's stack, and releases the lock that the previous
 * thread took. The new thread's preempt count still includes the lock that it held itself when it
 * was switched out; alloc_task() starts new threads with such a count.
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
 * How interrupts are masked is not saved with a thread. So at a switch they must be masked in the
 * same way for all threads; otherwise the next one would inherit a wrong mask.
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
	/* From here on its stack changes, so what an inspection knew of it is no longer true. */
	WRITE_ONCE(next->rests_clear, false);
	WRITE_ONCE(rq->curr, next);	/* call_idle_cpu() on another CPU looks at it */
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
 * While __schedule() runs, the preempt count keeps a preemption point in it, or in a callback that
 * traces it, from entering it again. If interrupts are off, nothing is lost either:
 * irq_enable_and_look() and its kin check need_resched later.
 */
void preempt_schedule(void)
{
	if (preempt_count() || arch_irqs_disabled())
		return;
	do {
		preempt_disable();
		__schedule(true);
		preempt_enable_no_resched();
	} while (unlikely(READ_ONCE(current->need_resched)));
}

void preempt_schedule_irq(void)
{
	assert_irqs_off();
	while (READ_ONCE(current->need_resched)) {
		preempt_disable();
		__schedule(true);
		preempt_enable_no_resched();
	}
	/* The port's exception code switches them on, and irq_exit() has not told of it. */
	preemptirq_tell(irq_enable, trace_hardirqs_on, true);
}
