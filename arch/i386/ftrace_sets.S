/* SPDX-License-Identifier: MIT */
/*
 * Trampolines that only stubs can choose: a stub hands over whichever word its
 * trampoline wants, while a literal must suit all trampolines at any moment. Read ftrace_macros.h
 * with them, then reach_stub.h for the way in.
 */
#include "arch/i386/ftrace_macros.h"

/*
 * ftrace_caller for a set of several callbacks. In: ecx: the set.
 *
 *   +0 fregs (argument) | +4 site | +8 edi esi ebx | +20 bp cx dx ax | +36 direct_tramp | +40 ip
 *   | +44 parent_ip
 *
 * ebx: the set. edi: callbacks to go. esi: fregs.
 */
SYM_TRAMPOLINE_START(ftrace_set_caller)
	save_arguments
	save_callee_saved
	lea	FREGS_START, %esi
	mov	%ecx, %ebx
	run_set
	restore_callee_saved
	drop_words 1				/* bp, which C kept */
	restore_arguments
	leave_by_slot
SYM_FUNC_END(ftrace_set_caller)

/*
 * ftrace_caller for one callback with FTRACE_OPS_FL_RECURSION: ftrace_assist() in place. In: ecx:
 * the ops.
 *
 *   +0 fregs (argument) | +4 ebx | +8 bp cx dx ax | +24 direct_tramp | +28 ip | +32 parent_ip
 *
 * ebx: the running thread; it stays that, whoever runs in between. Behind the callback it looks
 * whether a switch is due, as preempt_enable_notrace() does.
 */
SYM_TRAMPOLINE_START(ftrace_assist_caller)
	save_arguments
	push_word %ebx
	.set	distance_of_ebx, distance
	mov	%fs:CPU_CURRENT, %ebx
	testb	$RECURSION_ASSIST_BIT, TASK_TRACE_RECURSION(%ebx)
	jne	2f
	orb	$RECURSION_ASSIST_BIT, TASK_TRACE_RECURSION(%ebx)
	incl	TASK_PREEMPT_COUNT(%ebx)
	load_site
	push_word %esp
	.set	distance_of_argument, distance
	addl	$(distance_of_ebx - FREGS_IP), (%esp)	/* from ebx up to fregs */
	call_callable
	decl	TASK_PREEMPT_COUNT(%ebx)
	andb	$~RECURSION_ASSIST_BIT, TASK_TRACE_RECURSION(%ebx)
	cmpb	$0, TASK_NEED_RESCHED(%ebx)
	jne	4f
3:	drop_words 1				/* the argument */
	expect_distance distance_of_ebx
2:	pop_word %ebx
	drop_words 1				/* bp, which C kept */
	restore_arguments
	leave_by_slot
	at_distance distance_of_argument
4:	call	preempt_schedule
	jmp	3b
SYM_FUNC_END(ftrace_assist_caller)
