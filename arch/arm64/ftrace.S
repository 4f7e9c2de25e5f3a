/* SPDX-License-Identifier: MIT */
/*
 * The trampolines of arm64: what a traced site's BL goes to. One for plain
 * callbacks, one that saves every register (FTRACE_OPS_FL_SAVE_REGS). Both
 * honour the direct slot. Read <asm/ftrace.h> first: it draws struct ftrace_regs.
 *
 * Way in: the site does `mov x9, x30; bl ftrace_caller`. So x9 is the function's own return
 * address, x30 where it resumes (behind the BL), x0-x8 are its arguments; x10-x17 are free.
 * The callable is the literal in the 8 bytes before the function:
 *
 *	literal (8) | [bti c] | mov x9, x30 | bl | ...
 *	^ x30 aligned down to 8, minus 16       ^ x30
 */
#include <asm/linkage.h>
#include <asm/asm-offsets.h>

	.text

/*
 * For an interrupt inside a trampoline the unwinder must know where the resume
 * address, the parent and the caller's frame pointer are. `state S` says: from here on as in S.
 *
 *   AT_ENTRY    ip x30, parent x9, fp x29        IN_PARENT_RECORD  ip x30, parent x9, fp [x29]
 *   IN_RECORDS  ip [x29 + 8], and x29 points at the record {fp, parent}
 *   LEAVING     ip x9, parent x30, fp x29        SWAPPING          ip x16, parent x9, fp x29
 */
#define AT_ENTRY 0
#define IN_PARENT_RECORD 1
#define IN_RECORDS 2
#define LEAVING 3
#define SWAPPING 4
.macro state now
	.pushsection .rodata.ftrace_states, "a"
	.quad	.Lhere\@, \now
	.popsection
.Lhere\@:
.endm
	.pushsection .rodata.ftrace_states, "a"
	.balign 8
SYM_INNER ftrace_states
	.popsection

/* x29/x9 and the frame above it, then x0-x8: all of struct ftrace_regs. sp = fregs, x29 = its frame record. */
.macro save_arguments
	state AT_ENTRY
	stp	x29, x9, [sp, #-16]!		/* fp, lr */
	mov	x29, sp
	state IN_PARENT_RECORD
	stp	x29, x30, [sp, #-16]!		/* frame, pc */
	mov	x29, sp
	state IN_RECORDS
	stp	x0, x1, [sp, #-FREGS_FRAME]!
	stp	x2, x3, [sp, #FREGS_X0 + 16]
	stp	x4, x5, [sp, #FREGS_X0 + 32]
	stp	x6, x7, [sp, #FREGS_X0 + 48]
	stp	x8, xzr, [sp, #FREGS_X0 + 64]	/* x8, direct_tramp */
.endm

/* callback(ip: x0, parent_ip: x1, callable: x2, fregs: x3). x30 still is the site's, x9 the parent's. */
.macro call_callable
	bic	x2, x30, #7
	sub	x0, x30, #4
	ldr	x2, [x2, #-16]
	mov	x1, x9
	ldr	x16, [x2, #CALLABLE_FUNC]
	blr	x16
.endm

/* Back out of save_arguments, to pc, or to direct_tramp with the registers of a BL from the site. */
.macro leave
	ldp	x2, x3, [sp, #FREGS_X0 + 16]
	ldp	x4, x5, [sp, #FREGS_X0 + 32]
	ldp	x6, x7, [sp, #FREGS_X0 + 48]
	ldp	x8, x17, [sp, #FREGS_X0 + 64]
	ldr	x9, [sp, #FREGS_PC]
	ldp	x29, x30, [sp, #FREGS_FP]
	state LEAVING
	ldp	x0, x1, [sp], #FREGS_SIZE
#ifdef PLANT_LOST_REG
	mov	x8, xzr
#endif
#ifdef PLANT_STACK_OFF
	sub	sp, sp, #16
#endif
#ifndef PLANT_LOST_DIRECT
	cbnz	x17, 1f
#endif
	ret	x9
1:	mov	x16, x9				/* pc: x30 for the direct trampoline, lr: x9 */
	mov	x9, x30
	state SWAPPING
	mov	x30, x16
	state AT_ENTRY
	br	x17
.endm

/*
 * Kept: x0-x8, x18-x29, sp; x10-x17 and flags are dead at a function's entry.
 * 112 bytes of stack, 16-byte aligned.
 */
SYM_FUNC_START ftrace_caller
	save_arguments
#ifdef PLANT_NULL_FREGS
	mov	x3, xzr
#else
	mov	x3, sp
#endif
	call_callable
	leave
SYM_FUNC_END ftrace_caller

/*
 * The same, with x10-x28 and the flags below struct ftrace_regs, and all of them
 * restored from there.
 */
SYM_FUNC_START ftrace_regs_caller
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
#ifdef PLANT_NULL_FREGS
	mov	x3, xzr
#endif
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
SYM_INNER ftrace_trampolines_end

	.pushsection .rodata.ftrace_states, "a"
SYM_INNER ftrace_states_end
	.popsection
