/* SPDX-License-Identifier: MIT */
/*
 * The trampoline of i386 for sets without SAVE_REGS: what a traced site calls, by a stub or itself.
 * ftrace_regs.S saves more registers, ftrace_sets.S does for common sets what this one
 * would call C for. All honour the direct slot. Read <asm/ftrace.h> first: it draws
 * struct ftrace_regs; then reach_stub.h or reach_literal.h for the way in.
 */
#include "arch/i386/ftrace_macros.h"

/*
 * void callback(ip: eax, parent_ip: edx, callable: ecx, fregs: on the stack)
 *
 * In:   the stack above; eax, edx, ecx the function's arguments; all else live.
 * Kept: everything but flags, which are dead at a function's entry.
 * Stack alignment: 4, as everywhere in the kernel.
 *
 * Frame while the callback runs, low to high:
 *
 *   +0 fregs (argument) | +4 bp cx dx ax | +20 direct_tramp | +24 ip | +28 parent_ip
 */
SYM_TRAMPOLINE_START(ftrace_caller)
	enter_slot
	push	%eax
	at_distance 8
	push	%edx
	at_distance 12
	push	%ecx
	at_distance 16
	push	%ebp
	at_distance 20
	load_arguments 0
	push	%esp				/* its value before the push: fregs */
	at_distance 24
	call	*CALLABLE_FUNC(%ecx)
SYM_INNER(ftrace_caller_return)
	add	$8, %esp			/* the argument, and bp, which C kept */
	at_distance 16
	leave_by_slot
SYM_FUNC_END(ftrace_caller)

	.text
/* What sites call before boot made them NOPs, if the compiler did not. */
SYM_FUNC_START(__fentry__)
	ret
SYM_FUNC_END(__fentry__)
