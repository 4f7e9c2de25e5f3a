/* SPDX-License-Identifier: MIT */
/* Where the program begins, and the loops that native.c times. */
#include <asm/linkage.h>

	.text
SYM_FUNC_START(native_start)
	mov	%esp, %eax
	xor	%ebp, %ebp
	call	native_main
SYM_FUNC_END(native_start)

SYM_FUNC_START(native_restorer)
	mov	$173, %eax			/* rt_sigreturn */
	int	$0x80
SYM_FUNC_END(native_restorer)

/* void native_adds(unsigned int n): 100 n additions that wait for each other: a cycle each. */
	.p2align 6
SYM_FUNC_START(native_adds)
1:	.rept	100
	add	%eax, %edx
	.endr
	dec	%eax
	jne	1b
	ret
SYM_FUNC_END(native_adds)

/* void native_alone(unsigned int n): calls the traced function. */
	.p2align 6
SYM_FUNC_START(native_alone)
	push	%ebx
	mov	%eax, %ebx
1:	call	bench_tracee
	dec	%ebx
	jne	1b
	pop	%ebx
	ret
SYM_FUNC_END(native_alone)

/*
 * void native_deep(unsigned int n): the same from eight functions deep. A return that matches no
 * call makes a processor predict those eight wrongly, too.
 */
.macro frame name, callee
	.p2align 4
\name:	push	%ebp
	mov	%esp, %ebp
	call	\callee
	pop	%ebp
	ret
.endm

	.p2align 6
SYM_FUNC_START(native_deep)
	push	%ebx
	mov	%eax, %ebx
1:	call	frame_1
	dec	%ebx
	jne	1b
	pop	%ebx
	ret
	frame	frame_1, frame_2
	frame	frame_2, frame_3
	frame	frame_3, frame_4
	frame	frame_4, frame_5
	frame	frame_5, frame_6
	frame	frame_6, frame_7
	frame	frame_7, frame_8
	frame	frame_8, bench_tracee
SYM_FUNC_END(native_deep)
