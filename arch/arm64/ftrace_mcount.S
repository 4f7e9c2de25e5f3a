/* SPDX-License-Identifier: MIT */
/*
 * The trampoline of arm64 for hook=mcount, where the site is a call as C makes it, behind the
 * prologue: the traced function has its frame record, has saved what it needs of its arguments,
 * and passes its return address in x0. So there is no struct ftrace_regs, callbacks get NULL for
 * it, and nothing leaves through a direct slot. See ftrace.S for the other modes; read
 * ftrace_macros.h with it.
 */
#include "arch/arm64/ftrace_macros.h"

/*
 * callback(ip: x0, parent_ip: x1, callable: x2, NULL: x3)
 *
 * In:   x30 where the function resumes, x29 its frame record, x17 the callable (reach_stub.c).
 * Kept: x19-x29, sp.
 *
 * Frame while the callback runs, low to high: a record of the traced function, and what was there.
 *
 *   sp, x29 -> +0 the function's x29, +8 where it resumes | +16
 */
SYM_TRAMPOLINE_START ftrace_caller
	state	AT_MCOUNT
	stp	x29, x30, [sp, #-RECORD_SIZE]!
	mov	x29, sp
	state	IN_RECORDS
	mov	x1, x0
	sub	x0, x30, #SITE_SIZE		/* resume address -> site */
	mov	x2, x17
	mov	x3, xzr
	call_callable
	ldp	x29, x30, [sp], #RECORD_SIZE
	state	AT_MCOUNT
	ret
SYM_FUNC_END ftrace_caller

	.text
/* What sites call before boot made them NOPs. */
SYM_FUNC_START _mcount
	ret
SYM_FUNC_END _mcount
