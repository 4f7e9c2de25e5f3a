/* SPDX-License-Identifier: MIT */
/*
 * The soak test's direct trampolines. They tell C that they were called, and from where. They are
 * entered with x30 = resume address and x9 = the traced function's return address, and keep x0-x8.
 */
#include <asm/linkage.h>

	.text

.macro SOAK_DIRECT name, which
SYM_FUNC_START \name
	stp	x29, x30, [sp, #-96]!
	mov	x29, sp
	stp	x0, x1, [sp, #16]
	stp	x2, x3, [sp, #32]
	stp	x4, x5, [sp, #48]
	stp	x6, x7, [sp, #64]
	stp	x8, x9, [sp, #80]
	mov	x0, x30
	mov	w1, #\which
	bl	soak_direct_hit
	ldp	x0, x1, [sp, #16]
	ldp	x2, x3, [sp, #32]
	ldp	x4, x5, [sp, #48]
	ldp	x6, x7, [sp, #64]
	ldp	x8, x30, [sp, #80]		/* x9 becomes the link again */
	ldp	x29, x10, [sp], #96
	ret	x10
SYM_FUNC_END \name
.endm

SOAK_DIRECT soak_direct_a, 0
SOAK_DIRECT soak_direct_b, 1
