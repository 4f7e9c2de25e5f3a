/* SPDX-License-Identifier: MIT */
/*
 * The callable is the literal in the 8 bytes before the function:
 *
 *	literal (8) | [bti c] | mov x9, x30 | bl | ...
 *	^ x30 aligned down to 8, minus 16       ^ x30
 */
#pragma once
#include <asm/asm-offsets.h>

/* callback(ip: x0, parent_ip: x1, callable: x2, fregs: x3). x30 and x9 are the site's still. */
.macro call_callable
	bic	x2, x30, #7
	sub	x0, x30, #4
	ldr	x2, [x2, #-16]
	mov	x1, x9
	ldr	x16, [x2, #CALLABLE_FUNC]
	blr	x16
.endm
