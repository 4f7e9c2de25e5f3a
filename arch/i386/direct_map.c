/* SPDX-License-Identifier: MIT */
/*
 * The direct map. boot.S mapped all of its 768 MiB before anybody knew how much RAM there is; here
 * it is cut off where RAM ends. Boot, one CPU. Untraced.
 */
#include "arch/i386/i386.h"
#include "arch/i386/pgtable.h"
#include "kernel/boot_info.h"
#include "kernel/printk.h"

void i386_trim_direct_map(const struct boot_info *info)
{
	phys_addr_t ram_end = 0, pa;
	unsigned int i;

	for (i = 0; i < info->nr_memory; i++)
		ram_end = max(ram_end, info->memory[i].start + info->memory[i].size);
	if (ram_end > DIRECT_MAP_SIZE)
		pr_notice("mmu: memory above %u MiB is not used\n", DIRECT_MAP_SIZE >> 20);
	/* Cut first, because rounding up could wrap. */
	ram_end = ALIGN_UP(min(ram_end, (phys_addr_t)DIRECT_MAP_SIZE), LARGE_PAGE_SIZE);
	/* The image's first megabytes have page tables, which are no large page to be taken out. */
	pa = max(ram_end, (phys_addr_t)IMAGE_PAGE_TABLES * LARGE_PAGE_SIZE);
	for (; pa < DIRECT_MAP_SIZE; pa += LARGE_PAGE_SIZE) {
		unsigned long va = (unsigned long)phys_to_virt(pa);

		set_pte(pd_entry(va), 0);
		flush_tlb_page(va);
	}
}
