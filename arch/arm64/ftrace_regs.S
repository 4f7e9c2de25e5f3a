/* SPDX-License-Identifier: MIT */
/*
 * The trampoline of arm64 for any set, FTRACE_OPS_FL_SAVE_REGS included. See ftrace.S.
 */
#include "arch/arm64/ftrace_macros.h"

/*
 * ftrace_caller with x10-x28 and the flags below struct ftrace_regs, and all of them
 * restored from there.
 */
SYM_TRAMPOLINE_START ftrace_regs_caller
	save_arguments
	mov	x3, sp
	sub	sp, sp, #SAVED_REGS_SIZE
	stp	x10, x11, [sp]
	stp	x12, x13, [sp, #16]
	stp	x14, x15, [sp, #32]
	stp	x16, x17, [sp, #48]
	mrs	x10, nzcv
	stp	x18, x19, [sp, #64]
	stp	x20, x21, [sp, #80]
	stp	x22, x23, [sp, #96]
	stp	x24, x25, [sp, #112]
	stp	x26, x27, [sp, #128]
	stp	x28, x10, [sp, #144]
	call_callable
	ldp	x28, x10, [sp, #144]
	ldp	x26, x27, [sp, #128]
	ldp	x24, x25, [sp, #112]
	ldp	x22, x23, [sp, #96]
	ldp	x20, x21, [sp, #80]
	ldp	x18, x19, [sp, #64]
	msr	nzcv, x10
	ldp	x14, x15, [sp, #32]
	ldp	x12, x13, [sp, #16]
	ldp	x10, x11, [sp], #SAVED_REGS_SIZE
	leave					/* x16, x17 and x9 serve the way out: dead at an entry */
SYM_FUNC_END ftrace_regs_caller
