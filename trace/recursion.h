/* SPDX-License-Identifier: MIT */
/*
 * Recursion protection (FTRACE.md C.6): one bit per context in the running
 * thread's trace_recursion word. All inline; any context.
 */
#pragma once
#include "kernel/current.h"

/* Slots of a group of five bits. TRANSITION absorbs an interrupt that fires before the preempt count shows it. */
enum { TRACE_CTX_NMI, TRACE_CTX_IRQ, TRACE_CTX_SOFTIRQ, TRACE_CTX_NORMAL, TRACE_CTX_TRANSITION };
#define TRACE_RECURSION_FTRACE 0	/* callbacks; ftrace_test_recursion_trylock() */
#define TRACE_RECURSION_INTERNAL 5	/* the core's assist */

static __always_inline unsigned int trace_context_slot(void)
{
	unsigned int count = preempt_count() & (NMI_MASK | HARDIRQ_MASK | SOFTIRQ_MASK);

	if (likely(!count))
		return TRACE_CTX_NORMAL;
	return count & NMI_MASK ? TRACE_CTX_NMI : count & HARDIRQ_MASK ? TRACE_CTX_IRQ : TRACE_CTX_SOFTIRQ;
}

/* The bit taken, to be given to trace_recursion_unlock(); -1 when this context is already inside. */
static __always_inline int trace_recursion_trylock(unsigned int group)
{
	unsigned int word = current->trace_recursion;
	unsigned int bit = group + trace_context_slot();

	if (unlikely(word & (1u << bit))) {
		bit = group + TRACE_CTX_TRANSITION;
		if (word & (1u << bit))
			return -1;
	}
	current->trace_recursion = word | (1u << bit);
	barrier();
	return (int)bit;
}

static __always_inline void trace_recursion_unlock(int bit)
{
	barrier();
	current->trace_recursion &= ~(1u << bit);
}

/* For callbacks without FTRACE_OPS_FL_RECURSION that call traced functions. Disables preemption. */
static __always_inline int ftrace_test_recursion_trylock(unsigned long ip, unsigned long parent_ip)
{
	int bit = trace_recursion_trylock(TRACE_RECURSION_FTRACE);

	(void)ip;
	(void)parent_ip;
	if (bit >= 0)
		preempt_disable_notrace();
	return bit;
}

static __always_inline void ftrace_test_recursion_unlock(int bit)
{
	preempt_enable_no_resched();
	trace_recursion_unlock(bit);
}
