/* SPDX-License-Identifier: MIT */
/*
 * The trampoline of i386 for any set, FTRACE_OPS_FL_SAVE_REGS included. See ftrace.S for the
 * others; read ftrace_macros.h with it, then reach_stub.h or reach_literal.h for the way in.
 */
#include "arch/i386/ftrace_macros.h"

/*
 * void callback(ip: eax, parent_ip: edx, callable: ecx, fregs: on the stack)
 *
 * In:   as ftrace_caller.
 * Kept: everything, arithmetic flags included (restore_flags); all registers are restored from
 * where callbacks see them.
 *
 * Frame while the callback runs, low to high; the four words behind the argument are struct
 * ftrace_saved_regs, then comes struct ftrace_regs:
 *
 *   +0 fregs (argument) | +4 di si bx flags | +20 bp cx dx ax | +36 direct_tramp | +40 ip
 *   | +44 parent_ip
 *
 * No instruction that changes the flags may come behind restore_other_regs. So it is leave_by_slot
 * twice, with the question first.
 */
.macro restore_all_regs
	restore_other_regs
	mov	FREGS(BP), %ebp
	mov	FREGS(CX), %ecx
	mov	FREGS(DX), %edx
	mov	FREGS(AX), %eax
.endm

.macro leave_with_all_regs
	.set	distance_of_argument, distance
	cmpl	$0, FREGS(DIRECT)
	jne	1f
	restore_all_regs
	drop_to_keep_flags 0			/* the empty slot, too */
	ret					/* to ip */
	at_distance distance_of_argument
1:	restore_all_regs
	drop_to_keep_flags (FREGS_IP-FREGS_DIRECT)
	ret					/* to direct_tramp */
.endm

SYM_TRAMPOLINE_START(ftrace_regs_caller)
	save_arguments
	save_other_regs
	load_callback_arguments
	lea	FREGS_START, %ebx
	push_word %ebx
	call_callable
	leave_with_all_regs
SYM_FUNC_END(ftrace_regs_caller)

#if !SITES_HAVE_LITERALS
/*
 * The same for sets with a direct function, called by their stub: see ftrace_direct.S. The frame is
 * the same.
 *
 * esi: the stub. edi: its direct function. C keeps both.
 */
SYM_TRAMPOLINE_START(ftrace_regs_direct_caller)
	save_arguments_of_call
	save_other_regs
	mov	FREGS(DIRECT), %esi
	lea	FREGS_START, %ebx
	mov	STUB_DIRECT(%esi), %edi
	mov	STUB_WORD(%esi), %ecx
	mov	%edi, FREGS(DIRECT)
	load_site
	push_word %ebx
	call_callable
	cmp	%edi, FREGS(DIRECT)		/* or has a callback sent the call elsewhere? */
	jne	2f
	mov	%esi, FREGS(DIRECT)
2:	leave_with_all_regs
SYM_FUNC_END(ftrace_regs_direct_caller)
#endif
