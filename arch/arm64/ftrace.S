/* SPDX-License-Identifier: MIT */
/*
 * The trampoline of arm64 for sets without SAVE_REGS: what a traced site's BL goes to.
 * ftrace_regs.S saves more. Both honour the direct slot. Read <asm/ftrace.h> first: it draws
 * struct ftrace_regs; then ftrace_macros.h.
 */
#include "arch/arm64/ftrace_macros.h"

/*
 * Kept: x0-x8, x18-x29, sp; x10-x17 and flags are dead at a function's entry.
 * 112 bytes of stack, 16-byte aligned.
 */
SYM_TRAMPOLINE_START ftrace_caller
	save_arguments
	mov	x3, sp
	call_callable
	leave
SYM_FUNC_END ftrace_caller
