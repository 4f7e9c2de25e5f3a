/* SPDX-License-Identifier: MIT */
/*
 * Stack traces out of the port's unwinder: as addresses for the tracer, as text
 * for people. Untraced; any context.
 */
#include "kernel/arch.h"
#include "kernel/printk.h"
#include "kernel/unwind.h"

#define MAX_LINES 64

/* The unwinder starts in its caller, which is here: that one is left out. */
noinline unsigned int stack_trace_save(unsigned long *pcs, unsigned int max, unsigned int skip)
{
	struct unwind_state state;
	unsigned int n = 0;

	arch_unwind_start(&state, current, NULL);
	while (arch_unwind_step(&state)) {
		if (skip) {
			skip--;
			continue;
		}
		if (n < max)
			pcs[n] = state.pc;
		n++;
	}
	return n;
}

static void show_address(const struct unwind_state *state)
{
	pr_warn(" [<%p>] %s%pS\n", (void *)state->pc, state->reliable ? "" : "? ",
		(void *)state->pc);
}

/* Recursion that overflows a stack has many equal frames, and the interesting ones behind. */
static bool skip_repeated(struct unwind_state *state)
{
	unsigned long pc = state->pc;
	unsigned int repeated = 0;
	bool more;

	while ((more = arch_unwind_step(state)) && state->pc == pc)
		repeated++;
	if (repeated)
		pr_warn(" ... and %u times more\n", repeated);
	return more;
}

noinline void show_stack(const struct task_struct *task, const struct pt_regs *regs)
{
	struct unwind_state state;
	unsigned int lines = 0, left = 0;
	bool more = true;

	if (!task)
		task = current;
	arch_unwind_start(&state, task, regs);
	pr_warn("Call trace:\n");
	if (task == current && !regs)
		more = arch_unwind_step(&state);	/* not this function itself */
	while (more && lines++ < MAX_LINES) {
		show_address(&state);
		more = skip_repeated(&state);
	}
	/* Nobody is to take the last line for the thread's beginning. */
	for (; more; more = arch_unwind_step(&state))
		left++;
	if (left)
		pr_warn(" ... and %u more\n", left);
	else if (!state.reliable)
		pr_warn(" ? the frames above cannot be told\n");
}
