/* SPDX-License-Identifier: MIT */
/*
 * The way into a trampoline where each set has a stub: the site does `call stub`, and the stub
 *
 *	push $0; push %eax; push %edx; push %ecx; mov $callable, %ecx; jmp trampoline
 *
 *	esp -> cx dx ax | 0 | resume ip (site + 5) | parent ip | stack arguments ...
 *
 * which is struct ftrace_regs but for bp, with an empty slot of direct_tramp. The stub begins what
 * the trampoline would do first anyway, because then the callable can come in a register.
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

/* First thing in a trampoline. eax, edx and ecx have been pushed. */
.macro enter
	at_distance (FREGS_IP-FREGS_CX)
.endm

/* The same in one that the stub calls. It is saved as by save_arguments; the slot has the stub. */
.macro save_arguments_of_call
	at_distance (FREGS_IP-FREGS_DIRECT)
	push_arguments
	push_word %ebp
.endm

/* eax: the site, edx: parent ip. The stub has put the callable in ecx, and nothing in the slot. */
.macro load_callback_arguments
	load_site
.endm

/* Enter ftrace_caller as if by the stub of a set with the callable @word alone. */
.macro enter_ftrace_caller word
	push_word $0
	push_arguments
	mov	$\word, %ecx
	jmp	ftrace_caller
.endm
