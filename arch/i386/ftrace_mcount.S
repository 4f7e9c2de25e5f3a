/* SPDX-License-Identifier: MIT */
/*
 * The trampoline of i386 for hook=mcount, where the site is behind the prologue: the traced
 * function has its frame and its locals, and what its registers hold is nobody's argument any
 * more. So there is no struct ftrace_regs, callbacks get NULL for it, and nothing leaves through a
 * direct slot. See ftrace.S for the other modes. Read ftrace_macros.h with it, then reach_stub.h
 * for the way in.
 */
#include "arch/i386/ftrace_macros.h"

/*
 * void callback(ip: eax, parent_ip: edx, callable: ecx, NULL: on the stack)
 *
 * In:   ebp the traced function's frame {caller's ebp, return address}; the compiler counts on
 *       eax, edx, ecx, where arguments may still be, and on all registers that C keeps.
 * Kept: everything but flags.
 *
 * Frame while the callback runs, low to high; the unwinder takes what is behind the argument for a
 * struct ftrace_regs, as far as it goes:
 *
 *   +0 NULL (argument) | +4 bp cx dx ax | +20 0 | +24 ip
 */
SYM_TRAMPOLINE_START(ftrace_caller)
	save_arguments
	mov	FREGS(IP), %eax
	mov	4(%ebp), %edx			/* the function's return address */
	sub	$SITE_SIZE, %eax		/* resume address -> site */
	push_word $0
	call_callable
	drop_words 2				/* the argument, and bp, which C kept */
	restore_arguments
	drop_words 1				/* the 0 */
	ret
SYM_FUNC_END(ftrace_caller)

	.text
/*
 * What sites call before boot made them NOPs, if the compiler did not; for bare machines as
 * _mcount.
 */
	.globl	_mcount
	.set	_mcount, mcount
SYM_FUNC_START(mcount)
	ret
SYM_FUNC_END(mcount)
