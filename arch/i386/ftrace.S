/* SPDX-License-Identifier: MIT */
/*
 * The trampoline of i386 for sets without SAVE_REGS: what a traced site calls, by a stub or itself.
 * ftrace_regs.S saves more registers, ftrace_sets.S does for common sets what this one
 * would call C for. All honour the direct slot. Read ftrace_macros.h with it, then reach_stub.h or
 * reach_literal.h for the way in; C sees what is built here as <asm/ftrace.h> draws it.
 */
#include "arch/i386/ftrace_macros.h"

/*
 * void callback(ip: eax, parent_ip: edx, callable: ecx, fregs: on the stack)
 *
 * In:   the stack as the way in leaves it; eax, edx, ecx the function's arguments; all else live.
 * Kept: everything but flags, which are dead at a function's entry.
 * Stack alignment: 4, as everywhere in the kernel.
 *
 * Frame while the callback runs, low to high; what is behind the argument is struct ftrace_regs:
 *
 *   +0 fregs (argument) | +4 bp cx dx ax | +20 direct_tramp | +24 ip | +28 parent_ip
 */
SYM_TRAMPOLINE_START(ftrace_caller)
	save_arguments
	load_callback_arguments
	push_word %esp				/* its value before the push: fregs */
	call_callable
	drop_words 2				/* the argument, and bp, which C kept */
	restore_arguments
	leave_by_slot
SYM_FUNC_END(ftrace_caller)

	.text
/* What sites call before boot made them NOPs, if the compiler did not. */
SYM_FUNC_START(__fentry__)
	ret
SYM_FUNC_END(__fentry__)
