/* SPDX-License-Identifier: MIT */
/*
 * Recursion protection: may this code run, or is it already running in this thread's present
 * context? The running thread's trace_recursion word has eight flags for the present context in its
 * low byte; an interrupt shifts them out of sight when it enters and back when it leaves
 * (irq_enter() in kernel/sched/current.h), before and after it runs anything traced. So a check is
 * one test, every context starts with its own flags, and there is no moment in which an interrupt
 * is taken for what it interrupted. All inline; any context.
 */
#pragma once
#include "trace/kernel.h"

/* The flags. Each one stands for the code that must not run twice in one context. */
#define TRACE_RECURSION_FTRACE 0	/* callbacks; ftrace_test_recursion_trylock() */
#define TRACE_RECURSION_ASSIST 1	/* the core, for ops with FTRACE_OPS_FL_RECURSION */
#define TRACE_RECURSION_RECORD 2	/* recording an event */
#define TRACE_RECURSION_GRAPH 3		/* users of the function graph */

/*
 * Returns @flag, which trace_recursion_unlock() takes; or -1 if this context has set it already.
 * Untraced.
 */
static __always_inline int trace_recursion_trylock(unsigned int flag)
{
	struct task_struct *task = current;

	if (unlikely(task->trace_recursion & (1u << flag)))
		return -1;
	task->trace_recursion |= 1u << flag;
	barrier();
	return (int)flag;
}

static __always_inline void trace_recursion_unlock(int flag)
{
	barrier();
	current->trace_recursion &= ~(1u << flag);
}

/*
 * For callbacks without FTRACE_OPS_FL_RECURSION that call traced functions. Returns -1 if the
 * callback must do nothing; else a value for ftrace_test_recursion_unlock(), with preemption
 * disabled until that is called.
 */
static __always_inline int ftrace_test_recursion_trylock(unsigned long ip, unsigned long parent_ip)
{
	int bit = trace_recursion_trylock(TRACE_RECURSION_FTRACE);

	if (bit >= 0)
		preempt_disable_notrace();
	return bit;
}

static __always_inline void ftrace_test_recursion_unlock(int bit)
{
	trace_recursion_unlock(bit);
	preempt_enable_notrace();
}
