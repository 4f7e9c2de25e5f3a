/* SPDX-License-Identifier: MIT */
/*
 * Writing page tables: the one walk that makes them. It also runs with the MMU off, so that nothing
 * here holds an absolute address or is traced.
 */
#include "arch/arm64/pgtable.h"
#include "kernel/compiler.h"
#include "kernel/lib/errno.h"

u64 *pgtable_entry(const struct pgtable *pt, unsigned long va, unsigned int level, int *error)
{
	u64 *table = pt->root;

	for (unsigned int at = 1; ; at++) {
		u64 *entry = &table[(va >> LEVEL_SHIFT(at)) % PTRS_PER_TABLE];

		if (at == level)
			return entry;
		if (!*entry) {
			phys_addr_t next = pt->alloc();

			if (!next) {
				*error = -ENOMEM;
				return NULL;
			}
			/* The walker must not see the entry before the table is zero. */
			__asm__ volatile("dmb ishst" : : : "memory");
			WRITE_ONCE(*entry, next | PTE_TABLE | PTE_VALID);
		} else if (!(*entry & PTE_TABLE)) {
			*error = -EBUSY;
			return NULL;
		}
		table = pt->reach(*entry & PTE_ADDR);
	}
}

int pgtable_map(const struct pgtable *pt, unsigned long va, phys_addr_t pa, size_t size,
		u64 attributes)
{
	int error = 0;

	while (size) {
		unsigned int level = 1;
		u64 *entry;

		while (level < 3 && (((va | pa) & (LEVEL_SIZE(level) - 1)) ||
				     size < LEVEL_SIZE(level)))
			level++;
		entry = pgtable_entry(pt, va, level, &error);
		if (!entry)
			return error;
		if (*entry)
			return -EBUSY;
		WRITE_ONCE(*entry, pa | attributes | PTE_VALID | (level == 3 ? PTE_TABLE : 0));
		va += LEVEL_SIZE(level);
		pa += LEVEL_SIZE(level);
		size -= min(size, LEVEL_SIZE(level));
	}
	/* The walker must find the entry at the next access. TLBs hold nothing that was invalid. */
	__asm__ volatile("dsb ishst\n\tisb" : : : "memory");
	return 0;
}
