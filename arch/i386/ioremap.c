/* SPDX-License-Identifier: MIT */
/*
 * Mapping what the direct map does not show, at one page of addresses for each use: the registers
 * of devices, and the firmware's tables while they are read. Boot. Untraced.
 */
#include "arch/i386/i386.h"
#include "arch/i386/pgtable.h"
#include "kernel/arch.h"

void *i386_fixmap(unsigned int slot, u64 pa, bool registers)
{
	unsigned long va = FIXMAP_START + slot * PAGE_SIZE;

	set_pte(&i386_fixmap_pt[slot], (pa & PTE_ADDR_MASK) | i386_pte_bits(PROT_WRITE) |
		(registers ? PTE_NO_CACHE : 0));
	flush_tlb_page(va);
	return (void *)va;
}

void i386_fixmap_clear(unsigned int slot)
{
	set_pte(&i386_fixmap_pt[slot], 0);
	flush_tlb_page(FIXMAP_START + slot * PAGE_SIZE);
}
