/* SPDX-License-Identifier: MIT */
/*
 * How code tells the tracer that it has switched interrupts or preemption off, or is about to
 * switch them on: four tracepoints, whose events kernel/events/preemptirq.h describes. Each place
 * costs a NOP while nobody wants to know.
 *
 * Only files that are built with PREEMPTIRQ_HOOKS have such places: those whose functions are
 * traced, modules, and the few untraced ones that define it and say why. All other untraced code
 * may run for the tracer: what it does with interrupts and preemption is not told.
 */
#pragma once
#include "kernel/tracepoint.h"

#ifndef PREEMPTIRQ_HOOKS
#define PREEMPTIRQ_HOOKS 0
#endif

extern struct tracepoint __tracepoint_irq_disable, __tracepoint_irq_enable;
extern struct tracepoint __tracepoint_preempt_disable, __tracepoint_preempt_enable;

/*
 * Call the probes: trace/tracers/trace_preemptirq.c. For the first two, interrupts are off; for the
 * others, preemption is, and they do nothing unless this is the outermost place. @parent is what
 * the calling function returns to. Nothing happens in an NMI. Untraced.
 */
void trace_hardirqs_off(unsigned long parent);
void trace_hardirqs_on(unsigned long parent);
void trace_preempt_off(unsigned long parent);
void trace_preempt_on(unsigned long parent);

/* The barrier keeps the call from being the function's last action, which names its caller. */
#define preemptirq_tell(point, fn, condition)						\
	do {										\
		if (PREEMPTIRQ_HOOKS && arch_jump_site(&__tracepoint_##point.key) &&	\
		    (condition)) {							\
			fn(_RET_IP_);							\
			barrier();							\
		}									\
	} while (0)
