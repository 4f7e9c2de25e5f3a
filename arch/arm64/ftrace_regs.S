/* SPDX-License-Identifier: MIT */
/*
 * The trampoline of arm64 for any set, FTRACE_OPS_FL_SAVE_REGS included. See ftrace.S for the
 * other; read ftrace_macros.h with it, then reach_stub.h or reach_literal.h for where the callable
 * is.
 */
#include "arch/arm64/ftrace_macros.h"

/*
 * callback(ip: x0, parent_ip: x1, callable: x2, fregs: x3)
 *
 * In:   as ftrace_caller.
 * Kept: x0-x8, x10-x15, x18-x29, sp and the flags, all restored from where callbacks see them.
 *
 * Frame while the callback runs, low to high, 16-byte aligned: struct ftrace_saved_regs, then
 * struct ftrace_regs with its two frame records.
 *
 *   sp -> +0 x10 .. x28 | +152 flags | fregs -> +160 x0 .. x8 | +232 direct_tramp
 *   | x29 -> +240 frame pc | frame -> +256 fp lr | +272
 */
SYM_TRAMPOLINE_START ftrace_regs_caller
	save_arguments
	mov	x3, sp
	save_other_regs
	load_callback_arguments
	call_callable
	restore_other_regs
	restore_arguments
	leave_by_slot
SYM_FUNC_END ftrace_regs_caller
