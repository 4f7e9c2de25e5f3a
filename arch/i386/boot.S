/* SPDX-License-Identifier: MIT */
/*
 * From the boot loader, which boot/multiboot.S tells of us, to C: the checks that there is memory
 * for the image and that this CPU can run the kernel, the first page tables (PAE, W^X from the
 * start, page 0 unmapped), and the jump to the higher half. boot.c goes on from there.
 *
 * The tables that are built here, in the order of building:
 *
 *   boot_pdpt[3] -> i386_kernel_pd     c0000000: 384 large pages RW NX = 768 MiB direct map
 *                     [0..7]  -> i386_image_pts   first 16 MiB by small pages: RW NX, but
 *                                                 text RX, rodata R NX
 *                     [511]   -> i386_fixmap_pt   alias pages, empty
 *   boot_pdpt[1], [2] -> the two pages before i386_kernel_pd: TABLES_START .. PAGE_OFFSET, empty.
 *                     They have to be there from the start, since a CPU keeps copies of
 *                     boot_pdpt's entries
 *   boot_pdpt[0] -> identity_pd[0] -> identity_pt: only the pages of this file's .boot.text,
 *                                     RX, until the jump is done
 */
#include <asm/cpu.h>
#include <asm/site_mode.h>
#include <asm/linkage.h>
#include <asm/memory.h>

/*
 * What a loader of Multiboot 1 says, and at which offset: flags, and KiB of memory from 1 MiB on.
 * Loaders of Multiboot 2 look by themselves.
 */
#define MULTIBOOT_LOADED 0x2badb002
#define MULTIBOOT_INFO_MEMORY 0x1
#define MULTIBOOT_MEM_UPPER 8
#define MEM_UPPER_PA 0x100000

#define MSR_EFER 0xc0000080
#define EFER_NXE 0x800
#define EXT_FEATURE_NX 20
#define CR4_PAE 0x20
#define CR0_PG_WP_PE 0x80010001
#define EFLAGS_ID 0x200000
#define INSN_CALL 0xe8

#define PA(symbol) ((symbol) - PAGE_OFFSET)

	.set	pte_read, PTE_PRESENT | PTE_ACCESSED | PTE_DIRTY
	.set	pte_write, pte_read | PTE_WRITE
	.set	image_map_start, PAGE_OFFSET
	.set	image_map_end, PAGE_OFFSET + IMAGE_PAGE_TABLES * LARGE_PAGE_SIZE

	.section .boot.text, "ax"

/*
 * Set the small pages of [start, end) in i386_image_pts. Both on page boundaries.
 * In: ebp = upper word of a no-execute entry (0 on a CPU without NX).
 * Uses eax, ecx, edi.
 */
.macro map_image start, end, flags, high
	movl	$PA(\start), %eax
	movl	$PA(\end), %ecx
	subl	%eax, %ecx
	shrl	$12, %ecx
	movl	%eax, %edi
	shrl	$9, %edi			/* page number * 8 */
	andl	$~7, %edi
	addl	$PA(i386_image_pts), %edi
	orl	$\flags, %eax
	jecxz	2f
1:	movl	%eax, (%edi)
	movl	\high, 4(%edi)
	addl	$8, %edi
	addl	$0x1000, %eax
	decl	%ecx
	jnz	1b
2:
.endm

/*
 * Entered by the loader in protected mode, flat segments, no paging, interrupts off.
 * In: eax = loader's magic, ebx = physical address of the Multiboot information.
 */
SYM_FUNC_START(i386_start)
	cli
	cld
	/*
	 * Before anything is written, for memory that is not there loses it, tables and return
	 * addresses included. A loader that does not tell is believed to have looked.
	 */
	cmpl	$MULTIBOOT_LOADED, %eax
	jne	1f
	testb	$MULTIBOOT_INFO_MEMORY, (%ebx)
	jz	1f
	movl	$(PA(_end) - MEM_UPPER_PA), %ecx
	shrl	$10, %ecx
	movl	$PA(no_memory), %esi
	cmpl	%ecx, MULTIBOOT_MEM_UPPER(%ebx)
	jb	refuse
1:	movl	$PA(boot_stack_top), %esp
	pushl	%eax
	pushl	%ebx
	call	check_cpu			/* ebp = upper word of a no-execute entry */
#if SITES_ARE_COUNTED
	call	quiet_sites			/* before anything runs that has one */
