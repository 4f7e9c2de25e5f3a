/* SPDX-License-Identifier: MIT */
/*
 * struct ftrace_regs on arm64 and its accessors. Built on the stack by
 * arch/arm64/ftrace.S; assembly knows it through asm-offsets only.
 *
 * The picture, low to high. {frame, pc} and {fp, lr} are the two frame records
 * that make the traced function and its caller visible to an unwinder: `frame`
 * points at fp, and x29 at `frame` while the callbacks run.
 *
 *   below 0: x10-x28, flags             only for FTRACE_OPS_FL_SAVE_REGS
 *   +0 x0 .. +64 x8 | +72 direct_tramp | +80 frame | +88 pc | +96 fp | +104 lr | +112 = sp at entry
 */
#pragma once
#include "kernel/compiler.h"
#include "kernel/types.h"

#define FTRACE_INSN_SIZE 4
#define FTRACE_GRAPH_BY_FP 1
#define FTRACE_RETURN_SIZE 512		/* of both return trampolines, from the first on */
#define FTRACE_RETURN_OTHER 128
#define FTRACE_RECORD_FIRST 1

struct ftrace_regs {
	unsigned long regs[9];		/* x0-x8 */
	unsigned long direct_tramp;	/* 0: none */
	unsigned long frame;		/* address of fp below: a frame record with pc */
	unsigned long pc;		/* where the function resumes: after the BL */
	unsigned long fp;		/* x29 of the caller: a frame record with lr */
	unsigned long lr;		/* the function's own return address (x9 at the site) */
};
_Static_assert(sizeof(struct ftrace_regs) == 112, "16-byte stack alignment");

/* What SAVE_REGS adds below struct ftrace_regs. */
struct ftrace_saved_regs {
	unsigned long regs[19];		/* x10-x28 */
	unsigned long pstate;		/* NZCV */
};
_Static_assert(sizeof(struct ftrace_saved_regs) == 160, "16-byte stack alignment");

static __always_inline struct ftrace_saved_regs *ftrace_saved_regs(struct ftrace_regs *fregs)
{
	return (struct ftrace_saved_regs *)fregs - 1;
}

static __always_inline unsigned long ftrace_regs_get_instruction_pointer(
	const struct ftrace_regs *fregs)
{
	return fregs->pc;
}

static __always_inline void ftrace_regs_set_instruction_pointer(struct ftrace_regs *fregs,
								unsigned long ip)
{
	fregs->pc = ip;
}

/* x0-x7; 0 for n > 7, as on Linux. */
static __always_inline unsigned long ftrace_regs_get_argument(const struct ftrace_regs *fregs,
							      unsigned int n)
{
	return n < 8 ? fregs->regs[n] : 0;
}

static __always_inline unsigned long ftrace_regs_get_stack_pointer(const struct ftrace_regs *fregs)
{
	return (unsigned long)(fregs + 1);
}

static __always_inline unsigned long ftrace_regs_get_frame_pointer(const struct ftrace_regs *fregs)
{
	return fregs->fp;
}

static __always_inline unsigned long ftrace_regs_get_return_value(const struct ftrace_regs *fregs)
{
	return fregs->regs[0];
}

static __always_inline void ftrace_regs_set_return_value(struct ftrace_regs *fregs,
							 unsigned long value)
{
	fregs->regs[0] = value;
}

/* Where the function's return address is kept: in a register slot here, on the stack on i386. */
static __always_inline unsigned long *ftrace_regs_parent_ptr(struct ftrace_regs *fregs)
{
	return &fregs->lr;
}

void ftrace_return_stub(void);	/* a lone return instruction */

/* Make the function return at once; set the return value separately. */
static __always_inline void ftrace_override_function_with_return(struct ftrace_regs *fregs)
{
	fregs->pc = (unsigned long)ftrace_return_stub;
}

/* Leave through the direct trampoline at @addr when all callbacks are done. */
static __always_inline void arch_ftrace_set_direct_caller(struct ftrace_regs *fregs,
							  unsigned long addr)
{
	fregs->direct_tramp = addr;
}

/* The record in between is the trampoline's. */
static __always_inline unsigned long *ftrace_mcount_frame(unsigned long *frame)
{
	return *(unsigned long **)frame[0];
}

static __always_inline bool ftrace_regs_has_args(const struct ftrace_regs *fregs)
{
	return fregs != NULL;
}
