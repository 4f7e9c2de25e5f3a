/* SPDX-License-Identifier: MIT */
/*
 * Who is told when interrupts or preemption go off and on (kernel/preemptirq.h): the probes of four
 * tracepoints, which are events and the tracers of trace_irqsoff.c. Untraced.
 */
#include "kernel/events/preemptirq.h"
#include "kernel/lockdep.h"
#include "kernel/preemptirq.h"
#include "kernel/sched/current.h"
#include "kernel/unwind.h"
#include "trace/output/trace.h"
#include "trace/core/hidden.h"

#define FRAMES 8			/* enough to meet the place: those here are few */

/* The true address for @parent, if the function graph hides it: the unwinder finds the frame. */
static unsigned long true_parent(unsigned long ip, unsigned long parent)
{
	unsigned long pcs[FRAMES];
	unsigned int nr, at;

	if (likely(!ftrace_hides_return(parent)))
		return parent;
	nr = min(stack_trace_save(pcs, FRAMES, 0), (unsigned int)FRAMES);
	at = trace_frames_above(pcs, nr, ip);
	return at + 1 < nr ? pcs[at + 1] : parent;
}

void trace_hardirqs_off(unsigned long parent)
{
	assert_irqs_off();
	if (!in_nmi())
		__traceiter_irq_disable(_RET_IP_, true_parent(_RET_IP_, parent));
}

void trace_hardirqs_on(unsigned long parent)
{
	assert_irqs_off();
	if (!in_nmi())
		__traceiter_irq_enable(_RET_IP_, true_parent(_RET_IP_, parent));
}

/* An interrupt counts as well: its handler cannot be preempted. */
static bool is_outermost(void)
{
	unsigned int count = preempt_count();

	assert_preempt_off();
	return count == PREEMPT_OFFSET || count == HARDIRQ_OFFSET;
}

void trace_preempt_off(unsigned long parent)
{
	if (is_outermost())
		__traceiter_preempt_disable(_RET_IP_, true_parent(_RET_IP_, parent));
}

void trace_preempt_on(unsigned long parent)
{
	if (is_outermost())
		__traceiter_preempt_enable(_RET_IP_, true_parent(_RET_IP_, parent));
}