#endif

	/* Direct map: large pages, writable, not executable. */
	movl	$PA(i386_kernel_pd), %edi
	movl	$(pte_write | PTE_LARGE), %eax
	movl	$(DIRECT_MAP_SIZE >> LARGE_PAGE_SHIFT), %ecx
1:	movl	%eax, (%edi)
	movl	%ebp, 4(%edi)
	addl	$8, %edi
	addl	$LARGE_PAGE_SIZE, %eax
	decl	%ecx
	jnz	1b

	/* The image by small pages, as it will stay but for init and ro_after_init. */
	xorl	%edx, %edx
	map_image image_map_start, image_map_end, pte_write, %ebp
	map_image _text, _etext, pte_read, %edx
	map_image _sinittext, _einittext, pte_read, %edx
	map_image __start_rodata, __end_rodata, pte_read, %ebp

	/* Hang the tables into the page directory, the directory into boot_pdpt. */
	movl	$PA(i386_kernel_pd), %edi
	movl	$(PA(i386_image_pts) + PTE_PRESENT + PTE_WRITE + PTE_ACCESSED), %eax
	movl	$IMAGE_PAGE_TABLES, %ecx
1:	movl	%eax, (%edi)
	movl	%edx, 4(%edi)
	addl	$8, %edi
	addl	$0x1000, %eax
	decl	%ecx
	jnz	1b
	movl	$(PA(i386_fixmap_pt) + PTE_PRESENT + PTE_WRITE + PTE_ACCESSED), \
		PA(i386_kernel_pd) + 8 * 511
	movl	$(PA(i386_page_directories) + PTE_PRESENT), PA(boot_pdpt) + 8 * (TABLES_START >> 30)
	movl	$(PA(i386_page_directories) + 4096 + PTE_PRESENT), \
		PA(boot_pdpt) + 8 * (TABLES_START >> 30) + 8
	movl	$(PA(i386_kernel_pd) + PTE_PRESENT), PA(boot_pdpt) + 8 * (PAGE_OFFSET >> 30)

	/* This code at its physical address, for the few instructions around the switch. */
	movl	$(PA(identity_pd) + PTE_PRESENT), PA(boot_pdpt)
	movl	$(PA(identity_pt) + PTE_PRESENT + PTE_WRITE), PA(identity_pd)
	movl	$(PA(_text) + pte_read), PA(identity_pt) + 8 * (KERNEL_LOAD_PA >> 12)

	popl	%ebx
	popl	%esi
	movl	$PA(boot_pdpt), %eax
	movl	%eax, %cr3
	movl	%cr4, %eax
	orl	$CR4_PAE, %eax
	movl	%eax, %cr4
	testl	%ebp, %ebp
	jz	1f
	movl	$MSR_EFER, %ecx
	rdmsr
	orl	$EFER_NXE, %eax
	wrmsr
1:	movl	%cr0, %eax
	orl	$CR0_PG_WP_PE, %eax
	movl	%eax, %cr0
	movl	$higher_half, %eax
	jmp	*%eax

higher_half:
	movl	$boot_stack_top, %esp
	movl	$0, boot_pdpt			/* the identity page goes */
	movl	%cr3, %eax
	movl	%eax, %cr3
	xorl	%ebp, %ebp			/* backtraces end here */
	movl	%esi, %eax
	movl	%ebx, %edx
	call	i386_boot
1:	hlt
	jmp	1b
SYM_FUNC_END(i386_start)

/*
 * Stops with a message when the CPU lacks what the kernel is compiled for or built on.
 * Out: ebp = upper word of a no-execute page table entry, 0 if the CPU has no NX. All else lost.
 */
SYM_FUNC_START(check_cpu)
	pushfl
	popl	%eax
	movl	%eax, %ecx
	xorl	$EFLAGS_ID, %eax
	pushl	%eax
	popfl
	pushfl
	popl	%eax
	pushl	%ecx
	popfl
	xorl	%ecx, %eax
	movl	$PA(no_cpuid), %esi
	testl	$EFLAGS_ID, %eax
	jz	refuse
	movl	$1, %eax
	cpuid
	movl	$PA(cpu_features), %edi
1:	movl	(%edi), %eax			/* bit number, message */
	movl	4(%edi), %esi
	testl	%esi, %esi
	jz	2f
	btl	%eax, %edx
	jnc	refuse
	addl	$8, %edi
	jmp	1b
