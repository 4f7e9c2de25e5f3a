/* SPDX-License-Identifier: MIT */
/*
 * Stack walking. Every C function keeps a frame {caller's ebp, return address}
 * at ebp, linked through ebp. Four cases need more:
 *
 * - An interrupted function may not have its frame yet, or not any more: then its return
 *   address is at esp or some words above it, and ebp is its caller's.
 * - Exception entry pushed a struct pt_regs right above the frame of the C function it called.
 * - The tracer's trampolines have no frame: arch/i386/ftrace.c knows what they pushed.
 * - A direct trampoline is called from a function's first instruction: that function's own
 *   return address is the next word above.
 *
 * Untraced; any context. Nothing is read outside of the stack and the text.
 */
#include "arch/i386/i386.h"
#include "arch/i386/switch_frame.h"
#include "arch/i386/unwind_code.h"
#include "kernel/arch.h"
#include "kernel/kallsyms.h"
#include "kernel/sched/current.h"
#include "kernel/trace_hooks.h"
#include "kernel/unwind.h"
#include "trace/arch.h"
#include "trace/core/hidden.h"
#include <asm/vectors.h>

#define INSN_CALL 0xe8

extern const char __entry_text_start[], __entry_text_end[];
extern char double_fault_stack[], double_fault_stack_top[];

static bool is_entry_code(unsigned long pc)
{
	return pc >= (unsigned long)__entry_text_start && pc < (unsigned long)__entry_text_end;
}

/* The stack that @sp is on, and how much of it is in use. A pointer into a guard page counts. */
static void find_stack(struct unwind_state *state, const struct task_struct *task,
		       unsigned long sp)
{
	unsigned long low = (unsigned long)double_fault_stack;
	unsigned long high = (unsigned long)double_fault_stack_top;

	if (sp < low || sp >= high)
		i386_stack_bounds(task, &low, &high);
	state->stack_low = max(low, sp);
	state->stack_high = high;
	if (sp >= high || sp < low - PAGE_SIZE)
		state->stack_low = high;	/* nothing may be read */
}

/* The @index-th word above @addr, if all up to it is on the used part of the stack. */
static bool stack_word(const struct unwind_state *state, unsigned long addr, unsigned int index,
		       unsigned long *value)
{
	unsigned long end = addr + (index + 1) * sizeof(long);

	if (addr % sizeof(long) || addr < state->stack_low || end < addr ||
	    end > state->stack_high)
		return false;
	*value = ((const unsigned long *)addr)[index];
	return true;
}

/*
 * The same for a return address. If the function graph hides it, the shadow stack knows it by its
 * place.
 */
static bool stack_return(const struct unwind_state *state, unsigned long addr, unsigned long *value)
{
	int from_top = 0;

	if (!stack_word(state, addr, 0, value))
		return false;
	*value = ftrace_graph_ret_addr(state->task, &from_top, *value, (unsigned long *)addr);
	return true;
}

/* Is the instruction before @ret a call of exactly @target? */
static bool returns_from(unsigned long ret, unsigned long target)
{
	const u8 *insn = (const u8 *)ret - FTRACE_INSN_SIZE;

	if (!kernel_text_address(ret - FTRACE_INSN_SIZE) || insn[0] != INSN_CALL)
		return false;
	return ret + *(const u32 *)(insn + 1) == target;
}

/*
 * How many words above esp the return address of the interrupted function is while it has no
 * frame; -1 when it has one. @regs->ip is in the function [@start, @end).
 */
static int frameless_distance(const struct unwind_state *state, const struct pt_regs *regs,
			      unsigned long start, unsigned long end)
{
	unsigned long top, recorded;
	int distance;

	/* No frame is made before the site. Its instruction may be a call, where the code ends. */
	if (regs->ip == start ||
	    (FTRACE_HAVE_ARGS && (arch_ftrace_function(regs->ip) == start ||
				  arch_ftrace_function(regs->ip + FTRACE_INSN_SIZE) == start)))
		return 0;
	distance = i386_distance_by_code(regs, start, end);
	if (distance >= 0)
		return distance;
	/* The compiler may have left a path without a frame beside the one that makes one. */
	if (stack_return(state, regs->sp, &top) && returns_from(top, start) &&
	    !(stack_return(state, regs->bp + sizeof(long), &recorded) &&
	      returns_from(recorded, start)))
		return 0;
	return -1;
}

