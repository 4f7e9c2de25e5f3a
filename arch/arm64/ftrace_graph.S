/* SPDX-License-Identifier: MIT */
/*
 * The return trampoline of arm64: where a function returns whose return address the graph's entry
 * hook (trace/tracers/fgraph.c) has replaced. It is never freed, because threads may sleep in such
 * functions for any time. Read ftrace_macros.h with it.
 */
#include "arch/arm64/ftrace_macros.h"

/*
 * void ftrace_return_to_handler(fregs: x0)
 *
 * In:   x0, x1 the function's result; x29, sp as at its entry.
 * Kept: x0, x1, x18-x29, sp. x30 becomes the true return address.
 *
 * Of struct ftrace_regs there are x0, x1, fp, lr, and pc, which C stores. lr is this trampoline
 * until C has stored the true address there, so that the unwinder asks the shadow stack. Leaves by
 * `br`, because the `ret` that came here has used up the call's entry in the processor's stack of
 * return addresses; with landing pads only a `ret` may go where there is none.
 */
SYM_TRAMPOLINE_START return_to_handler
	state	AT_RETURN
	adr	x30, return_to_handler
	stp	x29, x30, [sp, #FREGS_FP_LR - FREGS_SIZE]!
	mov	x29, sp
	state	IN_RETURN
	stp	x0, x1, [sp, #FREGS_X0_X1 - FREGS_FP_LR]!
	mov	x0, sp
	bl	ftrace_return_to_handler
	ldp	x0, x1, [sp], #FREGS_FP_LR - FREGS_X0_X1
	ldp	x29, x30, [sp], #FREGS_SIZE - FREGS_FP_LR
	state	RETURNED
#ifdef __ARM_FEATURE_BTI_DEFAULT
	ret
#else
	br	x30
#endif
SYM_FUNC_END return_to_handler
	.globl	return_to_handler_end
return_to_handler_end:
