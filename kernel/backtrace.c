/* SPDX-License-Identifier: MIT */
/*
 * Stack traces out of the port's unwinder: as addresses for the tracer, as text
 * for people. Untraced; any context.
 */
#include "kernel/arch.h"
#include "kernel/printk.h"
#include "kernel/unwind.h"

#define MAX_DEPTH 64

/* The first address is in the caller of this function. */
noinline unsigned int stack_trace_save(unsigned long *pcs, unsigned int max, unsigned int skip)
{
	struct unwind_state state;
	unsigned int n = 0;

	arch_unwind_start(&state, current, NULL);
	do {
		if (skip)
			skip--;
		else if (n < max)
			pcs[n++] = state.pc;
	} while (n < max && arch_unwind_step(&state));
	return n;
}

/* A return address may be the first byte behind its function, when the call was its end. */
static void show_address(const struct unwind_state *state)
{
	pr_warn(" [<%p>] %s%pS\n", (void *)state->pc, state->reliable ? "" : "? ",
		(void *)state->pc);
}

noinline void show_stack(const struct task_struct *task, const struct pt_regs *regs)
{
	struct unwind_state state;
	unsigned int depth = 0;

	arch_unwind_start(&state, task ? task : current, regs);
	pr_warn("Call trace:\n");
	do {
		if (++depth > MAX_DEPTH) {
			pr_warn(" ...\n");
			break;
		}
		show_address(&state);
	} while (arch_unwind_step(&state));
}
