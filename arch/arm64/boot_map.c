/* SPDX-License-Identifier: MIT */
/*
 * The first page tables, made by boot.S's entry code while the MMU is off. They
 * are final for the image: text read-only, everything else no-execute, so that
 * there never is a writable and executable page. The rest is added later, by mmu.c and the files
 * that it names.
 *
 * This code runs at physical addresses: it takes addresses of symbols only
 * relative to the program counter (which -fno-pic code on arm64 does) and
 * writes no variable but the pool, whose cache lines boot.S then drops.
 */
#include <asm/memory.h>
#include "arch/arm64/pgtable.h"
#include "arch/arm64/sections.h"
#include "kernel/compiler.h"

/* Enough for the image, RAM in a dozen pieces, and the devices. */
#define NR_POOL_TABLES 32

/* Not in .bss, which is cleared when these are in use already. */
static u64 pool[NR_POOL_TABLES][PTRS_PER_TABLE] __section(".bss..noinit") __aligned(PAGE_SIZE);
static u64 pool_used __section(".bss..noinit");
/* Kept for good, because every other processor comes through it. */
static u64 idmap[3][PTRS_PER_TABLE] __section(".bss..noinit") __aligned(PAGE_SIZE);

static void clear_table(u64 *table)
{
	for (unsigned int i = 0; i < PTRS_PER_TABLE; i++)
		WRITE_ONCE(table[i], 0);	/* volatile: no call of memset() */
}

phys_addr_t arm64_pool_table(void)
{
	u64 *table;

	if (pool_used == NR_POOL_TABLES)
		return 0;
	table = pool[pool_used++];
	clear_table(table);
	/* With the MMU off kernel_phys is not known yet, and addresses are physical. */
	return (u64)table >= KERNEL_BASE ? virt_to_phys(table) : (u64)table;
}

static u64 *reach_physical(phys_addr_t table)
{
	return (u64 *)table;
}

static void map_image(const struct pgtable *pt, const char *start, const char *end,
		      u64 attributes)
{
	pgtable_map(pt, KERNEL_BASE + (start - _text), (u64)start, end - start, attributes);
}

/* Only one page, so that page 0 is not mapped even if the image lies at the start of memory. */
static void map_identity(void)
{
	u64 page = (u64)__idmap_text_start;

	for (unsigned int i = 0; i < 3; i++)
		clear_table(idmap[i]);
	for (unsigned int level = 1; level <= 3; level++)
		idmap[level - 1][(page >> LEVEL_SHIFT(level)) % PTRS_PER_TABLE] = level == 3 ?
			page | PAGE_TEXT | PTE_TABLE | PTE_VALID :
			(u64)idmap[level] | PTE_TABLE | PTE_VALID;
}

/* Processors read it with the MMU off, so it is never written again with the MMU on. */
struct boot_tables boot_tables __section(".bss..noinit");

struct boot_tables arm64_boot_map(phys_addr_t dtb)
{
	struct pgtable pt = { .alloc = arm64_pool_table, .reach = reach_physical };

	pool_used = 0;
	pt.root = (u64 *)arm64_pool_table();
	map_image(&pt, _text, _etext, PAGE_TEXT);
	map_image(&pt, _sinittext, _einittext, PAGE_TEXT);
	map_image(&pt, _einittext, __init_end, PAGE_DATA);
	map_image(&pt, __start_rodata, __end_rodata, PAGE_RODATA);
	/* The page between the two stays unmapped: a boot stack that overflows faults there. */
	map_image(&pt, __end_rodata, boot_stack_guard, PAGE_DATA);
	map_image(&pt, boot_stack_guard + PAGE_SIZE, _end, PAGE_DATA);
	if (KASAN)
		arm64_map_boot_shadow(&pt);
	/*
	 * The device tree has at most 2 MiB and may begin in the middle of a block: two blocks show
	 * all of it.
	 */
	dtb &= ~(LEVEL_SIZE(2) - 1);
	if (dtb && dtb < 1ul << 48)
		pgtable_map(&pt, DTB_WINDOW, dtb, DTB_WINDOW_SIZE, PAGE_RODATA);
	map_identity();
	boot_tables = (struct boot_tables){ (u64)idmap[0], (u64)pt.root };
	return boot_tables;
}
