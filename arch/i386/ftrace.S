/* SPDX-License-Identifier: MIT */
/*
 * The trampolines of i386: what a traced site's stub jumps to. ftrace_caller can
 * run any set without SAVE_REGS, ftrace_regs_caller any set at all; two more do for common
 * sets what those would call C for. All honour the direct slot. Read <asm/ftrace.h> first: it draws
 * struct ftrace_regs.
 *
 * Way in: the site does `call stub`, the stub `push $callable; jmp ftrace_caller`. So
 *
 *	esp -> callable | resume ip (site + 5) | parent ip | stack arguments ...
 *
 * which is struct ftrace_regs from direct_tramp upwards, with the callable where
 * direct_tramp will be. The callable travels in a slot that exists anyway, so no register is touched.
 */
#include <asm/linkage.h>
#include <asm/asm-offsets.h>

	.text

/*
 * For an interrupt inside a trampoline the unwinder must know where `resume ip`
 * is. at_distance N says: from here on it is N bytes above esp.
 */
.macro at_distance bytes
	.pushsection .rodata.ftrace_distances, "a"
	.long	.Lhere\@, \bytes
	.popsection
.Lhere\@:
.endm
	.pushsection .rodata.ftrace_distances, "a"
	.balign 4
SYM_INNER(ftrace_distances)
	.popsection

/* Out of the arguments that the callbacks saw or left, to ip, or to direct_tramp if there is one. */
.macro leave_by_slot
	pop	%ecx
	at_distance 12
	pop	%edx
	at_distance 8
	pop	%eax
	at_distance 4
#ifdef PLANT_LOST_REG
	xor	%ecx, %ecx
#endif
#ifndef PLANT_LOST_DIRECT
	cmpl	$0, (%esp)
	jne	1f
#endif
	add	$4, %esp			/* drop the empty slot */
	at_distance 0
#ifdef PLANT_STACK_OFF
	ret	$4
#endif
	ret					/* to ip */
	at_distance 4
1:	ret					/* to the direct trampoline, which sees what a call from the site gives */
.endm

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
SYM_FUNC_START(ftrace_caller)
	at_distance 4
	push	%eax
	at_distance 8
	push	%edx
	at_distance 12
	push	%ecx
	at_distance 16
	push	%ebp
	at_distance 20
	mov	FREGS_DIRECT(%esp), %ecx	/* the callable */
	mov	FREGS_IP(%esp), %eax
	mov	FREGS_PARENT(%esp), %edx
	sub	$5, %eax			/* resume address -> site */
	movl	$0, FREGS_DIRECT(%esp)
#ifdef PLANT_NULL_FREGS
	push	$0
#else
	push	%esp				/* its value before the push: fregs */
#endif
	at_distance 24
	call	*CALLABLE_FUNC(%ecx)
SYM_INNER(ftrace_caller_return)
	add	$8, %esp			/* the argument, and bp, which C kept */
	at_distance 16
	leave_by_slot
SYM_FUNC_END(ftrace_caller)

/*
 * The same, with the other registers saved below struct ftrace_regs, and all of them
 * restored from there, flags included.
 *
 *   +0 fregs (argument) | +4 di si bx flags | +20 bp cx dx ax | +36 direct_tramp | +40 ip | +44 parent_ip
 */
SYM_FUNC_START(ftrace_regs_caller)
	at_distance 4
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
	mov	SAVED_REGS_SIZE + FREGS_DIRECT(%esp), %ecx
	mov	SAVED_REGS_SIZE + FREGS_IP(%esp), %eax
	mov	SAVED_REGS_SIZE + FREGS_PARENT(%esp), %edx
	sub	$5, %eax
	movl	$0, SAVED_REGS_SIZE + FREGS_DIRECT(%esp)
#ifdef PLANT_NULL_FREGS
	push	$0
#else
	lea	SAVED_REGS_SIZE(%esp), %ebx
	push	%ebx
#endif
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
#ifndef PLANT_LOST_DIRECT
	cmpl	$0, FREGS_DIRECT + 4(%esp)
	jne	1f
#endif
	popf
	at_distance 20
	pop	%ebp
	at_distance 16
	pop	%ecx
	at_distance 12
	pop	%edx
	at_distance 8
	pop	%eax
	at_distance 4
#ifdef PLANT_LOST_REG
	mov	$0, %ecx
#endif
	lea	4(%esp), %esp			/* add would change the flags */
	at_distance 0
#ifdef PLANT_STACK_OFF
	ret	$4
#endif
	ret
	at_distance 24
1:	popf
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

/*
 * ftrace_caller for a set of several callbacks, or of callbacks and a direct call. The slot holds
 * the set. The direct trampoline goes into the slot before the callbacks run, so each may still replace it.
 *
 *   +0 fregs (argument) | +4 site | +8 edi esi ebx | +20 bp cx dx ax | +36 direct_tramp | +40 ip | +44 parent_ip
 *
 * ebx: the set. edi: callbacks to go. esi: fregs.
 */
SYM_FUNC_START(ftrace_set_caller)
	at_distance 4
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
 * ftrace_caller for one callback with FTRACE_OPS_FL_RECURSION: ftrace_assist() in place. The slot holds the ops.
 *
 *   +0 fregs (argument) | +4 ebx | +8 bp cx dx ax | +24 direct_tramp | +28 ip | +32 parent_ip
 *
 * ebx: the running thread; a callback may not sleep, so it stays that.
 */
SYM_FUNC_START(ftrace_assist_caller)
	at_distance 4
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
	add	$4, %esp
	at_distance 24
	decl	TASK_PREEMPT_COUNT(%ebx)
	andb	$~RECURSION_ASSIST_BIT, TASK_TRACE_RECURSION(%ebx)
2:	pop	%ebx
	at_distance 20
	add	$4, %esp			/* bp, which C kept */
	at_distance 16
	leave_by_slot
SYM_FUNC_END(ftrace_assist_caller)

/*
 * ftrace_override_function_with_return() resumes here: returns to the parent in
 * the traced function's place.
 */
SYM_FUNC_START(ftrace_return_stub)
	ret
SYM_FUNC_END(ftrace_return_stub)

/* What sites call before boot made them NOPs, with compilers that cannot emit NOPs. */
SYM_FUNC_START(__fentry__)
	ret
SYM_FUNC_END(__fentry__)
SYM_INNER(ftrace_trampolines_end)

	.pushsection .rodata.ftrace_distances, "a"
SYM_INNER(ftrace_distances_end)
	.popsection
