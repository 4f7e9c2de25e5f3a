/* SPDX-License-Identifier: MIT */
/* Functions on the current thread's preempt count: preempt_disable(), irq_enter() and so on. */
#pragma once
#include "kernel/arch.h"
#include "kernel/preemptirq.h"
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
 * Enable preemption, and switch threads if a switch became due in the meantime: a wake-up while
 * preemption was off could only set need_resched. The check costs a comparison of a byte; the rest
 * is out of line in preempt_schedule(), which is untraced. So code that the tracer runs may use
 * this, once its own state is consistent (its event committed, its recursion flag released). The
 * scheduler that preempt_schedule() enters may be traced; it has preemption off, which keeps its
 * callbacks from entering it again here.
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
	preemptirq_tell(preempt_disable, trace_preempt_off, true);
}

static __always_inline void preempt_enable(void)
{
	preemptirq_tell(preempt_enable, trace_preempt_on, true);
	preempt_enable_notrace();
}

/*
 * Interrupts, told to the tracer (kernel/preemptirq.h); arch_irq_save() and its kin are not.
 * disable: interrupts are on; enable: they are off.
 */
static __always_inline unsigned long irq_save(void)
{
	unsigned long flags = arch_irq_save();

	preemptirq_tell(irq_disable, trace_hardirqs_off, !arch_irqs_disabled_flags(flags));
	return flags;
}

static __always_inline void irq_restore(unsigned long flags)
{
	preemptirq_tell(irq_enable, trace_hardirqs_on, !arch_irqs_disabled_flags(flags));
	arch_irq_restore(flags);
}

static __always_inline void irq_disable(void)
{
	arch_irq_disable();
	preemptirq_tell(irq_disable, trace_hardirqs_off, true);
}

static __always_inline void irq_enable(void)
{
	preemptirq_tell(irq_enable, trace_hardirqs_on, true);
	arch_irq_enable();
}

/*
 * Wait for an interrupt: see arch_idle(). As long as the CPU waits, interrupts are not off for
 * anybody.
 */
static __always_inline void irq_idle(void)
{
	preemptirq_tell(irq_enable, trace_hardirqs_on, true);
	arch_idle();
	preemptirq_tell(irq_disable, trace_hardirqs_off, true);
}

/*
 * irq_enable() and irq_restore() do not check need_resched: they are for code that woke nobody
 * while interrupts were off, or that has preemption off as well and checks when it enables that.
 * These do.
 */
static __always_inline void irq_enable_and_look(void)
{
	irq_enable();
	if (unlikely(READ_ONCE(current->need_resched)))
		preempt_schedule();
}

static __always_inline void irq_restore_and_look(unsigned long flags)
{
	irq_restore(flags);
	if (unlikely(READ_ONCE(current->need_resched)))
		preempt_schedule();
}

/*
 * The port's exception code calls these around a fault that it handles with interrupts off, in code
 * that had them on, before preempt_check_irq(). If that is going to switch threads, interrupts stay
 * off until that is over, and preempt_schedule_irq() tells of their end.
 */
static __always_inline void fault_enter(void)
{
	preemptirq_tell(irq_disable, trace_hardirqs_off, true);
}

static __always_inline void fault_exit(void)
{
	preemptirq_tell(irq_enable, trace_hardirqs_on,
			preempt_count() || !READ_ONCE(current->need_resched));
}

/*
 * Called by the port, with interrupts off, at the end of an interrupt or a fault that interrupted
 * code with interrupts on: switch threads if that became due, because the interrupted code will not
 * check.
 */
static __always_inline void preempt_check_irq(void)
{
	if (unlikely(READ_ONCE(current->need_resched) && !preempt_count()))
		preempt_schedule_irq();
}

/*
 * Entry to and exit from interrupt and NMI context: the port's exception code calls them around
 * everything that may be traced. Besides changing the preempt count they give the new context
 * recursion flags of its own (trace/core/recursion.h), by shifting those of the interrupted
 * context. The word has room for four contexts; at most three nest: thread, interrupt and NMI.
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
	/* Told inside the context: the interrupted one may be in the middle of an event. */
	preemptirq_tell(irq_disable, trace_hardirqs_off, true);
	preemptirq_tell(preempt_disable, trace_preempt_off, true);
}

/*
 * If preempt_check_irq() is going to switch threads, interrupts stay off until that is over, and
 * preempt_schedule_irq() tells of their end.
 */
static __always_inline void irq_exit(void)
{
	preemptirq_tell(preempt_enable, trace_preempt_on, true);
	preemptirq_tell(irq_enable, trace_hardirqs_on,
			preempt_count() != HARDIRQ_OFFSET || !READ_ONCE(current->need_resched));
	context_exit(HARDIRQ_OFFSET);
}

static __always_inline void nmi_enter(void)
{
	context_enter(NMI_OFFSET);
}

/* Checks no need_resched: an NMI wakes nobody, and another CPU that does sends an interrupt. */
static __always_inline void nmi_exit(void)
{
	context_exit(NMI_OFFSET);
}
