/* SPDX-License-Identifier: MIT */
/*
 * Kernel page tables (PAE). boot.S made them with W^X in place; here single pages are mapped and
 * unmapped, and boot's last changes are made. There is one address space and one page directory
 * for all of it. Untraced: the patcher and the unwinder run on it.
 */
#include "arch/i386/i386.h"
#include "arch/i386/pgtable.h"
#include "kernel/arch.h"
#include "kernel/boot_info.h"
#include "kernel/lib/errno.h"
#include "kernel/lockdep.h"
#include "kernel/mm/mm.h"
#include "kernel/printk.h"
#include "kernel/sched/spinlock.h"
#include "kernel/smp.h"
#include <asm/memory.h>

#define PTE_RAM (PTE_PRESENT | PTE_ACCESSED | PTE_DIRTY)
#define CPUID_EXT_FEATURES 0x80000001u
#define CPUID_NX (1u << 20)

/* boot.S */
extern char boot_stack_guard[];
/* kernel.lds.S */
extern char __start_ro_after_init[], __end_ro_after_init[];

static DEFINE_SPINLOCK(table_lock);
static pte_t nx_bit __ro_after_init;

pte_t *i386_pte(unsigned long va)
{
	pte_t pde;

	if (va < TABLES_START)
		return NULL;
	pde = *pd_entry(va);
	if (!(pde & PTE_PRESENT) || pde & PTE_LARGE)
		return NULL;
	return table_entry(pde, va);
}

pte_t i386_pte_bits(unsigned int prot)
{
	return PTE_RAM | (prot & PROT_WRITE ? PTE_WRITE : 0) | (prot & PROT_EXEC ? 0 : nx_bit);
}

/*
 * Change the rights of pages of the image. Other CPUs use them meanwhile, so they stay mapped. The
 * upper half of an entry, with no-execute, goes first: no page is ever writable and executable.
 */
static void protect(const char *start, const char *end, unsigned int prot)
{
	unsigned long va;

	for (va = (unsigned long)start; va < (unsigned long)end; va += PAGE_SIZE) {
		pte_t *pte = i386_pte(va);
		pte_t value = (*pte & PTE_ADDR_MASK) | i386_pte_bits(prot);
		volatile u32 *word = (volatile u32 *)pte;

		word[1] = (u32)(value >> 32);
		word[0] = (u32)value;
		flush_tlb_page(va);
	}
}

bool i386_has_nx(void)
{
	u32 max, a, b, c, d;

	cpuid(0x80000000, 0, &max, &b, &c, &d);
	if (max < CPUID_EXT_FEATURES)
		return false;
	cpuid(CPUID_EXT_FEATURES, 0, &a, &b, &c, &d);
	return d & CPUID_NX;
}

void arch_mmu_init(const struct boot_info *info)
{
	if (i386_has_nx())
		nx_bit = PTE_NX;
	else
		pr_warn("mmu: this CPU has no NX: all that is readable is executable\n");
	i386_trim_direct_map(info);
	/* A boot stack that overflows shall fault, not run into what lies below it. */
	set_pte(i386_pte((unsigned long)boot_stack_guard), 0);
	flush_tlb_page((unsigned long)boot_stack_guard);
}

int arch_mmu_seal(void)
{
	protect(__start_ro_after_init, __end_ro_after_init, PROT_READ_ONLY);
	protect(__init_begin, __init_end, PROT_WRITE);
	arch_flush_tlbs();
	return 0;
}

/* The entry of @va, in a table that is made for it if there is none. -ENOMEM, or -EBUSY: mapped. */
static int make_pte(unsigned long va, pte_t **pte)
{
	pte_t *pde = pd_entry(va);
	void *table;

	lockdep_assert_held(&table_lock);
	if (!(*pde & PTE_PRESENT)) {
		/* Tables are never freed: whoever finds one without the lock may go on using it. */
		table = alloc_page(GFP_ATOMIC | __GFP_ZERO);
		if (!table)
			return -ENOMEM;
		set_pte(pde, virt_to_phys(table) | PTE_PRESENT | PTE_WRITE | PTE_ACCESSED);
	}
	if (*pde & PTE_LARGE)
		return -EBUSY;
	*pte = table_entry(*pde, va);
	return **pte & PTE_PRESENT ? -EBUSY : 0;
}

int arch_map_page(unsigned long va, phys_addr_t pa, unsigned int prot)
{
	unsigned long flags;
	pte_t *pte;
	int err;

	if (va < TABLES_START)
		return -EINVAL;
	spin_lock_irqsave(&table_lock, flags);
	/* No TLB holds what was not present, so nothing is flushed: Intel SDM vol. 3, 4.10.4.3. */
	err = make_pte(va, &pte);
	if (!err)
		set_pte(pte, (pa & PTE_ADDR_MASK) | i386_pte_bits(prot));
	spin_unlock_irqrestore(&table_lock, flags);
	return err;
}

void arch_unmap_page(unsigned long va)
{
	unsigned long flags;
	pte_t *pte;

	spin_lock_irqsave(&table_lock, flags);
	pte = i386_pte(va);
	if (pte)
		set_pte(pte, 0);
	flush_tlb_page(va);
	spin_unlock_irqrestore(&table_lock, flags);
}

static void flush_tlb(void *unused)
{
	__asm__ volatile("movl %0, %%cr3" : : "r"(read_cr3()) : "memory");
}

/* A CPU can invalidate its own TLB only, so the others are asked to, by an interrupt. */
void arch_flush_tlbs(void)
{
	if (nr_cpus_online > 1)
		on_each_cpu(flush_tlb, NULL);
}

