/* SPDX-License-Identifier: MIT */
/*
 * KASAN's shadow of the boot stack. C has red zones there from the start, long before kasan_init()
 * makes the rest of the shadow; it finds these pages mapped, and keeps them. Only with
 * sanitize=address. Untraced and unchecked, because this is what checked code needs.
 */
#include "arch/i386/i386.h"
#include "arch/i386/pgtable.h"
#include "kernel/arch.h"

extern char boot_stack[], boot_stack_top[];	/* boot.S */

static pte_t table[PTES_PER_TABLE] __aligned(PAGE_SIZE);
/* Each page is for 32 KiB, wherever the stack lies. */
static u8 shadow[2][PAGE_SIZE] __aligned(PAGE_SIZE);

void i386_map_boot_shadow(void)
{
	unsigned long va = ((unsigned long)boot_stack >> 3) + KASAN_SHADOW_OFFSET;
	unsigned long last = (((unsigned long)boot_stack_top - 1) >> 3) + KASAN_SHADOW_OFFSET;
	pte_t bits = PTE_PRESENT | PTE_ACCESSED | PTE_DIRTY | PTE_WRITE;
	unsigned int i = 0;

	BUILD_BUG_ON(BOOT_STACK_SIZE > 8 * PAGE_SIZE);
	/* One table is enough: it has the shadow of 16 MiB, as many as an image may have. */
	BUILD_BUG_ON(IMAGE_PAGE_TABLES * LARGE_PAGE_SIZE / 8 > LARGE_PAGE_SIZE);
	if (i386_has_nx())
		bits |= PTE_NX;
	set_pte(pd_entry(va), virt_to_phys(table) | PTE_PRESENT | PTE_WRITE | PTE_ACCESSED);
	for (va &= PAGE_MASK; va <= last; va += PAGE_SIZE)
		set_pte(table_entry(*pd_entry(va), va), virt_to_phys(shadow[i++]) | bits);
}
