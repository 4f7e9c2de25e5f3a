/* SPDX-License-Identifier: MIT */
/*
 * A walk over the page tables that this CPU uses, for the kernel's check of itself
 * (kernel/mm/wx_check.c). Untraced.
 */
#include "arch/i386/pgtable.h"
#include "kernel/arch.h"
#include "kernel/lockdep.h"

/* A range of equal protection that is being collected. */
struct walk {
	void (*fn)(unsigned long va, size_t size, unsigned int prot, void *arg);
	void *arg;
	unsigned long start;
	size_t size;
	unsigned int prot;
};

static void walk_flush(struct walk *walk)
{
	if (walk->size)
		walk->fn(walk->start, walk->size, walk->prot, walk->arg);
	walk->size = 0;
}

static void walk_entry(struct walk *walk, unsigned long va, size_t size, pte_t pte)
{
	unsigned int prot = (pte & PTE_WRITE ? PROT_WRITE : 0) | (pte & PTE_NX ? 0 : PROT_EXEC);

	if (!(pte & PTE_PRESENT)) {
		walk_flush(walk);
		return;
	}
	if (walk->size && (walk->prot != prot || walk->start + walk->size != va))
		walk_flush(walk);
	if (!walk->size) {
		walk->start = va;
		walk->prot = prot;
	}
	walk->size += size;
}

/* Starts from the table that the CPU uses. Without NX everything readable is executable. */
void arch_walk_mappings(void (*fn)(unsigned long va, size_t size, unsigned int prot, void *arg),
			void *arg)
{
	const pte_t *pdpt = phys_to_virt(read_cr3() & ~31ul);
	struct walk walk = { .fn = fn, .arg = arg };
	unsigned int i, j, k;

	assert_irqs_off();
	/* PAE: four entries of 1 GiB each, in a table of its own. */
	for (i = 0; i < 4; i++) {
		const pte_t *pd = phys_to_virt(pdpt[i] & PTE_ADDR_MASK);

		if (!(pdpt[i] & PTE_PRESENT))
			continue;
		for (j = 0; j < PTES_PER_TABLE; j++) {
			unsigned long va = (unsigned long)i << 30 |
					   (unsigned long)j << LARGE_PAGE_SHIFT;

			if (!(pd[j] & PTE_PRESENT) || pd[j] & PTE_LARGE) {
				walk_entry(&walk, va, LARGE_PAGE_SIZE, pd[j]);
				continue;
			}
			for (k = 0; k < PTES_PER_TABLE; k++, va += PAGE_SIZE)
				walk_entry(&walk, va, PAGE_SIZE, get_pte(table_entry(pd[j], va)));
		}
	}
	walk_flush(&walk);
}
