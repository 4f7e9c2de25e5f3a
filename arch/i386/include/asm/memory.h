/* SPDX-License-Identifier: MIT */
/*
 * The i386 address space. Constants are usable from assembly and the linker
 * script. Physical memory beyond DIRECT_MAP_SIZE is not used.
 *
 *   00000000  page 0 and everything below TABLES_START: never mapped
 *   40000000  VMAP_START .. VMAP_END: page by page, with unmapped guard pages. There is no user
 *             space that would want these addresses, and trace buffers as large as RAM do. With
 *             KASAN its first 512 MiB are the shadow: an eighth of all addresses
 *   c0000000  PAGE_OFFSET: direct map of physical 0 .. DIRECT_MAP_SIZE (768 MiB at most);
 *             the kernel image lies in it, at 1 MiB: text RX, rodata RO, all else RW
 *   f8000000  EXECMEM_START .. EXECMEM_END: trampolines and modules, RX
 *   fc000000  MODDATA_START .. MODDATA_END: data of modules
 *   ffe00000  FIXMAP_START: one alias page per CPU, through which text is written; then a page for
 *             the local APIC's registers, and one for ACPI's tables while they are read
 *   fffff000  never mapped, so that small negative pointers (errors) fault
 */
#pragma once

#define PAGE_OFFSET 0xc0000000
#define DIRECT_MAP_SIZE 0x30000000
#define TABLES_START 0x40000000		/* from here on there are page directories */
#define KASAN_SHADOW_OFFSET 0x40000000
#if KASAN
#define VMAP_START 0x60000000
#else
#define VMAP_START TABLES_START
#endif
#define VMAP_END 0xc0000000
#define EXECMEM_START 0xf8000000
#define EXECMEM_END 0xfc000000
#define MODDATA_START 0xfc000000
#define MODDATA_END 0xff000000
#define ARCH_INSN_ALIGN 1
#define EXECMEM_FILL 0xcccccccc		/* int3: what unused execmem holds */
#define FIXMAP_START 0xffe00000
/* Behind the alias pages, which are as many as there may be CPUs. */
#define FIXMAP_LAPIC 64			/* the local APIC's registers */
#define FIXMAP_ACPI 65			/* tables that are being read, at boot */
/* Where a secondary CPU starts in real mode: below 1 MiB, on a page boundary. */
#define AP_TRAMPOLINE_PA 0x8000

/* Where the boot loader puts the image. */
#define KERNEL_LOAD_PA 0x00100000
/* The image is mapped by 4 KiB pages: this many page tables of 2 MiB each, from physical 0. */
#define IMAGE_PAGE_TABLES 8

#define BOOT_STACK_SIZE 16384

/* Page table entries (PAE): 8 bytes, 512 to a table. */
#define PTE_PRESENT 0x001
#define PTE_WRITE 0x002
#define PTE_NO_CACHE 0x018		/* PWT and PCD */
#define PTE_ACCESSED 0x020
#define PTE_DIRTY 0x040
#define PTE_LARGE 0x080
#define PTE_NX_HIGH 0x80000000		/* bit 63, seen in the upper word */
#define LARGE_PAGE_SHIFT 21
#define LARGE_PAGE_SIZE 0x200000

#if !defined(__ASSEMBLER__) && !defined(LINKER_SCRIPT)
#include "kernel/types.h"

/* For addresses in the direct map only, kernel image included. */
static inline void *phys_to_virt(phys_addr_t pa)
{
	return (void *)((unsigned long)pa + PAGE_OFFSET);
}

static inline phys_addr_t virt_to_phys(const void *va)
{
	return (unsigned long)va - PAGE_OFFSET;
}
#endif
