/* SPDX-License-Identifier: MIT */
/*
 * The trampolines of i386 for sets with callbacks and a direct function; ftrace_regs.S has the one
 * for SAVE_REGS. The stub calls them (reach_stub.h), so that the way to the direct function is a
 * return that matches a call, and a jump: a return that matches none costs a processor which
 * predicts returns that one, and those of all frames below. Read ftrace_macros.h with them.
 */
#include "arch/i386/ftrace_macros.h"

/*
 * One callback, and the direct function.
 *
 *   +0 fregs (argument) | +4 the stub | +8 bp cx dx ax | +24 direct_tramp | +28 ip | +32 parent_ip
 */
SYM_TRAMPOLINE_START(ftrace_direct_caller)
	save_arguments_of_call
	mov	FREGS(DIRECT), %ecx
	push_word %ecx
	.set	distance_of_stub, distance
	mov	STUB_DIRECT(%ecx), %eax
	mov	%eax, FREGS(DIRECT)
	mov	STUB_WORD(%ecx), %ecx
	load_site
	push_word %esp
	addl	$(distance_of_stub - FREGS_IP), (%esp)	/* from the stub's word up to fregs */
	call_callable
	drop_words 1				/* the argument */
	pop_word %ecx
	mov	STUB_DIRECT(%ecx), %eax
	cmp	%eax, FREGS(DIRECT)		/* or has the callback sent the call elsewhere? */
	jne	1f
	mov	%ecx, FREGS(DIRECT)
	.set	distance_of_bp, distance
	drop_words 1				/* bp, which C kept */
	restore_arguments
	ret					/* to the stub */
	at_distance distance_of_bp
1:	drop_words 1
	restore_arguments
	leave_by_slot
SYM_FUNC_END(ftrace_direct_caller)

/*
 * Several callbacks, and the direct function. The frame is that of ftrace_set_caller. The direct
 * function goes into the slot before the callbacks run, so each of them may still replace it.
 */
SYM_TRAMPOLINE_START(ftrace_set_direct_caller)
	save_arguments_of_call
	save_callee_saved
	lea	FREGS_START, %esi
	mov	FREGS_DIRECT(%esi), %ebx
	mov	STUB_WORD(%ebx), %ebx
	mov	SET_DIRECT(%ebx), %ecx
	mov	%ecx, FREGS_DIRECT(%esi)
	run_set
	mov	SET_DIRECT(%ebx), %ecx
	cmp	%ecx, FREGS_DIRECT(%esi)	/* or has a callback sent the call elsewhere? */
	jne	1f
	mov	SET_STUB(%ebx), %ecx
	add	$STUB_RETURN, %ecx
	mov	%ecx, FREGS_DIRECT(%esi)
	.set	distance_of_saved, distance
	restore_callee_saved
	drop_words 1				/* bp, which C kept */
	restore_arguments
	ret					/* to the stub */
	at_distance distance_of_saved
1:	restore_callee_saved
	drop_words 1
	restore_arguments
	leave_by_slot
SYM_FUNC_END(ftrace_set_direct_caller)