static void add_pending(struct unwind_state *state, unsigned long pc)
{
	state->pending_pc[state->nr_pending++] = pc;
}

/*
 * Is @pc where a direct trampoline goes on: behind a call that is a function's first instruction,
 * or, when a callback redirected the call, at the start of a function?
 */
static bool is_resume_address(unsigned long pc)
{
	unsigned long offset;

	if (!FTRACE_HAVE_ARGS || !kernel_text_address(pc) ||
	    !kallsyms_lookup_size_offset(pc, NULL, &offset))
		return false;
	/* Behind a call at its end, the function before this one was left for good. */
	if (((const u8 *)pc)[-FTRACE_INSN_SIZE] != INSN_CALL)
		return !offset;
	return arch_ftrace_function(pc - FTRACE_INSN_SIZE) == pc - offset;
}

/*
 * If @pc is such an address, a direct trampoline was called, and the traced function has no frame
 * yet. @slot holds @pc; the word above is the caller.
 */
static void check_direct_call(struct unwind_state *state, unsigned long pc, unsigned long slot)
{
	unsigned long caller;

	if (!is_resume_address(pc))
		return;
	/* A direct trampoline that made a frame record for the caller itself has that one there. */
	if (stack_return(state, slot + sizeof(long), &caller) && kernel_text_address(caller))
		add_pending(state, caller);
}

/*
 * Go on at what a trampoline knows: where the traced function resumes, unless it has returned, and
 * its caller.
 */
static void enter_unwound(struct unwind_state *state, const struct ftrace_unwound *u)
{
	unsigned long parent_ip;
	int from_top = 0;

	parent_ip = ftrace_graph_ret_addr(state->task, &from_top, u->parent_ip,
					  (unsigned long *)u->slot);
	state->fp = u->fp;
	if (u->ip) {
		state->pc = state->resume = u->ip;
		add_pending(state, parent_ip);
	} else {
		state->pc = parent_ip;
	}
}

/*
 * The code at @regs has no frame: @slot holds its return address. Behind a trampoline's call, the
 * trampoline knows where the traced function and its caller are.
 */
static void add_frameless_callers(struct unwind_state *state, unsigned long slot)
{
	unsigned long caller, pc = state->pc;
	struct ftrace_unwound u;

	if (!stack_return(state, slot, &caller) || !kernel_text_address(caller)) {
		state->lost = true;
		return;
	}
	if (is_entry_code(caller)) {
		/* As if the frame were there still, for step_through_exception(). */
		state->fp = slot - sizeof(long);
		state->stack_low = state->fp;
	} else if (!ftrace_is_trampoline(caller)) {
		add_pending(state, caller);
		check_direct_call(state, caller, slot);
	} else if (ftrace_unwind_frame(slot - sizeof(long), caller, &u)) {
		/* What the trampoline knows comes after the code at @regs. */
		enter_unwound(state, &u);
		state->pending_pc[1] = state->pending_pc[0];
		state->pending_pc[0] = state->pc;
		state->nr_pending++;
		state->pc = pc;
	}
}

/* Continue at what @regs interrupted. */
static void enter_regs(struct unwind_state *state, const struct pt_regs *regs)
{
	struct ftrace_unwound u;
	unsigned long size, offset;
	int distance = -1;

	state->regs = regs;
	state->nr_pending = 0;
	if (ftrace_unwind_regs(regs, &u)) {
		enter_unwound(state, &u);
		return;
	}
	state->pc = regs->ip;
	state->fp = regs->bp;
	if (!kernel_text_address(regs->ip))
		distance = 0;		/* called into nowhere */
	else if (kallsyms_lookup_size_offset(regs->ip, &size, &offset))
		distance = frameless_distance(state, regs, regs->ip - offset,
					      regs->ip - offset + size);
	if (distance >= 0)
		add_frameless_callers(state, regs->sp + (unsigned int)distance * sizeof(long));
}

void arch_unwind_start(struct unwind_state *state, const struct task_struct *task,
		       const struct pt_regs *regs)
{
	const struct i386_switch_frame *frame;

	if (!task)
		task = current;
	*state = (struct unwind_state){ .task = task, .reliable = true };
	if (regs) {
		find_stack(state, task, regs->sp);
		enter_regs(state, regs);
		return;
	}
	if (task == current) {
		const unsigned long *record = __builtin_frame_address(0);

		find_stack(state, task, (unsigned long)record);
		state->fp = record[0];
		stack_return(state, (unsigned long)&record[1], &state->pc);
		return;
	}
	/* A thread that does not run is where arch_switch_to() has left it. */
	frame = (const struct i386_switch_frame *)task->thread_sp;
	find_stack(state, task, task->thread_sp);
	state->fp = frame->bp;
	state->pc = frame->ip;
}

