/* SPDX-License-Identifier: MIT */
/*
 * KASAN's shadow of the boot stack. C has red zones there from the start, long before kasan_init()
 * makes the rest of the shadow; it finds these pages mapped, and keeps them. Only with
 * sanitize=address. Untraced and unchecked, because this is what checked code needs; it runs with
 * the MMU off, like boot_map.c, and keeps to the rules that are told there.
 */
#include <asm/memory.h>
#include "arch/arm64/pgtable.h"
#include "arch/arm64/sections.h"
#include "kernel/compiler.h"

#define WORDS (2 * PAGE_SIZE / sizeof(u64))	/* a page is for 32 KiB, wherever the stack lies */

static u64 shadow[WORDS] __section(".bss..noinit") __aligned(PAGE_SIZE);

void arm64_map_boot_shadow(const struct pgtable *pt)
{
	unsigned long stack = KERNEL_BASE + (unsigned long)(boot_stack - _text);
	unsigned long first = ((stack >> 3) + KASAN_SHADOW_OFFSET) & PAGE_MASK;
	unsigned long last = ((stack + BOOT_STACK_SIZE - 1) >> 3) + KASAN_SHADOW_OFFSET;

	BUILD_BUG_ON(BOOT_STACK_SIZE > 8 * PAGE_SIZE);
	for (unsigned int i = 0; i < WORDS; i++)
		WRITE_ONCE(shadow[i], 0);	/* volatile: no call of memset() */
	pgtable_map(pt, first, (u64)shadow, ALIGN_UP(last + 1 - first, PAGE_SIZE), PAGE_DATA);
}
