/* SPDX-License-Identifier: MIT */
/*
 * struct ftrace_regs of the simulated architecture, with eight argument registers. Tests fill it
 * themselves, because there is no trampoline that builds one.
 */
#pragma once
#include "kernel/compiler.h"
#include "kernel/types.h"

#define FTRACE_INSN_SIZE 8
#define FTRACE_GRAPH_BY_FP 0
#define FTRACE_RETURN_OTHER 0
#define FTRACE_RECORD_FIRST 0

struct ftrace_regs {
	unsigned long regs[8];
	unsigned long direct_tramp;	/* 0 if there is none */
	unsigned long ip, parent_ip, sp, fp;
};

static __always_inline unsigned long
ftrace_regs_get_instruction_pointer(const struct ftrace_regs *fregs)
{
	return fregs->ip;
}

static __always_inline void ftrace_regs_set_instruction_pointer(struct ftrace_regs *fregs,
								unsigned long ip)
{
	fregs->ip = ip;
}

static __always_inline unsigned long ftrace_regs_get_argument(const struct ftrace_regs *fregs,
							      unsigned int n)
{
	return n < 8 ? fregs->regs[n] : 0;
}

static __always_inline unsigned long ftrace_regs_get_stack_pointer(const struct ftrace_regs *fregs)
{
	return fregs->sp;
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

static __always_inline unsigned long *ftrace_regs_parent_ptr(struct ftrace_regs *fregs)
{
	return &fregs->parent_ip;
}

static __always_inline void ftrace_override_function_with_return(struct ftrace_regs *fregs)
{
	fregs->ip = fregs->parent_ip;
}

static __always_inline void arch_ftrace_set_direct_caller(struct ftrace_regs *fregs,
							  unsigned long addr)
{
	fregs->direct_tramp = addr;
}

static __always_inline unsigned long *ftrace_mcount_frame(unsigned long *frame)
{
	return frame;
}

static __always_inline bool ftrace_regs_has_args(const struct ftrace_regs *fregs)
{
	return fregs;
}
