/* SPDX-License-Identifier: MIT */
/* preempt_disable() and its kin, on the running thread's preempt count. */
#pragma once
#include "kernel/arch.h"
#include "kernel/sched/sched.h"

#define preempt_count() READ_ONCE(current->preempt_count)
#define in_interrupt() (preempt_count() & (HARDIRQ_MASK | SOFTIRQ_MASK | NMI_MASK))
#define in_hardirq() (preempt_count() & HARDIRQ_MASK)
#define in_nmi() (preempt_count() & NMI_MASK)

static __always_inline void preempt_disable_notrace(void)
{
	current->preempt_count += PREEMPT_OFFSET;
	barrier();
}

/*
 * Whoever lets others run again looks whether somebody waits for that: who wakes one while it could
 * not only leaves a note. The look costs a comparison of a byte, and all else is out of line in
 * preempt_schedule(), which is untraced: with nothing but untraced code behind it, this can be used
 * by what the tracer runs, once its own state is closed (an event committed, a recursion flag
 * released). What the scheduler then runs may be traced; by then the count keeps it from coming
 * here again.
 */
static __always_inline void preempt_enable_notrace(void)
{
	struct task_struct *task = current;

	barrier();
	task->preempt_count -= PREEMPT_OFFSET;
	barrier();
	if (unlikely(READ_ONCE(task->need_resched)))
		preempt_schedule();
}

static __always_inline void preempt_disable(void)
{
	preempt_disable_notrace();
}

static __always_inline void preempt_enable(void)
{
	preempt_enable_notrace();
}

/*
 * The same for interrupts. arch_irq_restore() and arch_irq_enable() do not look: they are for those
 * who woke nobody meanwhile, or who hold preemption off and look when they let it go.
 */
static __always_inline void irq_enable_and_look(void)
{
	arch_irq_enable();
	if (unlikely(READ_ONCE(current->need_resched)))
		preempt_schedule();
}

static __always_inline void irq_restore_and_look(unsigned long flags)
{
	arch_irq_restore(flags);
	if (unlikely(READ_ONCE(current->need_resched)))
		preempt_schedule();
}

/*
 * For the port, at the end of an interrupt or a fault that came where interrupts were on, with them
 * off: nobody looked while they were.
 */
static __always_inline void preempt_check_irq(void)
{
	if (unlikely(READ_ONCE(current->need_resched) && !preempt_count()))
		preempt_schedule_irq();
}

/*
 * Interrupt and NMI entry and exit: called by the port's exception code around everything that may
 * be traced. Besides the preempt count they give the new context recursion flags of its own
 * (trace/core/recursion.h); the word has room for four contexts, and thread, interrupt and NMI are
 * three.
 */
#define TRACE_RECURSION_SHIFT 8

static __always_inline void context_enter(unsigned int offset)
{
	struct task_struct *task = current;

	task->preempt_count += offset;
	task->trace_recursion <<= TRACE_RECURSION_SHIFT;
	barrier();
}

static __always_inline void context_exit(unsigned int offset)
{
	struct task_struct *task = current;

	barrier();
	task->trace_recursion >>= TRACE_RECURSION_SHIFT;
	task->preempt_count -= offset;
}

static __always_inline void irq_enter(void)
{
	context_enter(HARDIRQ_OFFSET);
}

static __always_inline void irq_exit(void)
{
	context_exit(HARDIRQ_OFFSET);
}

static __always_inline void nmi_enter(void)
{
	context_enter(NMI_OFFSET);
}

/* Nothing to look for: an NMI wakes nobody, and who does it on another CPU sends an interrupt. */
static __always_inline void nmi_exit(void)
{
	context_exit(NMI_OFFSET);
}
