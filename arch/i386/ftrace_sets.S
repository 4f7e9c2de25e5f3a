/* SPDX-License-Identifier: MIT */
/*
 * Trampolines that only stubs can choose: a stub hands over whichever word its
 * trampoline wants, while a literal must suit all trampolines at any moment.
 */
#include "arch/i386/ftrace_macros.h"

/*
 * ftrace_caller for a set of several callbacks, or of callbacks and a direct call. The slot holds
 * the set. The direct trampoline goes into the slot before the callbacks run, so each may still
 * replace it.
 *
 *   +0 fregs (argument) | +4 site | +8 edi esi ebx | +20 bp cx dx ax | +36 direct_tramp | +40 ip
 *   | +44 parent_ip
 *
 * ebx: the set. edi: callbacks to go. esi: fregs.
 */
SYM_TRAMPOLINE_START(ftrace_set_caller)
	enter_slot
	push	%eax
	at_distance 8
	push	%edx
	at_distance 12
	push	%ecx
	at_distance 16
	push	%ebp
	at_distance 20
	push	%ebx
	at_distance 24
	push	%esi
	at_distance 28
	push	%edi
	at_distance 32
	lea	12(%esp), %esi
	mov	FREGS_DIRECT(%esi), %ebx
	mov	FREGS_IP(%esi), %eax
	mov	SET_DIRECT(%ebx), %ecx
	sub	$5, %eax
	mov	%ecx, FREGS_DIRECT(%esi)
	push	%eax
	at_distance 36
	mov	SET_NR_CALLS(%ebx), %edi
	push	%esi				/* room for the argument: callees may write to it */
	at_distance 40
2:	mov	SET_CALLS(%ebx,%edi,4), %ecx
	mov	4(%esp), %eax
	mov	FREGS_PARENT(%esi), %edx
	mov	%esi, (%esp)
	call	*CALLABLE_FUNC(%ecx)
SYM_INNER(ftrace_set_caller_return)
	dec	%edi
	jne	2b
	add	$8, %esp			/* the argument and the site */
	at_distance 32
	pop	%edi
	at_distance 28
	pop	%esi
	at_distance 24
	pop	%ebx
	at_distance 20
	add	$4, %esp			/* bp, which C kept */
	at_distance 16
	leave_by_slot
SYM_FUNC_END(ftrace_set_caller)

/*
 * ftrace_caller for one callback with FTRACE_OPS_FL_RECURSION: ftrace_assist() in place. The slot
 * holds the ops.
 *
 *   +0 fregs (argument) | +4 ebx | +8 bp cx dx ax | +24 direct_tramp | +28 ip | +32 parent_ip
 *
 * ebx: the running thread; it stays that, whoever runs in between. Behind the callback it looks
 * whether a switch is due, as preempt_enable_notrace() does.
 */
SYM_TRAMPOLINE_START(ftrace_assist_caller)
	enter_slot
	push	%eax
	at_distance 8
	push	%edx
	at_distance 12
	push	%ecx
	at_distance 16
	push	%ebp
	at_distance 20
	push	%ebx
	at_distance 24
	mov	%fs:CPU_CURRENT, %ebx
	mov	4 + FREGS_DIRECT(%esp), %ecx
	movl	$0, 4 + FREGS_DIRECT(%esp)
	testb	$RECURSION_ASSIST_BIT, TASK_TRACE_RECURSION(%ebx)
	jne	2f
	orb	$RECURSION_ASSIST_BIT, TASK_TRACE_RECURSION(%ebx)
	incl	TASK_PREEMPT_COUNT(%ebx)
	mov	4 + FREGS_IP(%esp), %eax
	mov	4 + FREGS_PARENT(%esp), %edx
	sub	$5, %eax
	push	%esp
	at_distance 28
	addl	$4, (%esp)			/* fregs is above ebx */
	call	*CALLABLE_FUNC(%ecx)
SYM_INNER(ftrace_assist_caller_return)
	decl	TASK_PREEMPT_COUNT(%ebx)
	andb	$~RECURSION_ASSIST_BIT, TASK_TRACE_RECURSION(%ebx)
	cmpb	$0, TASK_NEED_RESCHED(%ebx)
	jne	4f
3:	add	$4, %esp
	at_distance 24
2:	pop	%ebx
	at_distance 20
	add	$4, %esp			/* bp, which C kept */
	at_distance 16
	leave_by_slot
	at_distance 28				/* as at 3 */
4:	call	preempt_schedule
SYM_INNER(ftrace_assist_caller_looked)
	jmp	3b
SYM_FUNC_END(ftrace_assist_caller)
