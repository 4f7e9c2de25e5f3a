/* SPDX-License-Identifier: MIT */
/*
 * A walk over the page tables that this CPU uses, for the kernel's check of itself
 * (kernel/mm/wx_check.c). Untraced.
 */
#include <asm/arch.h>
#include <asm/memory.h>
#include "arch/arm64/arm64.h"
#include "arch/arm64/pgtable.h"
#include "arch/arm64/sysreg.h"
#include "kernel/arch.h"
#include "kernel/lockdep.h"

struct walk {
	void (*fn)(unsigned long va, size_t size, unsigned int prot, void *arg);
	void *arg;
	unsigned long start, end;	/* neighbours with the same rights, not yet reported */
	unsigned int prot;
};

static void report(struct walk *walk)
{
	if (walk->end != walk->start)
		walk->fn(walk->start, walk->end - walk->start, walk->prot, walk->arg);
}

/* WXN (sysreg.h) would stop a writable page from executing; what the entry says counts here. */
static void walk_entry(struct walk *walk, unsigned long va, size_t size, u64 entry)
{
	unsigned int prot = (entry & PTE_RDONLY ? PROT_READ_ONLY : PROT_WRITE) |
			    (entry & PTE_PXN ? 0 : PROT_EXEC);

	if (va != walk->end || prot != walk->prot) {
		report(walk);
		walk->start = va;
		walk->prot = prot;
	}
	walk->end = va + size;
}

static void walk_table(struct walk *walk, const u64 *table, unsigned int level, unsigned long base)
{
	for (unsigned int i = 0; i < PTRS_PER_TABLE; i++) {
		/* Once: another CPU may map or unmap a page meanwhile. */
		u64 entry = READ_ONCE(table[i]);
		unsigned long va = base + i * LEVEL_SIZE(level);

		if (!(entry & PTE_VALID))
			continue;
		if (level < 3 && (entry & PTE_TABLE))
			walk_table(walk, arm64_reach(entry & PTE_ADDR), level + 1, va);
		else
			walk_entry(walk, va, LEVEL_SIZE(level), entry);
	}
}

void arch_walk_mappings(void (*fn)(unsigned long va, size_t size, unsigned int prot, void *arg),
			void *arg)
{
	struct walk walk = { .fn = fn, .arg = arg };

	assert_irqs_off();
	/* The lower half is translated at all only while a CPU starts. */
	if (!(read_sysreg(tcr_el1) & TCR_EPD0))
		walk_table(&walk, arm64_reach(read_sysreg(ttbr0_el1) & PTE_ADDR), 1, 0);
	walk_table(&walk, arm64_kernel_root(), 1, DIRECT_MAP_START);
	report(&walk);
}