/* The frame at state->fp was made by a function that exception entry called. */
static bool step_through_exception(struct unwind_state *state)
{
	const struct pt_regs *regs = (const struct pt_regs *)(state->fp + 2 * sizeof(long));
	unsigned long last;

	if (!stack_word(state, (unsigned long)regs, sizeof(*regs) / sizeof(long) - 1, &last))
		return false;
	state->stack_low = (unsigned long)(regs + 1);
	enter_regs(state, regs);
	return true;
}

/* Did the function whose frame is at @fp save @value there? GCC has up to seven words before it. */
static bool saved_in_frame(const struct unwind_state *state, unsigned long fp, unsigned long value)
{
	unsigned long word;

	for (unsigned int n = 1; n <= 8; n++) {
		if (stack_word(state, fp - n * sizeof(long), 0, &word) && word == value)
			return true;
	}
	return false;
}

/*
 * A trampoline's data is above the return address that its call pushed. A function with aligned
 * locals has a copy of that in its frame, and the original somewhere above, at a distance that
 * depends on esp then. It keeps a pointer to the word behind the original, to find back: which
 * tells old copies, left over between the two, from it. Returns the place of a frame that ends with
 * the original; 0 if it is not known, as before the pointer is saved.
 */
static unsigned long original_frame(const struct unwind_state *state, unsigned long fp,
				    unsigned long ret)
{
	unsigned long size, offset, slot, end, word, pc = state->pc - !state->regs;
	unsigned int alignment, pushes;

	/*
	 * @pc is the byte before a return address, because a call that never returns may be its
	 * function's last instruction.
	 */
	if (!kallsyms_lookup_size_offset(pc, &size, &offset))
		return fp;
	alignment = i386_aligned_frame(pc - offset, pc - offset + size, &pushes);
	if (!alignment)
		return fp;
	slot = fp + (2 + pushes) * sizeof(long);
	for (end = slot + alignment; slot < end; slot += sizeof(long)) {
		if (stack_word(state, slot, 0, &word) && word == ret &&
		    saved_in_frame(state, fp, slot + sizeof(long)))
			return slot - sizeof(long);
	}
	return 0;
}

/* One frame up: the frame at state->fp names the caller. */
bool arch_unwind_step(struct unwind_state *state)
{
	unsigned long fp = state->fp, next, ret;
	struct ftrace_unwound u;

	state->gap_start = state->gap_end = 0;
	if (state->nr_pending) {
		state->pc = state->pending_pc[0];
		state->pending_pc[0] = state->pending_pc[1];
		state->nr_pending--;
		return true;
	}
	state->at_end = !fp;
	unwind_note_gap(state);
	if (!stack_word(state, fp, 1, &ret) || !stack_word(state, fp, 0, &next) || !ret)
		return false;
	if (ftrace_hides_return(ret)) {
		/* The place that the shadow stack knows is that of the original. */
		if (FTRACE_HAVE_ARGS)
			fp = original_frame(state, fp, ret);
		if (fp)
			stack_return(state, fp + sizeof(long), &ret);
		if (!fp || ftrace_hides_return(ret)) {
			state->reliable = false;
			return false;
		}
	}
	if (is_entry_code(ret))
		return step_through_exception(state);
	/* Only these two have data above the return address; else a copy of it will do. */
	if (fp == state->fp && (ftrace_is_trampoline(ret) || is_resume_address(ret)))
		fp = original_frame(state, fp, ret);
	if (!fp) {
		state->reliable = false;
		return false;
	}
	state->regs = NULL;
	/* Frames lie higher and higher: a chain that leads back ends at the next step. */
	state->stack_low = fp + 2 * sizeof(long);
	state->fp = next;
	state->pc = ret;
	if (!ftrace_is_trampoline(ret)) {
		check_direct_call(state, ret, fp + sizeof(long));
	} else if (ftrace_unwind_frame(fp, ret, &u)) {
		enter_unwound(state, &u);
	}
	return true;
}
