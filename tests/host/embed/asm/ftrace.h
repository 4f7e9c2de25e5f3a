/* SPDX-License-Identifier: MIT */
/* The least of a struct ftrace_regs: where the function resumes, and the direct call's slot. */
#pragma once

#define FTRACE_INSN_SIZE 8

struct ftrace_regs {
	unsigned long ip, direct_tramp;
};

static __always_inline void arch_ftrace_set_direct_caller(struct ftrace_regs *fregs,
							  unsigned long addr)
{
	fregs->direct_tramp = addr;
}
