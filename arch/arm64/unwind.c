/* SPDX-License-Identifier: MIT */
/*
 * Stack walking. Every function keeps frame records {caller's x29, return
 * address}, linked through x29; exceptions and the tracer's trampolines make
 * records too, so walking is following the chain. Two cases need more:
 *
 * - An interrupted function may not have its record yet, or not any more. Then
 *   its caller's address is still in x30, and x29 is the caller's.
 * - An interrupt inside a trampoline: arch/arm64/ftrace.c knows those.
 */
#include <asm/arch.h>
#include <asm/memory.h>
#include "arch/arm64/arm64.h"
#include "arch/arm64/sections.h"
#include "kernel/arch.h"
#include "kernel/kallsyms.h"
#include "kernel/sched/percpu.h"
#include "kernel/sched/sched.h"
#include "kernel/trace_hooks.h"
#include "kernel/unwind.h"
#include "trace/arch.h"
#include "trace/core/hidden.h"

#define INSN_RET 0xd65f03c0u
#define INSN_MOV_X9_X30 0xaa1e03e9u	/* the first word of a site */
/* add x29, sp, #imm (mov x29, sp is one): the record is in place after it. */
#define IS_SET_FP(insn) (((insn) & 0xffc003ffu) == 0x910003fdu)
/* ldp x29, x30, [sp ...], any addressing: the record is gone after it. */
#define IS_LOAD_RECORD(insn) (((insn) & 0xfe407fffu) == 0xa8407bfdu)
#define IS_BL(insn) (((insn) & 0xfc000000u) == 0x94000000u)
#define IS_BLR(insn) (((insn) & 0xfffffc1fu) == 0xd63f0000u)
/* Any change of control flow: B, B.cond, BL, CBZ, TBZ, BR, BLR, RET. */
#define IS_BRANCH(insn) (((insn) & 0x1c000000u) == 0x14000000u)

#define EPILOGUE_MAX 8			/* instructions from the load to the return, at most */
#define PROLOGUE_MAX 64

static u32 insn_at(unsigned long pc)
{
	return *(const u32 *)pc;
}

/* Is @pc after the instruction that takes the record away and before the return? */
static bool in_epilogue(unsigned long start, unsigned long pc)
{
	if (insn_at(pc) == INSN_RET)
		return true;
	for (unsigned int i = 0; i < EPILOGUE_MAX && pc > start; i++) {
		pc -= 4;
		if (IS_LOAD_RECORD(insn_at(pc)))
			return true;
		if (IS_BRANCH(insn_at(pc)))
			return false;
	}
	return false;
}

bool arch_makes_frame(unsigned long start, unsigned long pc)
{
	for (; start < pc; start += 4)
		if (IS_SET_FP(insn_at(start)))
			return true;
	return false;
}

/* Has nothing in [start, pc) set up a record? True of assembly without one, too. */
static bool in_prologue(unsigned long start, unsigned long pc)
{
	for (unsigned int i = 0; start < pc; start += 4, i++) {
		if (i == PROLOGUE_MAX || IS_SET_FP(insn_at(start)))
			return false;
	}
	return true;
}

/*
 * A path that the compiler wrapped around the prologue: its code follows the prologue in
 * memory but has no record. Then x30 is a return address that is neither in the record nor in
 * this function.
 */
static bool outside_record(unsigned long start, unsigned long size, unsigned long lr,
			   unsigned long recorded)
{
	u32 call;

	if (lr == recorded || lr - start <= size || lr % 4 || !kernel_text_address(lr - 4))
		return false;
	call = insn_at(lr - 4);
	if (IS_BL(call)) {
		long distance = (long)(s32)(call << 6) >> 4;

		return lr - 4 + distance == start;
	}
	return false;
}

static bool set_stack(struct unwind_state *state, unsigned long low, unsigned long size,
		      unsigned long fp)
{
	if (!low || fp < low || fp - low > size - 16)
		return false;
	state->stack_low = low;
	state->stack_high = low + size;
	return true;
}

/* Which stack of @task is @fp on? None: the walk ends at once. */
static void find_stack(struct unwind_state *state, const struct task_struct *task,
		       unsigned long fp)
{
	state->stack_low = state->stack_high = 0;
	if (set_stack(state, (unsigned long)task->stack, THREAD_STACK_SIZE, fp) ||
	    set_stack(state, (unsigned long)boot_stack, BOOT_STACK_SIZE, fp))
		return;
	for (unsigned int cpu = 0; cpu < NR_CPUS; cpu++) {
		if (set_stack(state, arm64_cpus[cpu].overflow_stack - OVERFLOW_STACK_SIZE,
			      OVERFLOW_STACK_SIZE, fp))
			return;
	}
}

/* May @fp be read as a record, and does it lie above what was read before? */
static bool record_ok(const struct unwind_state *state, unsigned long fp)
{
	return !(fp % 8) && fp >= state->stack_low && fp < state->stack_high &&
	       state->stack_high - fp >= 16;
}

/*
 * Returns the true address for return address @ret of a function whose caller has frame pointer
 * @fp: the function graph may hide it.
 */
static unsigned long true_return(struct unwind_state *state, unsigned long ret, unsigned long fp)
{
	return ftrace_graph_ret_addr(state->task, &state->graph_index, ret, (unsigned long *)fp);
}

