/* SPDX-License-Identifier: MIT */
/*
 * What a Multiboot loader looks for at the beginning of the i386 image: the headers of both versions
 * (Multiboot Specification 0.6.96 and 2.0). QEMU knows the first one alone; a loader under UEFI
 * passes ACPI's tables by the second one alone. Both loaders enter at i386_start, which
 * arch/i386/boot.S has, and say in eax which of them they are.
 */
#define MULTIBOOT1_MAGIC 0x1badb002
#define MULTIBOOT1_FLAGS 0x00000003	/* modules on page boundaries; tell us about memory */

#define MULTIBOOT2_MAGIC 0xe85250d6
#define MULTIBOOT2_I386 0		/* protected mode */
#define TAG_END 0
#define TAG_INFORMATION 1
#define TAG_MODULE_ALIGN 6
#define TAG_OPTIONAL 1
#define INFO_COMMAND_LINE 1
#define INFO_MODULES 3
#define INFO_MEMORY_MAP 6
#define INFO_OLD_RSDP 14
#define INFO_NEW_RSDP 15

	.section .multiboot, "a"
	.balign 8
	.long	MULTIBOOT1_MAGIC
	.long	MULTIBOOT1_FLAGS
	.long	-(MULTIBOOT1_MAGIC + MULTIBOOT1_FLAGS)

	.balign 8
header:
	.long	MULTIBOOT2_MAGIC
	.long	MULTIBOOT2_I386
	.long	header_end - header
	.long	-(MULTIBOOT2_MAGIC + MULTIBOOT2_I386 + (header_end - header))

	/* A kind of tag, flags, its size, and what belongs to it. */
wanted:
	.short	TAG_INFORMATION, 0
	.long	wanted_end - wanted
	.long	INFO_COMMAND_LINE, INFO_MODULES, INFO_MEMORY_MAP
wanted_end:
	.balign 8
liked:
	.short	TAG_INFORMATION, TAG_OPTIONAL
	.long	liked_end - liked
	.long	INFO_OLD_RSDP, INFO_NEW_RSDP
liked_end:
	.balign 8
	.short	TAG_MODULE_ALIGN, 0
	.long	8
	.short	TAG_END, 0
	.long	8
header_end:

	.section .note.GNU-stack, "", @progbits
