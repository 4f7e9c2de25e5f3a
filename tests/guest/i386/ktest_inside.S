/* SPDX-License-Identifier: MIT */
/*
 * Direct trampolines for tests/guest/ktest/inside.c that make no frame and call kt_inside().
 * Nothing in them is relative to where they are, so that a copy works as well.
 */
#include <asm/linkage.h>

	.text

.macro save
	push	%eax
	push	%ecx
	push	%edx
.endm

.macro restore
	pop	%edx
	pop	%ecx
	pop	%eax
.endm

SYM_FUNC_START(kt_inside_frameless)
	save
	mov	$kt_inside, %eax
	call	*%eax
	restore
	ret
SYM_FUNC_END(kt_inside_frameless)

/*
 * The same, but the resume address is kept elsewhere: nothing on the stack tells whose call it is.
 */
SYM_FUNC_START(kt_inside_taken)
	pop	kt_inside_resume
	save
	mov	$kt_inside, %eax
	call	*%eax
	restore
	jmp	*kt_inside_resume
SYM_FUNC_END(kt_inside_taken)

/* This one runs on the stack that ends at kt_inside_stack. */
SYM_FUNC_START(kt_inside_elsewhere)
	save
	mov	%esp, %eax
	mov	kt_inside_stack, %esp
	push	%eax
	mov	$kt_inside, %eax
	call	*%eax
	pop	%esp
	restore
	ret
SYM_FUNC_END(kt_inside_elsewhere)
	.globl	kt_inside_end
kt_inside_end:

	.section .note.GNU-stack, "", @progbits
