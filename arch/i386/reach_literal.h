/* SPDX-License-Identifier: MIT */
/*
 * The way into a trampoline where each function has a literal: the site calls the
 * trampoline itself, and the callable lies in the 4 bytes before the function.
 *
 *	literal (4) | [endbr32] | call (5) | ...	the literal is 16-aligned
 *	              function    site
 */
#pragma once
#include <asm/asm-offsets.h>

/* First thing in a trampoline: esp points at the slot of direct_tramp. */
.macro enter_slot
	at_distance 0
	push	$0
	at_distance 4
.endm

/*
 * eax: the site, edx: parent ip, ecx: the callable. fregs is @offset bytes above esp. GCC leaves
 * out the endbr32 of functions that are only called directly: alignment finds the literal anyway.
 */
.macro load_arguments offset
	mov	\offset + FREGS_IP(%esp), %eax
	mov	\offset + FREGS_PARENT(%esp), %edx
	sub	$5, %eax			/* resume address -> site */
#ifdef __CET__
	mov	%eax, %ecx
	and	$-16, %ecx
	mov	(%ecx), %ecx
#else
	mov	-4(%eax), %ecx
#endif
.endm
