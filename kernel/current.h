/* SPDX-License-Identifier: MIT */
/* preempt_disable() and its kin, on the running thread's preempt count. */
#pragma once
#include "kernel/arch.h"
#include "kernel/sched.h"

#define preempt_count() READ_ONCE(current->preempt_count)
#define in_interrupt() (preempt_count() & (HARDIRQ_MASK | SOFTIRQ_MASK | NMI_MASK))
#define in_hardirq() (preempt_count() & HARDIRQ_MASK)
#define in_nmi() (preempt_count() & NMI_MASK)

static __always_inline void preempt_disable_notrace(void)
{
	current->preempt_count += PREEMPT_OFFSET;
	barrier();
}

/* Does not reschedule: for the tracer, whose caller will reach a preemption point soon. */
static __always_inline void preempt_enable_no_resched(void)
{
	barrier();
	current->preempt_count -= PREEMPT_OFFSET;
}

static __always_inline void preempt_disable(void)
{
	preempt_disable_notrace();
}

static __always_inline void preempt_enable(void)
{
	preempt_enable_no_resched();
	if (unlikely(READ_ONCE(current->need_resched) && !preempt_count() && !arch_irqs_disabled()))
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
 * Interrupt and NMI entry and exit: called by the port's exception code around everything that
 * may be traced. Besides the preempt count they give the new context recursion flags of its own
 * (trace/recursion.h); the word has room for four contexts, and thread, interrupt and NMI are three.
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

static __always_inline void nmi_exit(void)
{
	context_exit(NMI_OFFSET);
}
