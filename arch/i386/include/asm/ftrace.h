/* SPDX-License-Identifier: MIT */
/*
 * struct ftrace_regs on i386 and its accessors. Built on the stack by
 * arch/i386/ftrace.S; assembly knows it through asm-offsets only.
 *
 * The picture, low to high. A stub has pushed the callable into the slot that
 * becomes direct_tramp; ip and parent_ip are the two return addresses that the
 * call from the site and the call of the function left there.
 *
 *   -16 di | -12 si | -8 bx | -4 flags    only for FTRACE_OPS_FL_SAVE_REGS
 *   +0 bp | +4 cx | +8 dx | +12 ax | +16 direct_tramp | +20 ip | +24 parent_ip | stack arguments
 */
#pragma once
#include "kernel/compiler.h"
#include "kernel/types.h"

#define FTRACE_INSN_SIZE 5
#define FTRACE_GRAPH_BY_FP 0
#define FTRACE_RETURN_SIZE 512		/* of both return trampolines, from the first on */
#define FTRACE_RETURN_OTHER 128
#define FTRACE_RECORD_FIRST 0

struct ftrace_regs {
	unsigned long bp, cx, dx, ax;
	unsigned long direct_tramp;	/* 0: none */
	unsigned long ip;		/* where the function resumes: site + 5 */
	unsigned long parent_ip;	/* the function's own return address, in place */
	unsigned long stack_args[];
};

/* What SAVE_REGS adds below struct ftrace_regs. */
struct ftrace_saved_regs {
	unsigned long di, si, bx, flags;
};

static __always_inline struct ftrace_saved_regs *ftrace_saved_regs(struct ftrace_regs *fregs)
{
	return (struct ftrace_saved_regs *)fregs - 1;
}

static __always_inline unsigned long ftrace_regs_get_instruction_pointer(
	const struct ftrace_regs *fregs)
{
	return fregs->ip;
}

static __always_inline void ftrace_regs_set_instruction_pointer(struct ftrace_regs *fregs,
								unsigned long ip)
{
	fregs->ip = ip;
}

/* The n-th argument word, not parameter: eax, edx, ecx, then the stack (docs/reference.md). */
static __always_inline unsigned long ftrace_regs_get_argument(const struct ftrace_regs *fregs,
							      unsigned int n)
{
	switch (n) {
	case 0: return fregs->ax;
	case 1: return fregs->dx;
	case 2: return fregs->cx;
	default: return fregs->stack_args[n - 3];
	}
}

/* Stack pointer at the function's first instruction: it points at the return address. */
static __always_inline unsigned long ftrace_regs_get_stack_pointer(const struct ftrace_regs *fregs)
{
	return (unsigned long)&fregs->parent_ip;
}

static __always_inline unsigned long ftrace_regs_get_frame_pointer(const struct ftrace_regs *fregs)
{
	return fregs->bp;
}

static __always_inline unsigned long ftrace_regs_get_return_value(const struct ftrace_regs *fregs)
{
	return fregs->ax;
}

static __always_inline void ftrace_regs_set_return_value(struct ftrace_regs *fregs,
							 unsigned long value)
{
	fregs->ax = value;
}

/* Where the function's return address is kept: on the stack here, in a register slot on arm64. */
static __always_inline unsigned long *ftrace_regs_parent_ptr(struct ftrace_regs *fregs)
{
	return &fregs->parent_ip;
}

void ftrace_return_stub(void);	/* a lone return instruction */

/* Make the function return at once; set the return value separately. */
static __always_inline void ftrace_override_function_with_return(struct ftrace_regs *fregs)
{
	fregs->ip = (unsigned long)ftrace_return_stub;
}

/* Leave through the direct trampoline at @addr when all callbacks are done. */
static __always_inline void arch_ftrace_set_direct_caller(struct ftrace_regs *fregs,
							  unsigned long addr)
{
	fregs->direct_tramp = addr;
}

/* The trampoline keeps ebp, so that the C function has saved it. */
static __always_inline unsigned long *ftrace_mcount_frame(unsigned long *frame)
{
	return (unsigned long *)frame[0];
}

static __always_inline bool ftrace_regs_has_args(const struct ftrace_regs *fregs)
{
	return fregs != NULL;
}
