/* SPDX-License-Identifier: MIT */
/*
 * Page tables from arm64_boot() on. boot_map.c has mapped the image; here RAM,
 * devices and the vmap area are added, and text is written through an alias. The
 * map of the address space is in <asm/memory.h>. RAM that holds the image has no
 * second mapping, so nothing writable ever shows text.
 */
#include <asm/arch.h>
#include <asm/memory.h>
#include "arch/arm64/arm64.h"
#include "arch/arm64/pgtable.h"
#include "arch/arm64/sections.h"
#include "arch/arm64/sysreg.h"
#include "arch/common/text.h"
#include "kernel/arch.h"
#include "kernel/boot_info.h"
#include "kernel/lib/errno.h"
#include "kernel/lockdep.h"
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

static u64 *kernel_root(void)
{
	return reach_table(read_sysreg(ttbr1_el1) & PTE_ADDR);
}

/* The entry that decides about @va, and its level; its value may be 0. */
static u64 *find_entry(unsigned long va, unsigned int *level)
{
	u64 *table = kernel_root();

	for (*level = 1; ; ++*level) {
		u64 *entry = &table[(va >> LEVEL_SHIFT(*level)) % PTRS_PER_TABLE];

		if (*level == 3 || !(*entry & PTE_VALID) || !(*entry & PTE_TABLE))
			return entry;
		table = reach_table(*entry & PTE_ADDR);
	}
}

static phys_addr_t translate(unsigned long va)
{
	unsigned int level;
	u64 entry = *find_entry(va, &level);

	if (!(entry & PTE_VALID))
		return 0;
	return (entry & PTE_ADDR & ~(LEVEL_SIZE(level) - 1)) + (va & (LEVEL_SIZE(level) - 1));
}

static void flush_page(unsigned long va)
{
	__asm__ volatile("dsb ishst\n\ttlbi vaae1is, %0\n\tdsb ish\n\tisb"
			 : : "r"(va >> PAGE_SHIFT & ((1ul << 44) - 1)) : "memory");
}

static void flush_all(void)
{
	__asm__ volatile("dsb ishst\n\ttlbi vmalle1is\n\tdsb ish\n\tisb" : : : "memory");
}

/* --- Boot --- */

static struct pgtable boot_pgtable(void)
{
	return (struct pgtable){ kernel_root(), arm64_pool_table, reach_table };
}

static int map_direct(phys_addr_t start, phys_addr_t end)
{
	struct pgtable pt = boot_pgtable();

	if (start >= end)
		return 0;
	return pgtable_map(&pt, (unsigned long)phys_to_virt(start), start, end - start, PAGE_DATA);
}

/* All of [start, end) but the image. */
static int map_around_image(phys_addr_t start, phys_addr_t end)
{
	phys_addr_t image_end = kernel_phys + (_end - _text);
	int err;

	if (end <= kernel_phys || start >= image_end)
		return map_direct(start, end);
	err = map_direct(start, kernel_phys);
	return err ? err : map_direct(image_end, end);
}

/* So that text can be written and devices used, whatever RAM in many pieces leaves of the pool. */
static bool make_tables_for_later(void)
{
	struct pgtable pt = boot_pgtable();
	int err;

	return pgtable_entry(&pt, ALIAS_START, 3, &err) &&
	       pgtable_entry(&pt, DEVICE_START, 2, &err);
}

/* Does the RAM at @pa, mapped just now, answer? */
static bool is_ram(phys_addr_t pa)
{
	u64 word;

	return !arch_read_nofault(&word, arm64_reach(pa), sizeof(word));
}

