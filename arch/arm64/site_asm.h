/* SPDX-License-Identifier: MIT */
/* A traced function in assembly, as GCC makes it, in each mode of site_mode.h. */
#pragma once
#include <asm/asm-offsets.h>
#include <asm/linkage.h>
#include <asm/site_mode.h>

/*
 * hook=patchable: two NOPs at the entry, and with literals two more before the function. .Lentry is
 * what the table lists.
 */
.macro PATCHABLE_FUNC_START name
.if SITES_HAVE_LITERALS
	.balign	LITERAL_SIZE
.Lentry\@:
	nop
	nop
.endif
SYM_FUNC_START \name
.if !SITES_HAVE_LITERALS
.Lentry\@:
.endif
	nop
	nop
	.pushsection __patchable_function_entries, "awo", @progbits, \name
	.balign	8
	.quad	.Lentry\@
	.popsection
.endm

/*
 * hook=mcount: the site is a call in a frame. That is gone before the body, which finds everything
 * as the caller left it, in all modes alike.
 */
.macro MCOUNT_FUNC_START name
SYM_FUNC_START \name
	stp	x29, x30, [sp, #-96]!
	mov	x29, sp
	stp	x0, x1, [sp, #16]
	stp	x2, x3, [sp, #32]
	stp	x4, x5, [sp, #48]
	stp	x6, x7, [sp, #64]
	stp	x8, x18, [sp, #80]
	mov	x0, x30
	bl	_mcount
	ldp	x8, x18, [sp, #80]
	ldp	x6, x7, [sp, #64]
	ldp	x4, x5, [sp, #48]
	ldp	x2, x3, [sp, #32]
	ldp	x0, x1, [sp, #16]
	ldp	x29, x30, [sp], #96
.endm

.macro TRACED_FUNC_START name
.if HOOK_MCOUNT
	MCOUNT_FUNC_START \name
.else
	PATCHABLE_FUNC_START \name
.endif
.endm
