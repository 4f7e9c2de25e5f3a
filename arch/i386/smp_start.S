/* SPDX-License-Identifier: MIT */
/*
 * The first instructions of a secondary CPU, from real mode below 1 MiB to C.
 * i386_ap_trampoline is only data here: smp.c copies it to AP_TRAMPOLINE_PA. It enters
 * protected mode and jumps to i386_ap_start at its physical address, paging off; that turns paging
 * on from the same page, and through the same identity mapping, as boot.S did.
 */
#include <asm/asm-offsets.h>
#include <asm/cpu.h>
#include <asm/linkage.h>
#include <asm/memory.h>

#define MSR_EFER 0xc0000080
#define CR4_PAE 0x20
#define CR0_PE 1
#define CR0_PG_WP 0x80010000
#define CR0_NO_CACHE 0x60000000		/* CD and NW, which INIT sets */

#define PA(symbol) ((symbol) - PAGE_OFFSET)

	.section .rodata, "a"
	.balign 16
	.globl	i386_ap_trampoline, i386_ap_trampoline_end
	.code16
i386_ap_trampoline:
	cli
	cld
	mov	%cs, %ax
	mov	%ax, %ds
	lgdtl	trampoline_gdt_pointer - i386_ap_trampoline
	mov	%cr0, %eax
	and	$~CR0_NO_CACHE, %eax
	or	$CR0_PE, %eax
	mov	%eax, %cr0
	ljmpl	$SEL_CODE, $PA(i386_ap_start)
	.code32
	.balign 8
trampoline_gdt:
	.quad	0
	.quad	0x00cf9b000000ffff	/* SEL_CODE */
	.quad	0x00cf93000000ffff	/* SEL_DATA */
trampoline_gdt_pointer:
	.word	. - trampoline_gdt - 1
	.long	AP_TRAMPOLINE_PA + (trampoline_gdt - i386_ap_trampoline)
i386_ap_trampoline_end:

	.section .boot.text, "ax"

/* Protected mode, flat segments, no paging. Whoever finds the mailbox empty came too late. */
SYM_FUNC_START(i386_ap_start)
	movl	$SEL_DATA, %eax
	movl	%eax, %ds
	movl	%eax, %es
	movl	%eax, %ss
	xorl	%ebx, %ebx
	xchgl	%ebx, PA(i386_ap_mailbox)
	testl	%ebx, %ebx
	jz	2f
	movl	%cr4, %eax
	orl	$CR4_PAE, %eax
	movl	%eax, %cr4
	movl	$PA(boot_pdpt), %eax
	movl	%eax, %cr3
	movl	(START_EFER - PAGE_OFFSET)(%ebx), %eax
	testl	%eax, %eax
	jz	1f
	xorl	%edx, %edx
	movl	$MSR_EFER, %ecx
	wrmsr
1:	movl	%cr0, %eax
	orl	$CR0_PG_WP, %eax
	movl	%eax, %cr0
	movl	$ap_higher_half, %eax
	jmp	*%eax
2:	cli
	hlt
	jmp	2b

ap_higher_half:
	movl	START_STACK_TOP(%ebx), %esp
	movl	$0, boot_pdpt			/* the identity page goes */
	movl	%cr3, %eax
	movl	%eax, %cr3
	xorl	%ebp, %ebp			/* backtraces end here */
	movl	%ebx, %eax
	call	i386_ap_main
3:	hlt
	jmp	3b
SYM_FUNC_END(i386_ap_start)

	.section .data
	.balign 4
	.globl	i386_ap_mailbox
i386_ap_mailbox:
	.long	0

	.section .note.GNU-stack, "", @progbits