void arm64_map_ram(struct boot_info *info)
{
	unsigned int kept = 0;

	if (!make_tables_for_later())
		boot_problem(info, "no page tables: the image is too large");
	for (unsigned int i = 0; i < info->nr_memory; i++) {
		phys_addr_t start = ALIGN_UP(info->memory[i].start, PAGE_SIZE);
		phys_addr_t end = info->memory[i].start + info->memory[i].size;
		int err;

		if (end < info->memory[i].start || end > DIRECT_MAP_SIZE)
			end = DIRECT_MAP_SIZE;
		end = ALIGN_DOWN(end, PAGE_SIZE);
		if (start >= end)
			continue;
		err = map_around_image(start, end);
		if (err || !is_ram(start) || !is_ram(end - 8)) {
			boot_problem(info, err == -ENOMEM ?
				     "memory is in too many pieces: a range is not used" :
				     "a memory range is not there, or overlaps: not used");
			continue;
		}
		info->memory[kept++] = (struct boot_range){ start, end - start };
	}
	info->nr_memory = kept;
}

void arm64_unmap_dtb(void)
{
	for (unsigned long at = 0; at < DTB_WINDOW_SIZE; at += LEVEL_SIZE(2)) {
		unsigned int level;
		u64 *entry = find_entry(DTB_WINDOW + at, &level);

		if (level == 2)
			WRITE_ONCE(*entry, 0);
	}
	flush_all();
}

/* In whole blocks of 2 MiB: the neighbours are devices too, and nobody looks there. */
void *arm64_map_device(phys_addr_t pa, size_t size)
{
	static unsigned long next = DEVICE_START;
	phys_addr_t start = ALIGN_DOWN(pa, LEVEL_SIZE(2));
	phys_addr_t end = ALIGN_UP(pa + size, LEVEL_SIZE(2));
	struct pgtable pt = boot_pgtable();
	unsigned long va = next;

	if (!pa || end <= start || end > 1ul << 48 || end - start > DEVICE_END - next)
		return NULL;
	next += end - start;
	for (unsigned long at = va; start < end; at += LEVEL_SIZE(2), start += LEVEL_SIZE(2)) {
		if (pgtable_map(&pt, at, start, LEVEL_SIZE(2), PAGE_DEVICE))
			return NULL;
	}
	return (void *)(va + (pa & (LEVEL_SIZE(2) - 1)));
}

bool arm64_device_answers(const void *base, size_t offset)
{
	u32 value;

	return base && !arch_read_nofault(&value, (const char *)base + offset, sizeof(value));
}

void arch_mmu_init(const struct boot_info *info)
{
	pr_info("mmu: %u-bit addresses, image at 0x%llx\n", VA_BITS,
		(unsigned long long)kernel_phys);
}

int arch_mmu_seal(void)
{
	/* Not from the pool, which a memory map of many pieces may have used up. */
	struct pgtable pt = { kernel_root(), alloc_table, reach_table };
	phys_addr_t init = virt_to_phys(__init_begin);
	unsigned int level;
	unsigned long va;
	int err;

	for (va = (unsigned long)__init_begin; va < (unsigned long)__init_end; va += PAGE_SIZE)
		WRITE_ONCE(*find_entry(va, &level), 0);
	err = pgtable_map(&pt, (unsigned long)phys_to_virt(init), init,
			  (size_t)(__init_end - __init_begin), PAGE_DATA);
	init_left_image = true;
	for (va = (unsigned long)__start_ro_after_init; va < (unsigned long)__end_ro_after_init;
	     va += PAGE_SIZE) {
		u64 *entry = find_entry(va, &level);

		WRITE_ONCE(*entry, *entry | PTE_RDONLY);
	}
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
	struct pgtable pt = { kernel_root(), alloc_table, reach_table };
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
	entry = find_entry(va, &level);
	if (level == 3)
		WRITE_ONCE(*entry, 0);
	spin_unlock_irqrestore(&pgtable_lock, flags);
	flush_page(va);
}

/* --- Writing text --- */

/* Each aligned word with one store, so that code and literals change from old to new. */
static void copy_words(volatile char *to, const char *from, size_t len)
{
	size_t size;

	for (; len; to += size, from += size, len -= size) {
		size = len >= 8 && !((unsigned long)to % 8) ? 8 :
		       len >= 4 && !((unsigned long)to % 4) ? 4 : 1;
		if (size == 8) {
			u64 word;

			__builtin_memcpy(&word, from, sizeof(word));
			*(volatile u64 *)to = word;
		} else if (size == 4) {
			u32 word;

			__builtin_memcpy(&word, from, sizeof(word));
			*(volatile u32 *)to = word;
		} else {
			*to = *from;
		}
	}
}

