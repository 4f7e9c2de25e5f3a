/* SPDX-License-Identifier: MIT */
/*
 * The trampoline of arm64 for sets without SAVE_REGS: what a traced site's BL goes to.
 * ftrace_regs.S saves more. Both honour the direct slot. Read ftrace_macros.h with it, then
 * reach_stub.h or reach_literal.h for where the callable is; C sees what is built here as
 * <asm/ftrace.h> draws it.
 */
#include "arch/arm64/ftrace_macros.h"

/*
 * callback(ip: x0, parent_ip: x1, callable: x2, fregs: x3)
 *
 * In:   x9, x30 and x17 as the way in leaves them; x0-x8 the function's arguments.
 * Kept: x0-x8, x18-x29, sp; x10-x17 and flags are dead at a function's entry.
 *
 * Frame while the callback runs, low to high, 16-byte aligned; all of it is struct ftrace_regs. It
 * ends in two frame records, and x29 points at the lower one:
 *
 *   sp -> +0 x0 .. x8 | +72 direct_tramp | x29 -> +80 frame pc | frame -> +96 fp lr | +112
 */
SYM_TRAMPOLINE_START ftrace_caller
	save_arguments
	mov	x3, sp
	load_callback_arguments
	call_callable
	restore_arguments
	leave_by_slot
SYM_FUNC_END ftrace_caller
