/* SPDX-License-Identifier: MIT */
/*
 * The soak test's direct trampolines. They tell C that they were called, and from where. They are
 * entered with 0(%esp) = resume address and 4(%esp) = the traced function's return address, and
 * keep every register.
 */
#include <asm/linkage.h>

	.text

.macro SOAK_DIRECT name, which
SYM_FUNC_START(\name)
	push	%ebp
	mov	%esp, %ebp
	push	%eax
	push	%edx
	push	%ecx
	mov	4(%ebp), %eax
	mov	$\which, %edx
	call	soak_direct_hit
	pop	%ecx
	pop	%edx
	pop	%eax
	pop	%ebp
	ret
SYM_FUNC_END(\name)
.endm

SOAK_DIRECT soak_direct_a, 0
SOAK_DIRECT soak_direct_b, 1
