/* SPDX-License-Identifier: MIT */
/*
 * The way into a trampoline where each function has a literal: the site calls the
 * trampoline itself, and the callable lies in the 4 bytes before the function.
 *
 *	literal (4) | [endbr32] | call (5) | ...	the literal is 16-aligned
 *	              function    site
 *
 *	esp -> resume ip (site + 5) | parent ip | stack arguments ...
 */
#pragma once
#include <asm/asm-offsets.h>

/* First thing in a trampoline. The slot of direct_tramp is empty. */
.macro enter
	at_distance 0
	push_word $0
	push_arguments
.endm

/*
 * eax: the site, edx: parent ip, ecx: the callable. GCC leaves out the endbr32 of functions that
 * are only called directly: alignment finds the literal anyway.
 */
.macro load_callback_arguments
	load_site
#ifdef __CET__
	mov	%eax, %ecx
	and	$-LITERAL_ALIGN, %ecx
	mov	(%ecx), %ecx
#else
	mov	-LITERAL_SIZE(%eax), %ecx
#endif
.endm

/* Enter ftrace_caller as the site does. It finds the callable, which need not be @word any more. */
.macro enter_ftrace_caller word
	jmp	ftrace_caller
.endm
