/* SPDX-License-Identifier: MIT */
/*
 * The arm64 kernel's address space: 39 bits, 4 KiB pages, three levels of
 * tables. The image is linked at KERNEL_BASE and runs from wherever in RAM the
 * loader put it. Constants are usable from assembly and the linker script.
 *
 *   0                        nothing: TTBR0 is off once the kernel runs up here
 *   ffffff80'00000000  256 G direct map: all of RAM but the kernel's image, read-write
 *   ffffffc0'00000000   64 G vmap: vmalloc, thread stacks
 *   ffffffd0'00000000    1 G devices, in 2 MiB blocks
 *   ffffffd0'40000000    2 M one alias page a CPU, through which text is written
 *   ffffffd0'40200000    4 M the device tree, read-only, until it is parsed
 *   ffffffe0'00000000   64 M the image: text, init, rodata, data, bss
 *   ffffffe0'04000000   64 M execmem: all within a BL's 128 MiB of all text
 *   ffffffe0'08000000   64 M data of modules: within an ADRP's 4 GiB of their text
 *   ffffffe8'00000000   64 G KASAN's shadow, an eighth of all addresses: with sanitize=address
 */
#pragma once

#if defined(__ASSEMBLER__) || defined(LINKER_SCRIPT)
#define _VA(x) x
#else
#define _VA(x) x##UL
#endif

#define VA_BITS 39

#define DIRECT_MAP_START _VA(0xffffff8000000000)
#define DIRECT_MAP_SIZE _VA(0x4000000000)
#define VMAP_START _VA(0xffffffc000000000)
#define VMAP_END _VA(0xffffffd000000000)
#define DEVICE_START _VA(0xffffffd000000000)
#define DEVICE_END _VA(0xffffffd040000000)
#define ALIAS_START _VA(0xffffffd040000000)
#define DTB_WINDOW _VA(0xffffffd040200000)
#define DTB_WINDOW_SIZE _VA(0x400000)
#define KERNEL_BASE _VA(0xffffffe000000000)
#define KERNEL_SIZE_MAX _VA(0x4000000)
#define EXECMEM_START _VA(0xffffffe004000000)
#define EXECMEM_END _VA(0xffffffe008000000)
#define MODDATA_START _VA(0xffffffe008000000)
#define MODDATA_END _VA(0xffffffe00c000000)

/* An address's shadow lies at an eighth of the address, seen as unsigned, and this. */
#define KASAN_SHADOW_OFFSET _VA(0xdffffff800000000)

#define ARCH_INSN_ALIGN 4
#define EXECMEM_FILL 0xd4200000		/* BRK #0, in unused executable memory */

#define BOOT_STACK_SIZE 16384
#define OVERFLOW_STACK_SIZE 8192

#ifndef __ASSEMBLER__
#ifndef LINKER_SCRIPT
#include "kernel/types.h"

/* Where the image's first byte lies in RAM. Constant from boot.S on. */
extern phys_addr_t kernel_phys;

static inline void *phys_to_virt(phys_addr_t pa)
{
	return (void *)(pa + DIRECT_MAP_START);
}

/* Of an address in the direct map or the image. */
static inline phys_addr_t virt_to_phys(const void *va)
{
	unsigned long addr = (unsigned long)va;

	return addr >= KERNEL_BASE ? addr - KERNEL_BASE + kernel_phys : addr - DIRECT_MAP_START;
}
#endif
#endif