void arm64_sync_icache(unsigned long start, unsigned long end)
{
	u64 ctr = read_sysreg(ctr_el0);
	unsigned long dline = 4ul << (ctr >> 16 & 0xf), iline = 4ul << (ctr & 0xf);

	for (unsigned long at = ALIGN_DOWN(start, dline); at < end; at += dline)
		__asm__ volatile("dc cvau, %0" : : "r"(at) : "memory");
	dsb(ish);
	for (unsigned long at = ALIGN_DOWN(start, iline); at < end; at += iline)
		__asm__ volatile("ic ivau, %0" : : "r"(at) : "memory");
	dsb(ish);
	isb();
}

static unsigned long text_alias(void)
{
	return ALIAS_START + smp_processor_id() * PAGE_SIZE;
}

static void clear_text_alias(void)
{
	unsigned int level;

	WRITE_ONCE(*find_entry(text_alias(), &level), 0);
	flush_page(text_alias());
}

void text_window_open(struct text_window *window)
{
	/* The alias page is this CPU's as long as nothing else runs here. */
	window->irq_flags = arch_irq_save();
	window->page = 0;
}

void text_window_close(struct text_window *window)
{
	if (window->page)
		clear_text_alias();
	arch_irq_restore(window->irq_flags);
}

static int move_window(struct text_window *window, unsigned long page)
{
	struct pgtable pt = boot_pgtable();
	phys_addr_t pa;

	if (page < KERNEL_BASE || page >= EXECMEM_END)
		return -EFAULT;
	if (window->page)
		clear_text_alias();
	window->page = 0;
	pa = translate(page);
	if (!pa || pgtable_map(&pt, text_alias(), pa, PAGE_SIZE, PAGE_DATA))
		return -EFAULT;
	window->page = page;
	return 0;
}

void *text_window_at(struct text_window *window, unsigned long dst)
{
	unsigned long page = ALIGN_DOWN(dst, PAGE_SIZE);

	if (unlikely(page != window->page || !page) && move_window(window, page))
		return NULL;
	return (void *)(text_alias() + (dst - page));
}

int arch_text_write(void *dst, const void *src, size_t len)
{
	unsigned long at = (unsigned long)dst;
	struct text_window window;
	int err = 0;

	text_window_open(&window);
	while (len && !err) {
		size_t part = min(len, PAGE_SIZE - at % PAGE_SIZE);
		void *alias = text_window_at(&window, at);

		if (alias) {
			copy_words(alias, src, part);
			arm64_sync_icache(at, at + part);
		}
		err = alias ? 0 : -EFAULT;
		at += part;
		src = (const char *)src + part;
		len -= part;
	}
	text_window_close(&window);
	return err;
}

/* --- The walk --- */

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
		u64 entry = READ_ONCE(table[i]);
		unsigned long va = base + i * LEVEL_SIZE(level);

		if (!(entry & PTE_VALID))
			continue;
		if (level < 3 && (entry & PTE_TABLE))
			walk_table(walk, reach_table(entry & PTE_ADDR), level + 1, va);
		else
			walk_entry(walk, va, LEVEL_SIZE(level), entry);
	}
}

void arch_walk_mappings(void (*fn)(unsigned long va, size_t size, unsigned int prot, void *arg),
			void *arg)
{
	struct walk walk = { .fn = fn, .arg = arg };

	assert_irqs_off();
	if (!(read_sysreg(tcr_el1) & TCR_EPD0))
		walk_table(&walk, reach_table(read_sysreg(ttbr0_el1) & PTE_ADDR), 1, 0);
	walk_table(&walk, kernel_root(), 1, DIRECT_MAP_START);
	report(&walk);
}
