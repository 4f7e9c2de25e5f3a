/* SPDX-License-Identifier: MIT */
/*
 * Stack traces out of the port's unwinder: as addresses for the tracer, as text
 * for people. Untraced; any context.
 */
#include "kernel/arch.h"
#include "kernel/printk.h"
#include "kernel/unwind.h"

#define MAX_DEPTH 64

/* The unwinder starts in its caller, which is here: that one is left out. */
noinline unsigned int stack_trace_save(unsigned long *pcs, unsigned int max, unsigned int skip)
{
	struct unwind_state state;
	unsigned int n = 0;

	arch_unwind_start(&state, current, NULL);
	while (n < max && arch_unwind_step(&state)) {
		if (skip)
			skip--;
		else
			pcs[n++] = state.pc;
	}
	return n;
}

static void show_address(const struct unwind_state *state)
{
	pr_warn(" [<%p>] %s%pS\n", (void *)state->pc, state->reliable ? "" : "? ",
		(void *)state->pc);
}

noinline void show_stack(const struct task_struct *task, const struct pt_regs *regs)
{
	struct unwind_state state;
	unsigned int depth = 0;
	bool more = true;

	if (!task)
		task = current;
	arch_unwind_start(&state, task, regs);
	pr_warn("Call trace:\n");
	if (task == current && !regs)
		more = arch_unwind_step(&state);	/* not this function itself */
	while (more && ++depth <= MAX_DEPTH) {
		show_address(&state);
		more = arch_unwind_step(&state);
	}
	if (more)
		pr_warn(" ...\n");
}
