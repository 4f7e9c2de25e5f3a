/* SPDX-License-Identifier: MIT */
/* The trampoline of i386 for any set, FTRACE_OPS_FL_SAVE_REGS included. See ftrace.S. */
#include "arch/i386/ftrace_macros.h"

.macro restore_flags
	popf
.endm

/*
 * ftrace_caller with the other registers saved below struct ftrace_regs, and all of them
 * restored from there, flags included.
 *
 *   +0 fregs (argument) | +4 di si bx flags | +20 bp cx dx ax | +36 direct_tramp | +40 ip
 *   | +44 parent_ip
 */
SYM_TRAMPOLINE_START(ftrace_regs_caller)
	enter_slot
	push	%eax
	at_distance 8
	push	%edx
	at_distance 12
	push	%ecx
	at_distance 16
	push	%ebp
	at_distance 20
	pushf
	at_distance 24
	push	%ebx
	at_distance 28
	push	%esi
	at_distance 32
	push	%edi
	at_distance 36
	load_arguments SAVED_REGS_SIZE
	lea	SAVED_REGS_SIZE(%esp), %ebx
	push	%ebx
	at_distance 40
	call	*CALLABLE_FUNC(%ecx)
SYM_INNER(ftrace_regs_caller_return)
	pop	%edi				/* the argument */
	at_distance 36
	pop	%edi
	at_distance 32
	pop	%esi
	at_distance 28
	pop	%ebx
	at_distance 24
	cmpl	$0, FREGS_DIRECT + 4(%esp)
	jne	1f
	restore_flags
	at_distance 20
	pop	%ebp
	at_distance 16
	pop	%ecx
	at_distance 12
	pop	%edx
	at_distance 8
	pop	%eax
	at_distance 4
	lea	4(%esp), %esp			/* add would change the flags */
	at_distance 0
	ret
	at_distance 24
1:	restore_flags
	at_distance 20
	pop	%ebp
	at_distance 16
	pop	%ecx
	at_distance 12
	pop	%edx
	at_distance 8
	pop	%eax
	at_distance 4
	ret
SYM_FUNC_END(ftrace_regs_caller)
