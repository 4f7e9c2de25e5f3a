/* SPDX-License-Identifier: MIT */
/*
 * Stack walking by frame pointers that sees through the tracer's trampolines:
 * it reports the traced function and its caller, never a trampoline or stub.
 */
#pragma once
#include "kernel/types.h"

struct pt_regs;
struct task_struct;

struct unwind_state {
	const struct task_struct *task;	/* whose stack this is */
	unsigned long pc;		/* what to report for this frame */
	unsigned long fp;		/* frame pointer of that frame */
	unsigned long stack_low, stack_high;	/* bounds in which fp must move upwards */
	const struct pt_regs *regs;	/* registers of an interrupted frame, when at one */
	unsigned long pending_pc[2];	/* frames already known (ip, parent_ip), to report next */
	unsigned int nr_pending;
	unsigned long resume;		/* the resume address in the latest trampoline's frame */
	/*
	 * The stack words [gap_start, gap_end) that the latest step passed over and that belong to
	 * no frame it knows. A function without a frame record may have its return address there.
	 * The two are equal if there are no such words.
	 */
	unsigned long gap_start, gap_end;
	int graph_index;		/* for ftrace_graph_ret_addr() */
	bool lost;			/* a frameless function's return address was not found */
	bool reliable;			/* false for an address that was found by guessing */
	bool at_end;			/* the thread's first frame was reached */
};

/*
 * Called by the ports before they read the frame record at state->fp. If the function that was
 * reported last has made that record, the words below it are its own; otherwise they become the
 * gap.
 */
void unwind_note_gap(struct unwind_state *state);

/*
 * Store the return addresses on the current stack in @pcs, innermost first, beginning with the
 * caller and leaving out the first @skip. Returns how many there are, which may be more than the
 * @max that are stored. Any context, untraced.
 */
unsigned int stack_trace_save(unsigned long *pcs, unsigned int max, unsigned int skip);
/* Log a "Call trace:" of @task (NULL: the current one), from @regs on if they are not NULL. */
void show_stack(const struct task_struct *task, const struct pt_regs *regs);
