/* SPDX-License-Identifier: MIT */
/*
 * Stack traces, made with the port's unwinder: as addresses for the tracer, as text for people.
 * Untraced; any context.
 */
#include "kernel/arch.h"
#include "kernel/kallsyms.h"
#include "kernel/lib/string.h"
#include "kernel/printk.h"
#include "kernel/unwind.h"

#define MAX_LINES 64

/* Has the function at @pc made a frame record before it reached @pc, by a call or an interrupt? */
static bool made_frame(unsigned long pc)
{
	unsigned long flags = arch_irq_save();	/* so that sym.name stays valid */
	struct ksym sym;
	/* @pc - 1, because behind a call that never returns @pc may be in the next function. */
	bool made = kallsyms_lookup(pc - 1, &sym);

	/*
	 * A .cold part, which the compiler split off, uses the frame of its function's main part.
	 */
	if (made && !strstr(sym.name, ".cold"))
		made = arch_makes_frame(pc - 1 - sym.offset, pc);
	arch_irq_restore(flags);
	return made;
}

void unwind_note_gap(struct unwind_state *state)
{
	unsigned long end = state->fp ? state->fp : state->stack_high;

	if (end > state->stack_low && (!state->fp || state->lost || !made_frame(state->pc))) {
		if (state->gap_start == state->gap_end)
			state->gap_start = state->stack_low;
		state->gap_end = min(end, state->stack_high);
	}
	state->lost = false;
}

/* arch_unwind_start() begins with its caller, this function; the first step leaves that out. */
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

/*
 * Step to the next frame with another address. A stack that recursion has overflowed has many equal
 * frames, and the interesting ones come after them.
 */
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
		more = arch_unwind_step(&state);	/* leaves out this function itself */
	while (more && lines++ < MAX_LINES) {
		show_address(&state);
		more = skip_repeated(&state);
	}
	/* Count the rest, so that nobody takes the last line for the thread's first function. */
	for (; more; more = arch_unwind_step(&state))
		left++;
	if (left)
		pr_warn(" ... and %u more\n", left);
	else if (!state.reliable)
		pr_warn(" ? the frames above cannot be told\n");
}
