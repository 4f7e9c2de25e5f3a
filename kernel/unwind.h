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
	unsigned long pc;		/* what to report for this frame */
	unsigned long fp;		/* frame pointer of that frame */
	unsigned long stack_low, stack_high;	/* bounds in which fp must move upwards */
	const struct pt_regs *regs;	/* registers of an interrupted frame, when at one */
	unsigned long pending_pc[2];	/* frames already known (ip, parent_ip), to report next */
	unsigned int nr_pending;
	unsigned long resume;		/* of the latest trampoline met: where its call goes on */
	/*
	 * The words that the latest step passed, and that are no part of any frame that it knows: a
	 * function that made none of its own may have hidden its callers there. Equal: there are
	 * none.
	 */
	unsigned long gap_start, gap_end;
	bool lost;			/* a caller without a frame was not found: see the gap */
	bool reliable;			/* false for an address found by guessing */
	bool at_end;			/* the thread's first frame was reached */
};

/*
 * For the ports: the record at state->fp is read next. It was made by the function that was
 * reported last, and all up to it is that one's, if its code makes frames; else the gap says so.
 */
void unwind_note_gap(struct unwind_state *state);

/*
 * Fill @pcs, the caller of this first; returns how many frames there are, which may be more than
 * the @max that it stores. Any context. Untraced.
 */
unsigned int stack_trace_save(unsigned long *pcs, unsigned int max, unsigned int skip);
/* "Call trace:" block to the log for @task (NULL = current) from @regs (may be NULL). */
void show_stack(const struct task_struct *task, const struct pt_regs *regs);
