/* SPDX-License-Identifier: MIT */
/*
 * Running a set. Trampolines call one of these functions (or, for a set with one plain callback,
 * that callback itself), and pass the callable where a callback expects its ops. Which callbacks a
 * site has was decided when they were attached, so nothing is looked up here. Any context; nothing
 * here may be traced.
 */
#include "trace/core/dispatch.h"
#include "trace/core/recursion.h"

static void call_nothing(unsigned long ip, unsigned long parent_ip, struct ftrace_ops *op,
			 struct ftrace_regs *fregs)
{
}

struct ftrace_callable ftrace_nothing = { call_nothing };

static __always_inline struct ftrace_set *callable_set(struct ftrace_ops *op)
{
	return container_of((struct ftrace_callable *)op, struct ftrace_set, call);
}

static __always_inline void call_each(struct ftrace_set *set, unsigned long ip,
				      unsigned long parent_ip, struct ftrace_regs *fregs)
{
	struct ftrace_callable **next = &set->calls[set->nr_calls];
	struct ftrace_callable *call = *next;

	do {
		call->func(ip, parent_ip, (struct ftrace_ops *)call, fregs);
	} while ((call = *--next));
}

/* Runs several callbacks. */
static void call_all(unsigned long ip, unsigned long parent_ip, struct ftrace_ops *op,
		     struct ftrace_regs *fregs)
{
	call_each(callable_set(op), ip, parent_ip, fregs);
}

/*
 * Runs the callbacks; then the trampoline leaves through the direct function, unless one of them
 * sends this call elsewhere. The address is stored before they run, so that theirs replaces it,
 * whichever trampoline this is.
 */
static void call_all_then_direct(unsigned long ip, unsigned long parent_ip, struct ftrace_ops *op,
				 struct ftrace_regs *fregs)
{
	struct ftrace_set *set = callable_set(op);

	arch_ftrace_set_direct_caller(fregs, set->direct);
	call_each(set, ip, parent_ip, fregs);
}

/* The same with one callback: it is called last, by a jump, so that nothing is saved for it. */
static void call_one_then_direct(unsigned long ip, unsigned long parent_ip, struct ftrace_ops *op,
				 struct ftrace_regs *fregs)
{
	struct ftrace_set *set = callable_set(op);
	struct ftrace_callable *call = set->calls[1];

	arch_ftrace_set_direct_caller(fregs, set->direct);
	call->func(ip, parent_ip, (struct ftrace_ops *)call, fregs);
}

/*
 * Runs a set with a direct function alone. A site with such a set has no trampoline, but threads
 * may still come through one while the site changes.
 */
static void call_direct_only(unsigned long ip, unsigned long parent_ip, struct ftrace_ops *op,
			     struct ftrace_regs *fregs)
{
	arch_ftrace_set_direct_caller(fregs, callable_set(op)->direct);
}

ftrace_func_t ftrace_dispatch_func(unsigned int nr, unsigned long direct)
{
	if (!direct)
		return call_all;
	if (!nr)
		return call_direct_only;
	return nr == 1 ? call_one_then_direct : call_all_then_direct;
}

void ftrace_assist(unsigned long ip, unsigned long parent_ip, struct ftrace_ops *op,
		   struct ftrace_regs *fregs)
{
	struct ftrace_ops *ops =
		container_of((struct ftrace_callable *)op, struct ftrace_ops, assist);
	struct task_struct *task = current;
	unsigned int count = task->preempt_count, recursion = task->trace_recursion;

	if (unlikely(recursion & 1u << TRACE_RECURSION_ASSIST))
		return;
	task->preempt_count = count + PREEMPT_OFFSET;
	task->trace_recursion = recursion | 1u << TRACE_RECURSION_ASSIST;
	ops->func(ip, parent_ip, ops, fregs);
	/*
	 * Any interrupt in between has left both words as it found them, so the values read before
	 * the call still hold.
	 */
	task->preempt_count = count;
	task->trace_recursion = recursion;
	barrier();
	if (unlikely(READ_ONCE(task->need_resched)))
		preempt_schedule();
}
