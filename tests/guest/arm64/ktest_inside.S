/* SPDX-License-Identifier: MIT */
/*
 * Direct trampolines for tests/guest/ktest/inside.c that make no frame and call kt_inside().
 * Nothing in them is relative to where they are, except for their own literals, so that a copy
 * works as well.
 */
#include <asm/linkage.h>

	.text

.macro save
	stp	x9, x30, [sp, #-96]!
	stp	x0, x1, [sp, #16]
	stp	x2, x3, [sp, #32]
	stp	x4, x5, [sp, #48]
	stp	x6, x7, [sp, #64]
	str	x8, [sp, #80]
.endm

/* Return to where x30 said, with x9 as the link again. */
.macro restore
	ldr	x8, [sp, #80]
	ldp	x6, x7, [sp, #64]
	ldp	x4, x5, [sp, #48]
	ldp	x2, x3, [sp, #32]
	ldp	x0, x1, [sp, #16]
	ldp	x30, x10, [sp], #96
.endm

	.balign	8
SYM_FUNC_START kt_inside_frameless
	save
	ldr	x16, 1f
	blr	x16
	restore
	ret	x10
	.balign	8
1:	.quad	kt_inside
SYM_FUNC_END kt_inside_frameless

/*
 * The same, but the resume address is kept elsewhere: nothing on the stack tells whose call it is.
 */
	.balign	8
SYM_FUNC_START kt_inside_taken
	ldr	x10, 2f
	str	x30, [x10]
	mov	x30, xzr
	save
	ldr	x16, 1f
	blr	x16
	restore
	ldr	x10, 2f
	ldr	x10, [x10]
	ret	x10
	.balign	8
1:	.quad	kt_inside
2:	.quad	kt_inside_resume
SYM_FUNC_END kt_inside_taken

/* This one runs on the stack that ends at kt_inside_stack. */
	.balign	8
SYM_FUNC_START kt_inside_elsewhere
	save
	mov	x10, sp
	ldr	x16, 2f
	ldr	x16, [x16]
	mov	sp, x16
	str	x10, [sp, #-16]!
	ldr	x16, 1f
	blr	x16
	ldr	x10, [sp]
	mov	sp, x10
	restore
	ret	x10
	.balign	8
1:	.quad	kt_inside
2:	.quad	kt_inside_stack
SYM_FUNC_END kt_inside_elsewhere
	.globl	kt_inside_end
kt_inside_end:
