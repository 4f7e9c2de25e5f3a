/* SPDX-License-Identifier: MIT */
/* Switching between threads: callee-saved registers and the stack. See thread.c. Untraced. */
#include <asm/asm-offsets.h>
#include <asm/linkage.h>

	.text

/*
 * struct task_struct *arch_switch_to(struct task_struct *prev: eax, struct task_struct *next: edx)
 *
 * Interrupts off. Returns prev in eax, on next's stack. What stays on a stack that is switched
 * away is struct i386_switch_frame: di si bx bp | return address.
 */
SYM_FUNC_START(arch_switch_to)
	push	%ebp
	push	%ebx
	push	%esi
	push	%edi
	mov	%esp, TASK_THREAD_SP(%eax)
	mov	TASK_THREAD_SP(%edx), %esp
	pop	%edi
	pop	%esi
	pop	%ebx
	pop	%ebp
	ret
SYM_FUNC_END(arch_switch_to)

/*
 * Where a new thread starts: arch_thread_init() made this the return address of its first switch.
 */
SYM_FUNC_START(i386_thread_start)
	call	kthread_entry
	ud2
SYM_FUNC_END(i386_thread_start)

	.section .note.GNU-stack, "", @progbits
