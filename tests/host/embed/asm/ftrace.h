/* SPDX-License-Identifier: MIT */
/*
 * The least of a struct ftrace_regs: one argument, where the function resumes and returns to, and
 * the direct call's slot. The contract of its accessors is in trace/arch.h.
 */
#pragma once
#include "kernel/compiler.h"
#include "kernel/types.h"

#define FTRACE_INSN_SIZE 8

struct ftrace_regs {
	unsigned long ip, parent_ip, argument, value, direct_tramp;
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
	return n ? 0 : fregs->argument;
}

static __always_inline unsigned long ftrace_regs_get_stack_pointer(const struct ftrace_regs *fregs)
{
	return 0;
}

static __always_inline unsigned long ftrace_regs_get_frame_pointer(const struct ftrace_regs *fregs)
{
	return 0;
}

static __always_inline unsigned long ftrace_regs_get_return_value(const struct ftrace_regs *fregs)
{
	return fregs->value;
}

static __always_inline void ftrace_regs_set_return_value(struct ftrace_regs *fregs,
							 unsigned long value)
{
	fregs->value = value;
}

static __always_inline unsigned long *ftrace_regs_parent_ptr(struct ftrace_regs *fregs)
{
	return &fregs->parent_ip;
}

static __always_inline void ftrace_override_function_with_return(struct ftrace_regs *fregs)
{
	fregs->ip = fregs->parent_ip;
}

static __always_inline bool ftrace_regs_has_args(const struct ftrace_regs *fregs)
{
	return fregs;
}

static __always_inline void arch_ftrace_set_direct_caller(struct ftrace_regs *fregs,
							  unsigned long addr)
{
	fregs->direct_tramp = addr;
}
