/* SPDX-License-Identifier: MIT */
/*
 * The kernel's page tables from arm64_boot() on. boot_map.c has mapped the image; here single pages
 * are mapped and unmapped, and boot's last change is made. RAM is added by direct_map.c, devices by
 * ioremap.c. The map of the address space is in <asm/memory.h>. RAM that holds the image has no
 * second mapping, so nothing writable ever shows text. Untraced: the patcher and the unwinder run
 * on it.
 */
#include <asm/arch.h>
#include <asm/memory.h>
#include "arch/arm64/arm64.h"
#include "arch/arm64/pgtable.h"
#include "arch/arm64/sections.h"
#include "kernel/arch.h"
#include "kernel/boot_info.h"
#include "kernel/mm/mm.h"
#include "kernel/printk.h"
#include "kernel/sched/spinlock.h"

phys_addr_t kernel_phys __ro_after_init;

static bool init_left_image __ro_after_init;
static DEFINE_SPINLOCK(pgtable_lock);	/* of the kernel's tables, once there are threads */

static phys_addr_t alloc_table(void)
{
	void *table = alloc_page(__GFP_ZERO);

	return table ? virt_to_phys(table) : 0;
}

/* Does RAM at @pa belong to the image? Init memory does until arch_mmu_seal() takes it out. */
static bool in_image(phys_addr_t pa)
{
	u64 offset = pa - kernel_phys;

	if (offset >= (u64)(_end - _text))
		return false;
	return !init_left_image || offset < (u64)(__init_begin - _text) ||
	       offset >= (u64)(__init_end - _text);
}

void *arm64_reach(phys_addr_t pa)
{
	return in_image(pa) ? (void *)(KERNEL_BASE + (pa - kernel_phys)) : phys_to_virt(pa);
}

static u64 *reach_table(phys_addr_t table)
{
	return arm64_reach(table);
}

u64 *arm64_kernel_root(void)
{
	return reach_table(read_sysreg(ttbr1_el1) & PTE_ADDR);
}

struct pgtable arm64_boot_pgtable(void)
{
	return (struct pgtable){ arm64_kernel_root(), arm64_pool_table, reach_table };
}

u64 *arm64_find_entry(unsigned long va, unsigned int *level)
{
	u64 *table = arm64_kernel_root();

	for (*level = 1; ; ++*level) {
		u64 *entry = &table[(va >> LEVEL_SHIFT(*level)) % PTRS_PER_TABLE];

		if (*level == 3 || !(*entry & PTE_VALID) || !(*entry & PTE_TABLE))
			return entry;
		table = reach_table(*entry & PTE_ADDR);
	}
}

void arm64_flush_page(unsigned long va)
{
	__asm__ volatile("dsb ishst\n\ttlbi vaae1is, %0\n\tdsb ish\n\tisb"
			 : : "r"(va >> PAGE_SHIFT & ((1ul << 44) - 1)) : "memory");
}

static void flush_all(void)
{
	__asm__ volatile("dsb ishst\n\ttlbi vmalle1is\n\tdsb ish\n\tisb" : : : "memory");
}

/* --- Boot --- */

void arm64_unmap_dtb(void)
{
	for (unsigned long at = 0; at < DTB_WINDOW_SIZE; at += LEVEL_SIZE(2)) {
		unsigned int level;
		u64 *entry = arm64_find_entry(DTB_WINDOW + at, &level);

		/* Without a device tree there is no window, and maybe no table of level 2. */
		if (level == 2)
			WRITE_ONCE(*entry, 0);
	}
	flush_all();
}

void arch_mmu_init(const struct boot_info *info)
{
	pr_info("mmu: %u-bit addresses, image at 0x%llx\n", VA_BITS,
		(unsigned long long)kernel_phys);
}

int arch_mmu_seal(void)
{
	/* Not from the pool, which a memory map of many pieces may have used up. */
	struct pgtable pt = { arm64_kernel_root(), alloc_table, reach_table };
	phys_addr_t init = virt_to_phys(__init_begin);
	unsigned int level;
	unsigned long va;
	int err;

	/* First out of the image, then into the direct map: RAM never has two addresses. */
	for (va = (unsigned long)__init_begin; va < (unsigned long)__init_end; va += PAGE_SIZE)
		WRITE_ONCE(*arm64_find_entry(va, &level), 0);
	err = pgtable_map(&pt, (unsigned long)phys_to_virt(init), init,
			  (size_t)(__init_end - __init_begin), PAGE_DATA);
	init_left_image = true;
	for (va = (unsigned long)__start_ro_after_init; va < (unsigned long)__end_ro_after_init;
	     va += PAGE_SIZE) {
		u64 *entry = arm64_find_entry(va, &level);

		WRITE_ONCE(*entry, *entry | PTE_RDONLY);
	}
	/* TLBs may still have the old entries of all these pages. */
	flush_all();
	return err;
}

/* --- Page by page --- */

static u64 page_attributes(unsigned int prot)
{
	return prot == PROT_EXEC ? PAGE_TEXT : prot == PROT_WRITE ? PAGE_DATA : PAGE_RODATA;
}

int arch_map_page(unsigned long va, phys_addr_t pa, unsigned int prot)
{
	struct pgtable pt = { arm64_kernel_root(), alloc_table, reach_table };
	unsigned long flags;
	int err;

	spin_lock_irqsave(&pgtable_lock, flags);
	err = pgtable_map(&pt, va, pa, PAGE_SIZE, page_attributes(prot));
	spin_unlock_irqrestore(&pgtable_lock, flags);
	return err;
}

/* TLB maintenance is broadcast, so this tells all CPUs, and there is no arch_flush_tlbs() here. */
void arch_unmap_page(unsigned long va)
{
	unsigned int level;
	unsigned long flags;
	u64 *entry;

	spin_lock_irqsave(&pgtable_lock, flags);
	entry = arm64_find_entry(va, &level);
	if (level == 3)
		WRITE_ONCE(*entry, 0);
	spin_unlock_irqrestore(&pgtable_lock, flags);
	arm64_flush_page(va);
}
