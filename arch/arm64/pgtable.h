/* SPDX-License-Identifier: MIT */
/*
 * Page table entries of the EL1 stage 1 translation (Arm ARM D8.3), and one
 * routine that writes them. It works with the MMU off (boot_map.c) as well as
 * on (mmu.c): where tables come from and how they are reached is the caller's.
 *
 *   level 1: entries of 1 GiB -> level 2: 2 MiB -> level 3: 4 KiB pages
 */
#pragma once
#include "kernel/types.h"

#define PTRS_PER_TABLE 512u
#define LEVEL_SHIFT(level) (39u - 9u * (level))		/* levels 1, 2, 3 */
#define LEVEL_SIZE(level) (1ul << LEVEL_SHIFT(level))

#define PTE_VALID (1ul << 0)
#define PTE_TABLE (1ul << 1)		/* levels 1, 2: points at a table. Level 3: must be set */
#define PTE_ATTR(n) ((unsigned long)(n) << 2)
#define PTE_RDONLY (1ul << 7)
#define PTE_INNER_SHARED (3ul << 8)
#define PTE_ACCESSED (1ul << 10)
#define PTE_PXN (1ul << 53)
#define PTE_UXN (1ul << 54)
#define PTE_ADDR 0x0000fffffffff000ul

/* Indexes into MAIR_EL1 as boot.S sets it: normal write-back memory, Device-nGnRE. */
#define MT_NORMAL 0
#define MT_DEVICE 1

#define PTE_NORMAL (PTE_ATTR(MT_NORMAL) | PTE_INNER_SHARED | PTE_ACCESSED | PTE_UXN)
/* Indirect branches into guarded text fault without a landing pad, on processors with FEAT_BTI. */
#ifdef __ARM_FEATURE_BTI_DEFAULT
#define PTE_GUARDED (1ul << 50)
#else
#define PTE_GUARDED 0
#endif
#define PAGE_TEXT (PTE_NORMAL | PTE_RDONLY | PTE_GUARDED)
#define PAGE_RODATA (PTE_NORMAL | PTE_RDONLY | PTE_PXN)
#define PAGE_DATA (PTE_NORMAL | PTE_PXN)
#define PAGE_DEVICE (PTE_ATTR(MT_DEVICE) | PTE_ACCESSED | PTE_UXN | PTE_PXN)

struct pgtable {
	u64 *root;
	phys_addr_t (*alloc)(void);		/* a zeroed table, 0 when there is none */
	u64 *(*reach)(phys_addr_t table);
};

/*
 * The entry for @va in the table at @level, tables made on the way. NULL: no memory,
 * or a block is in the way (*error is -ENOMEM or -EBUSY).
 */
u64 *pgtable_entry(const struct pgtable *pt, unsigned long va, unsigned int level, int *error);
/*
 * Map [va, va + size) to @pa with the largest entries that fit. 0, -ENOMEM, or -EBUSY where
 * something is mapped already; what was written before an error stays.
 */
int pgtable_map(const struct pgtable *pt, unsigned long va, phys_addr_t pa, size_t size,
		u64 attributes);

/* boot_map.c: what entry code in boot.S calls with the MMU off. */
struct boot_tables {
	u64 ttbr0, ttbr1;
};
extern struct boot_tables boot_tables;
struct boot_tables arm64_boot_map(phys_addr_t dtb);
/* boot_shadow.c, with KASAN: map the shadow of the boot stack too. */
void arm64_map_boot_shadow(const struct pgtable *pt);

/* A table from the static pool in the image: its physical address, 0 when all are used. */
phys_addr_t arm64_pool_table(void);

/* --- mmu.c: the kernel's own tables --- */
u64 *arm64_kernel_root(void);
/* To add to them by pgtable_map() and pgtable_entry(), new tables from the static pool. */
struct pgtable arm64_boot_pgtable(void);
/* The entry that decides about @va, and its level; its value may be 0. */
u64 *arm64_find_entry(unsigned long va, unsigned int *level);
/* text.c: the entries of the pages through which CPUs write text. Set by arm64_map_ram(). */
extern u64 *arm64_alias_entries;
/* No CPU's TLB knows any more what @va was mapped to. Any context. */
void arm64_flush_page(unsigned long va);
