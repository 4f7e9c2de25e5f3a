/* SPDX-License-Identifier: MIT */
/*
 * The page tables of i386 (PAE) as the port's C files see them: entries of 8 bytes, which are read
 * and written in halves, because no plain load or store moves 8 bytes. The bits of an entry are in
 * <asm/memory.h>, where assembly finds them too.
 */
#pragma once
#include "kernel/compiler.h"
#include "kernel/types.h"
#include <asm/memory.h>

typedef u64 pte_t;

#define PTE_NX ((pte_t)PTE_NX_HIGH << 32)
#define PTE_ADDR_MASK 0x000ffffffffff000ull
#define PTES_PER_TABLE 512

/* boot.S */
extern pte_t i386_page_directories[], i386_fixmap_pt[PTES_PER_TABLE];	/* from TABLES_START on */

/* boot_shadow.c, with KASAN: map the shadow of the boot stack, before any code that is checked. */
void i386_map_boot_shadow(void);

/* --- mmu.c --- */
/* The small-page entry of @va, NULL if there is none: no table, a large page, not kernel space. */
pte_t *i386_pte(unsigned long va);
/* The bits of an entry for a page of RAM with the rights @prot. */
pte_t i386_pte_bits(unsigned int prot);

static inline void flush_tlb_page(unsigned long va)
{
	__asm__ volatile("invlpg (%0)" : : "r"(va) : "memory");
}

static inline pte_t *pd_entry(unsigned long va)
{
	return &i386_page_directories[(va - TABLES_START) >> LARGE_PAGE_SHIFT];
}

static inline pte_t *table_entry(pte_t pde, unsigned long va)
{
	pte_t *table = phys_to_virt(pde & PTE_ADDR_MASK);

	return &table[va >> PAGE_SHIFT & (PTES_PER_TABLE - 1)];
}

/*
 * The present bit is in the lower half, which goes last when an entry appears and first when it
 * disappears: no CPU sees a half.
 */
static inline void set_pte(pte_t *pte, pte_t value)
{
	volatile u32 *word = (volatile u32 *)pte;

	word[0] = 0;
	word[1] = (u32)(value >> 32);
	barrier();
	word[0] = (u32)value;
}

/* The counterpart: a reader that finds the same lower half on both sides has read one entry. */
static inline pte_t get_pte(const pte_t *pte)
{
	const volatile u32 *word = (const volatile u32 *)pte;
	u32 low, high;

	do {
		low = word[0];
		high = word[1];
	} while (word[0] != low);
	return (pte_t)high << 32 | low;
}
