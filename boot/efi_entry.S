/* SPDX-License-Identifier: MIT */
/*
 * Where UEFI's firmware enters the arm64 image, with its MMU and caches on, at EL1 or EL2, and with
 * all memory at its physical address. efi_start() (efi.c) does what needs the firmware; then the
 * copy of the image is entered as other boot loaders enter it: boot_entry in arch/arm64/boot.S.
 */
#include <asm/asm-offsets.h>
#include <asm/linkage.h>
#include "arch/arm64/sysreg.h"

	.section .init.text, "ax"

/*
 * efi_status efi_entry(efi_handle self, struct efi_system_table *table)
 *
 * Returns to the firmware if the kernel cannot run. Frame, low to high:
 *
 *   frame record | struct efi_image | struct efi_launch
 */
	.set	image_at, 16
	.set	launch_at, image_at + EFI_IMAGE_SIZE
	.set	frame_size, (launch_at + EFI_LAUNCH_SIZE + 15) & ~15

SYM_FUNC_START efi_entry
	sub	sp, sp, #frame_size
	stp	x29, x30, [sp]
	mov	x29, sp

	adr_l	x9, _text
	adr_l	x10, __image_file_end
	sub	x10, x10, x9
	stp	x9, x10, [sp, #image_at + EFI_IMAGE_START_SIZE]
	adr_l	x10, _end
	sub	x10, x10, x9
	adr_l	x11, efi_handoff
	stp	x10, x11, [sp, #image_at + EFI_IMAGE_MEMORY_HANDOFF]
	add	x2, sp, #image_at
	add	x3, sp, #launch_at
	bl	efi_start
	cbz	x0, 1f
	ldp	x29, x30, [sp]
	add	sp, sp, #frame_size
	ret

	/* The firmware is gone. x19 = the tree, x20 = the image, to the end of this file. */
1:	msr	daifset, #15
	ldp	x20, x19, [sp, #launch_at + EFI_LAUNCH_IMAGE_TREE]

	/*
	 * What is read with the caches off must be in memory: the image, and the code that follows.
	 * No line of the image's other memory may be written back later, over what boot puts there.
	 */
	mov	x0, x20
	ldr	x1, [sp, #image_at + EFI_IMAGE_MEMORY_HANDOFF]
	bl	clean_and_forget
	adr_l	x0, leave_mmu
	mov	x1, #leave_mmu_end - leave_mmu
	bl	clean_and_forget
	ic	iallu
	dsb	nsh
	isb
	b	leave_mmu
SYM_FUNC_END efi_entry

/* Cleans and invalidates the data cache: x0 = start, x1 = size. Changes x0 to x3. */
SYM_CODE_START clean_and_forget
	mrs	x2, ctr_el0
	ubfx	x2, x2, #16, #4		/* log2 of the words in the smallest line */
	mov	x3, #4
	lsl	x2, x3, x2
	add	x1, x1, x0
	sub	x3, x2, #1
	bic	x0, x0, x3
1:	dc	civac, x0
	add	x0, x0, x2
	cmp	x0, x1
	b.lo	1b
	dsb	sy
	ret
SYM_CODE_END clean_and_forget

SYM_CODE_START leave_mmu
	mov	x1, #(SCTLR_M | SCTLR_C)
	orr	x1, x1, #SCTLR_I
	mrs	x0, CurrentEL
	cmp	x0, #CURRENT_EL_EL2
	b.eq	1f
	mrs	x0, sctlr_el1
	bic	x0, x0, x1
	msr	sctlr_el1, x0
	b	2f
1:	mrs	x0, sctlr_el2
	bic	x0, x0, x1
	msr	sctlr_el2, x0
2:	isb
	mov	x0, x19
	mov	x1, xzr
	mov	x2, xzr
	mov	x3, xzr
	br	x20
leave_mmu_end:
SYM_CODE_END leave_mmu