/* Was the code at @regs, with @lr in x30, interrupted while it had no record of its own? */
static bool lr_is_caller(const struct unwind_state *state, const struct pt_regs *regs,
			 unsigned long lr)
{
	unsigned long size, offset, start;

	if (!kernel_text_address(regs->pc))
		return kernel_text_address(lr);	/* jumped into nowhere */
	if (!kallsyms_lookup_size_offset(regs->pc, &size, &offset))
		return false;
	start = regs->pc - offset;
	if (in_prologue(start, regs->pc) || in_epilogue(start, regs->pc))
		return true;
	return record_ok(state, state->fp) &&
	       outside_record(start, size, lr, ((unsigned long *)state->fp)[1]);
}

/*
 * Is @lr where a traced function resumes? Then what it called at its entry, and what has no record
 * yet, is a direct trampoline, and x9 still is that function's own return address.
 */
static bool follows_site(unsigned long lr)
{
	unsigned long offset;

	if (lr % 4 || !kernel_text_address(lr) || !kallsyms_lookup_size_offset(lr, NULL, &offset))
		return false;
	/* No call returns to a function's start, so there a callback has redirected the call. */
	if (!offset)
		return !IS_BL(insn_at(lr - 4)) && !IS_BLR(insn_at(lr - 4));
	return offset >= 8 && offset <= 12 && IS_BL(insn_at(lr - 4)) &&
	       insn_at(lr - 8) == INSN_MOV_X9_X30;
}

/* Continue at what @regs interrupted. */
static void enter_regs(struct unwind_state *state, const struct pt_regs *regs)
{
	unsigned long ip, parent_ip, fp, lr = regs->regs[30];
	int index = state->graph_index;

	state->regs = regs;
	state->nr_pending = 0;
	if (ftrace_unwind_regs(regs, &ip, &parent_ip, &fp)) {
		parent_ip = true_return(state, parent_ip, fp);
		state->fp = fp;
		if (ip) {
			state->pc = state->resume = ip;
			state->pending_pc[state->nr_pending++] = parent_ip;
		} else {
			state->pc = parent_ip;
		}
		return;
	}
	state->pc = regs->pc;
	state->fp = regs->regs[29];
	/* If a trampoline has called it, the trampoline's records tell all that comes next. */
	lr = true_return(state, lr, state->fp);
	if (!lr_is_caller(state, regs, lr)) {
		state->graph_index = index;
		return;
	}
	if (ftrace_hides_return(lr)) {
		state->reliable = false;
		return;
	}
	if (ftrace_is_trampoline(lr)) {
		if (record_ok(state, state->fp))
			state->resume = ((const unsigned long *)state->fp)[1];
		return;
	}
	if (follows_site(lr))
		state->pending_pc[state->nr_pending++] = true_return(state, regs->regs[9],
								     state->fp);
	state->pending_pc[state->nr_pending++] = lr;
}

void arch_unwind_start(struct unwind_state *state, const struct task_struct *task,
		       const struct pt_regs *regs)
{
	const unsigned long *record;

	if (!task)
		task = current;
	*state = (struct unwind_state){ .task = task, .reliable = true };
	if (regs) {
		find_stack(state, task, regs->regs[29]);
		enter_regs(state, regs);
		return;
	}
	if (task == current)
		record = __builtin_frame_address(0);
	else
		record = (const unsigned long *)task->thread_sp;	/* struct switch_frame */
	find_stack(state, task, (unsigned long)record);
	state->fp = record[0];
	state->pc = true_return(state, record[1], record[0]);
}

static bool is_entry_code(unsigned long pc)
{
	return pc >= (unsigned long)__entry_text_start && pc < (unsigned long)__entry_text_end;
}

static bool on_overflow_stack(const struct unwind_state *state)
{
	unsigned long start = (unsigned long)overflow_stacks;

	return state->stack_high - start <= NR_CPUS * OVERFLOW_STACK_SIZE;
}

/* The record at state->fp is the last part of a struct pt_regs: go on before the exception. */
static bool step_through_exception(struct unwind_state *state)
{
	const struct pt_regs *regs;

	if (!record_ok(state, state->fp))
		return false;
	regs = container_of((void *)state->fp, struct pt_regs, record);
	state->stack_low = state->fp + 16;
	if (on_overflow_stack(state))
		find_stack(state, current, regs->regs[29]);
	enter_regs(state, regs);
	return true;
}

bool arch_unwind_step(struct unwind_state *state)
{
	const unsigned long *record;
	bool trampoline, returned;

	state->gap_start = state->gap_end = 0;
	if (state->nr_pending) {
		state->pc = state->pending_pc[--state->nr_pending];
		return true;
	}
	do {
		/* With regs, pc is where an exception hit, not where a call returns to. */
		if (!state->regs && is_entry_code(state->pc))
			return step_through_exception(state);
		state->at_end = !state->fp;
		trampoline = !state->regs && ftrace_is_trampoline(state->pc);
		returned = trampoline && arm64_in_return_trampoline(state->pc);
		if (!trampoline)
			unwind_note_gap(state);
		if (!record_ok(state, state->fp))
			return false;
		record = (const unsigned long *)state->fp;
		state->stack_low = state->fp + 16;
		state->fp = record[0];
		state->pc = true_return(state, record[1], record[0]);
		if (ftrace_hides_return(state->pc)) {
			state->reliable = false;
			return false;
		}
		if (trampoline && !returned)
			state->resume = state->pc;
		state->regs = NULL;
	} while (is_entry_code(state->pc) || ftrace_is_trampoline(state->pc));
	if (state->pc)
		return true;
	/* No return address: this was the thread's first frame, and above it there is none. */
	state->fp = 0;
	unwind_note_gap(state);
	state->at_end = true;
	return false;
}
