/* SPDX-License-Identifier: MIT */
/*
 * What the trampolines of arm64 are made of. Both ports have the same macros:
 *
 *   save_arguments           builds struct ftrace_regs on the stack; sp is its address then
 *   save_other_regs          builds struct ftrace_saved_regs below it, for SAVE_REGS
 *   load_callback_arguments  what the callback gets but fregs (reach_stub.h, reach_literal.h)
 *   call_callable            calls it
 *   restore_other_regs       what callbacks left in struct ftrace_saved_regs
 *   restore_arguments        what they left in struct ftrace_regs
 *   leave_by_slot            goes to direct_tramp if they left one, or to pc
 *
 * Way in: the site does `mov x9, x30; bl ftrace_caller`. So x9 is the function's own return
 * address, x30 where it resumes (behind the BL), x0-x8 are its arguments; x10-x17 are free.
 */
#pragma once
#include <asm/asm-offsets.h>
#include <asm/linkage.h>
#include <asm/site_mode.h>
/* load_callback_arguments */
#if SITES_HAVE_LITERALS
#include "arch/arm64/reach_literal.h"
#else
#include "arch/arm64/reach_stub.h"
#endif

	.section .ftrace.text, "ax", %progbits

/*
 * Wherever a trampoline is interrupted, the unwinder must know where the resume address, the parent
 * and the caller's frame pointer are. `state S` says: from here on as in S.
 *
 *   AT_ENTRY    ip x30, parent x9, fp x29        IN_PARENT_RECORD  ip x30, parent x9, fp [x29]
 *   IN_RECORDS  ip [x29 + 8], and x29 points at the record {fp, parent}
 *   LEAVING     ip x9, parent x30, fp x29        SWAPPING          ip x16, parent x9, fp x29
 *   AT_MCOUNT   ip x30, and x29 points at the record {fp, parent}
 *   AT_RETURN   the function has returned, and its parent is hidden; fp x29
 *   IN_RETURN   x29 points at the record {fp, parent}   RETURNED  parent x30, fp x29
 */
.macro state now
	.pushsection .rodata.ftrace_states, "a"
	.quad	.Lhere\@, \now
	.popsection
.Lhere\@:
.endm

/* From the top down: {fp, lr}, {frame, pc}, then x0-x8 and the empty slot. x29 points at frame. */
.macro save_arguments
	state	AT_ENTRY
	stp	x29, x9, [sp, #FREGS_FP_LR - FREGS_SIZE]!
	mov	x29, sp
	state	IN_PARENT_RECORD
	stp	x29, x30, [sp, #FREGS_FRAME_PC - FREGS_FP_LR]!
	mov	x29, sp
	state	IN_RECORDS
	stp	x0, x1, [sp, #FREGS_X0_X1 - FREGS_FRAME_PC]!
	stp	x2, x3, [sp, #FREGS_X2_X3]
	stp	x4, x5, [sp, #FREGS_X4_X5]
	stp	x6, x7, [sp, #FREGS_X6_X7]
	stp	x8, xzr, [sp, #FREGS_X8_DIRECT]
.endm

/* Out: x0-x8, x29 and sp restored; lr in x30, pc in x9, direct_tramp in x17: for leave_by_slot. */
.macro restore_arguments
	ldp	x2, x3, [sp, #FREGS_X2_X3]
	ldp	x4, x5, [sp, #FREGS_X4_X5]
	ldp	x6, x7, [sp, #FREGS_X6_X7]
	ldp	x8, x17, [sp, #FREGS_X8_DIRECT]
	ldr	x9, [sp, #FREGS_PC]
	ldp	x29, x30, [sp, #FREGS_FP_LR]
	state	LEAVING
	ldp	x0, x1, [sp], #FREGS_SIZE
.endm

/* Out: sp = the address of struct ftrace_saved_regs, SAVED_REGS_SIZE below fregs. */
.macro save_other_regs
	sub	sp, sp, #SAVED_REGS_SIZE
	stp	x10, x11, [sp, #SAVED_X10_X11]
	stp	x12, x13, [sp, #SAVED_X12_X13]
	stp	x14, x15, [sp, #SAVED_X14_X15]
	stp	x16, x17, [sp, #SAVED_X16_X17]
	mrs	x10, nzcv
	stp	x18, x19, [sp, #SAVED_X18_X19]
	stp	x20, x21, [sp, #SAVED_X20_X21]
	stp	x22, x23, [sp, #SAVED_X22_X23]
	stp	x24, x25, [sp, #SAVED_X24_X25]
	stp	x26, x27, [sp, #SAVED_X26_X27]
	stp	x28, x10, [sp, #SAVED_X28_PSTATE]
.endm

/* All but x16 and x17, which the way out uses: they are dead at an entry. Out: sp = fregs. */
.macro restore_other_regs
	ldp	x28, x10, [sp, #SAVED_X28_PSTATE]
	ldp	x26, x27, [sp, #SAVED_X26_X27]
	ldp	x24, x25, [sp, #SAVED_X24_X25]
	ldp	x22, x23, [sp, #SAVED_X22_X23]
	ldp	x20, x21, [sp, #SAVED_X20_X21]
	ldp	x18, x19, [sp, #SAVED_X18_X19]
	msr	nzcv, x10
	ldp	x14, x15, [sp, #SAVED_X14_X15]
	ldp	x12, x13, [sp, #SAVED_X12_X13]
	ldp	x10, x11, [sp], #SAVED_REGS_SIZE
.endm

/* callback(ip: x0, parent_ip: x1, callable: x2, fregs: x3) */
.macro call_callable
	ldr	x16, [x2, #CALLABLE_FUNC]
	blr	x16
.endm

/*
 * In: as restore_arguments leaves it. The direct trampoline finds x9 and x30 as if the site's BL
 * had led to it.
 */
.macro leave_by_slot
	cbnz	x17, 1f
	ret	x9				/* to pc */
1:	mov	x16, x9				/* x30 becomes pc, x9 lr: as at the site */
	mov	x9, x30
	state	SWAPPING
	mov	x30, x16
	state	AT_ENTRY
	br	x17				/* to direct_tramp */
.endm
