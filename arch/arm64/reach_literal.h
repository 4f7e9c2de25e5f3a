/* SPDX-License-Identifier: MIT */
/*
 * The callable is the literal in the 8 bytes before the function:
 *
 *	literal (8) | [bti c] | mov x9, x30 | bl | ...
 *	^ x30 aligned down to 8, minus 16       ^ x30
 */
#pragma once
#include <asm/asm-offsets.h>

/* ip: x0, parent_ip: x1, callable: x2. x30 and x9 are the site's still. */
.macro load_callback_arguments
	bic	x2, x30, #LITERAL_SIZE - 1
	sub	x0, x30, #SITE_SIZE		/* resume address -> site */
	ldr	x2, [x2, #-LITERAL_DISTANCE]
	mov	x1, x9
.endm

/* Enter ftrace_caller as the site does. It finds the callable, which need not be @word any more. */
.macro enter_ftrace_caller word
	b	ftrace_caller
.endm
