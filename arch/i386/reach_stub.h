/* SPDX-License-Identifier: MIT */
/*
 * The way into a trampoline where each set has a stub: the site does `call stub`, the stub
 * `push $callable; jmp ftrace_caller`. So
 *
 *	esp -> callable | resume ip (site + 5) | parent ip | stack arguments ...
 *
 * which is struct ftrace_regs from direct_tramp upwards, with the callable where
 * direct_tramp will be. The callable travels in a slot that exists anyway: no register is touched.
 */
#pragma once
#include <asm/asm-offsets.h>

/*
 * The stub of a set with a direct function calls its trampoline, which returns to it:
 *
 *	call trampoline; jmp direct; .long word, direct		struct direct_stub in site.h
 *
 *	esp -> stub + STUB_RETURN | resume ip (site + 5) | parent ip | stack arguments ...
 *
 * STUB_WORD and STUB_DIRECT are the distances from there. On the way out the slot holds the same
 * again, so that `ret` matches the stub's call, and the direct function is entered with what a call
 * from the site gives. If a callback has put something else into the slot, the trampoline leaves by
 * leave_by_slot.
 */

/* First thing in a trampoline. esp points at the slot of direct_tramp. */
.macro enter_slot
	at_distance (FREGS_IP-FREGS_DIRECT)
.endm

/* eax: the site, edx: parent ip, ecx: the callable; the slot is empty from then on. */
.macro load_callback_arguments
	mov	FREGS(DIRECT), %ecx
	load_site
	movl	$0, FREGS(DIRECT)
.endm

/* Enter ftrace_caller as if by the stub of a set with the callable @word alone. */
.macro enter_ftrace_caller word
	push_word $\word
	jmp	ftrace_caller
.endm
