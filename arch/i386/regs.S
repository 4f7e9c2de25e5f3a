/* SPDX-License-Identifier: MIT */
/* The registers of whoever asks, for reports that no exception has led to: panic(). Untraced. */
#include <asm/asm-offsets.h>
#include <asm/linkage.h>

	.text

/*
 * void arch_save_regs(struct pt_regs *regs: eax)
 *
 * As the caller has them: ip and sp are where and with what it goes on. ax is @regs; no exception
 * has happened, so vector and error code are 0.
 */
SYM_FUNC_START(arch_save_regs)
	mov	%ebx, PT_BX(%eax)
	mov	%ecx, PT_CX(%eax)
	mov	%edx, PT_DX(%eax)
	mov	%esi, PT_SI(%eax)
	mov	%edi, PT_DI(%eax)
	mov	%ebp, PT_BP(%eax)
	mov	%eax, PT_AX(%eax)
	movl	$0, PT_VECTOR(%eax)
	movl	$0, PT_ERROR_CODE(%eax)
	pushf
	pop	PT_FLAGS(%eax)
	lea	4(%esp), %edx
	mov	%edx, PT_SP(%eax)
	mov	(%esp), %edx
	mov	%edx, PT_IP(%eax)
	mov	%cs, %edx
	mov	%edx, PT_CS(%eax)
	ret
SYM_FUNC_END(arch_save_regs)

	.section .note.GNU-stack, "", @progbits
