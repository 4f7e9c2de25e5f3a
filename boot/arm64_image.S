/* SPDX-License-Identifier: MIT */
/*
 * The first page of the arm64 image, which is two kinds of file in one. For QEMU and for boot
 * loaders such as U-Boot's booti it is Linux's arm64 Image: they load it, and run its first
 * instruction with the MMU off. For UEFI's firmware, and for GRUB, which leaves the starting to the
 * firmware, it is a PE32+ program, whose entry (efi_entry.S) is a function.
 *
 * PE (Microsoft PE/COFF) has offsets from the image's start wherever it has addresses; here they
 * are offsets in the file as well.
 */
#include <asm/linkage.h>

#define PE_ARM64 0xaa64
#define PE32_PLUS 0x20b
#define PE_EXECUTABLE_NO_DEBUG 0x0206
#define PE_EFI_APPLICATION 10
#define PE_NX_COMPATIBLE 0x100
#define PE_SECTION_ALIGN 4096
#define PE_FILE_ALIGN 512
#define PE_TEXT 0x60000020		/* code, executable, readable */
#define PE_DATA 0xc0000040		/* initialised, readable, writable */

	.section .head.header, "ax"
	.globl	image_header
	.type	image_header, %object
image_header:
	/* Executed it does nothing that matters; in the file it is "MZ", which PE begins with. */
	ccmp	x18, #0, #0xd, pl
	b	boot_entry
	.quad	0			/* text offset from a 2 MiB boundary */
	.quad	_kernel_size		/* with .bss */
	.quad	0xa			/* little endian, 4 KiB pages, anywhere in RAM */
	.quad	0, 0, 0
	.ascii	"ARM\x64"
	.long	pe_header - image_header
	.size	image_header, . - image_header

	.type	pe_header, %object
pe_header:
	.ascii	"PE\0\0"
	.short	PE_ARM64
	.short	(sections_end - sections) / 40
	.long	0, 0, 0			/* no date, no symbols */
	.short	sections - optional
	.short	PE_EXECUTABLE_NO_DEBUG

optional:
	.short	PE32_PLUS
	.byte	2, 0			/* the linker's version */
	.long	_pe_text_size, _pe_data_size, 0
	.long	_pe_entry
	.long	_pe_text
	.quad	0			/* made for no address: it needs no relocation */
	.long	PE_SECTION_ALIGN, PE_FILE_ALIGN
	.short	0, 0			/* the system's version */
	/* Linux's first version that asks for its initrd (efi_initrd.c): GRUB offers it then. */
	.short	1, 1
	.short	0, 0			/* the subsystem's version */
	.long	0
	.long	_pe_end			/* in memory: as much as in the file */
	.long	_pe_text		/* so large are the headers */
	.long	0
	.short	PE_EFI_APPLICATION
	.short	PE_NX_COMPATIBLE
	.quad	0, 0, 0, 0		/* stack and heap: the firmware's */
	.long	0
	.long	(directories_end - directories) / 8
directories:
	.quad	0, 0, 0, 0, 0, 0	/* exports, imports, ..., relocations: none */
directories_end:

sections:
	.ascii	".text\0\0\0"
	.long	_pe_text_size, _pe_text, _pe_text_size, _pe_text
	.long	0, 0, 0
	.long	PE_TEXT
	.ascii	".data\0\0\0"
	.long	_pe_data_size, _pe_data, _pe_data_size, _pe_data
	.long	0, 0, 0
	.long	PE_DATA
sections_end:
	.size	pe_header, . - pe_header