2:	xorl	%ebp, %ebp
	movl	$0x80000000, %eax
	cpuid
	cmpl	$0x80000001, %eax
	jb	3f
	movl	$0x80000001, %eax
	cpuid
	btl	$EXT_FEATURE_NX, %edx
	jnc	3f
	movl	$PTE_NX_HIGH, %ebp
3:	ret
SYM_FUNC_END(check_cpu)

#if SITES_ARE_COUNTED
/*
 * Makes two NOPs of each site's `mov $counter, %edx; call`, while the text is writable still.
 * Uses eax, esi.
 */
SYM_FUNC_START(quiet_sites)
	movl	$PA(__start_mcount_loc), %esi
1:	cmpl	$PA(__stop_mcount_loc), %esi
	jae	2f
	lodsl
	cmpb	$INSN_CALL, PA(0)(%eax)
	jne	1b				/* made by hand: NOPs already */
	movl	$0x00441f0f, PA(-5)(%eax)	/* 0f 1f 44 00 00, twice */
	movl	$0x441f0f00, PA(-1)(%eax)
	movw	$0, PA(3)(%eax)
	jmp	1b
2:	ret
SYM_FUNC_END(quiet_sites)
#endif

/*
 * In: esi = physical address of a message. Shows it on every channel that there may be (COM1,
 * port 0xe9, the VGA text screen) and stops, with a failing status where QEMU takes one.
 */
SYM_FUNC_START(refuse)
	movl	$0xb8000, %edi
1:	movzbl	(%esi), %eax
	testb	%al, %al
	jz	2f
	movw	$0x3f8, %dx
	outb	%al, %dx
	outb	%al, $0xe9
	movb	$0x0f, %ah			/* white on black */
	movw	%ax, (%edi)
	addl	$2, %edi
	incl	%esi
	jmp	1b
2:	movb	$0x21, %al			/* poweroff status 1: see power.c */
	outb	%al, $0xf4
3:	hlt
	jmp	3b
SYM_FUNC_END(refuse)

/* It stands in the image's first page: all pages behind may be in memory that is not there. */
no_memory:
	.asciz	"Patchbay cannot run: too little memory: the image does not fit in.\r\n"

	.section .rodata, "a"
	.balign 4
cpu_features:				/* CPUID leaf 1, edx */
	.long	4, PA(no_tsc)
	.long	5, PA(no_msr)
	.long	6, PA(no_pae)
	.long	8, PA(no_cx8)
	.long	15, PA(no_cmov)
	.long	0, 0
no_cpuid:
	.asciz	"Patchbay cannot run: this CPU has no CPUID instruction.\r\n"
no_tsc:
	.asciz	"Patchbay cannot run: this CPU has no time stamp counter (TSC).\r\n"
no_msr:
	.asciz	"Patchbay cannot run: this CPU has no model specific registers (MSR).\r\n"
no_pae:
	.asciz	"Patchbay cannot run: this CPU has no physical address extension (PAE).\r\n"
no_cx8:
	.asciz	"Patchbay cannot run: this CPU has no cmpxchg8b instruction (CX8).\r\n"
no_cmov:
	.asciz	"Patchbay cannot run: this CPU has no conditional moves (CMOV).\r\n"

	.section .init.data, "aw"
	.balign 4096
	.globl	identity_pd
identity_pd:
	.fill	4096
identity_pt:
	.fill	4096

	.section .bss.boot, "aw", @nobits
	.balign 4096
	.globl	i386_page_directories, i386_kernel_pd, i386_image_pts, i386_fixmap_pt
	/* One after the other, so that an address from TABLES_START on is an index. */
i386_page_directories:
	.skip	(PAGE_OFFSET - TABLES_START) >> LARGE_PAGE_SHIFT << 3
i386_kernel_pd:
	.skip	4096
i386_image_pts:
	.skip	4096 * IMAGE_PAGE_TABLES
i386_fixmap_pt:
	.skip	4096
	.globl	boot_pdpt
boot_pdpt:
	.skip	32
	.balign	4096
	/* The first thread's stack. mmu.c unmaps the page below it, as a guard. */
	.globl	boot_stack_guard, boot_stack, boot_stack_top
boot_stack_guard:
	.skip	4096
boot_stack:
	.skip	BOOT_STACK_SIZE
boot_stack_top:

	.section .note.GNU-stack, "", @progbits
