/* SPDX-License-Identifier: MIT */
/*
 * Kernel page tables (PAE). boot.S made them with W^X in place; this file trims the
 * direct map to the RAM that there is, maps single pages above it, and writes text through
 * an alias. There is one address space and one page directory for all of it. Untraced: the
 * patcher and the unwinder run on it.
 */
#include "arch/common/text.h"
#include "arch/i386/i386.h"
#include "kernel/arch.h"
#include "kernel/boot_info.h"
#include "kernel/lib/errno.h"
#include "kernel/lib/string.h"
#include "kernel/lockdep.h"
#include "kernel/mm/mm.h"
#include "kernel/printk.h"
#include "kernel/sched/spinlock.h"
#include "kernel/smp.h"
#include <asm/memory.h>

typedef u64 pte_t;

#define PTE_NX ((pte_t)PTE_NX_HIGH << 32)
#define PTE_ADDR_MASK 0x000ffffffffff000ull
#define PTE_RAM (PTE_PRESENT | PTE_ACCESSED | PTE_DIRTY)
#define PTES_PER_TABLE 512

#define CPUID_EXT_FEATURES 0x80000001u
#define CPUID_NX (1u << 20)

/* boot.S */
extern pte_t i386_page_directories[], i386_fixmap_pt[PTES_PER_TABLE];	/* from VMAP_START on */
extern char boot_stack_guard[];
/* kernel.lds.S */
extern char __start_ro_after_init[], __end_ro_after_init[];

static DEFINE_SPINLOCK(table_lock);
static pte_t nx_bit __ro_after_init;

static void flush_tlb_page(unsigned long va)
{
	__asm__ volatile("invlpg (%0)" : : "r"(va) : "memory");
}

static pte_t *pd_entry(unsigned long va)
{
	return &i386_page_directories[(va - VMAP_START) >> LARGE_PAGE_SHIFT];
}

static pte_t *table_entry(pte_t pde, unsigned long va)
{
	pte_t *table = phys_to_virt(pde & PTE_ADDR_MASK);

	return &table[va >> PAGE_SHIFT & (PTES_PER_TABLE - 1)];
}

/* The small-page entry of @va, NULL if there is none: no table, a large page, not kernel space. */
static pte_t *pte_of(unsigned long va)
{
	pte_t pde;

	if (va < VMAP_START)
		return NULL;
	pde = *pd_entry(va);
	if (!(pde & PTE_PRESENT) || pde & PTE_LARGE)
		return NULL;
	return table_entry(pde, va);
}

/*
 * An entry is 8 bytes and is written by two stores. The present bit is in the lower one, which
 * goes last when an entry appears and first when it disappears: no CPU sees a half.
 */
static void set_pte(pte_t *pte, pte_t value)
{
	volatile u32 *word = (volatile u32 *)pte;

	word[0] = 0;
	word[1] = (u32)(value >> 32);
	barrier();
	word[0] = (u32)value;
}

/* The counterpart: a reader that finds the same lower half on both sides has read one entry. */
static pte_t get_pte(const pte_t *pte)
{
	const volatile u32 *word = (const volatile u32 *)pte;
	u32 low, high;

	do {
		low = word[0];
		high = word[1];
	} while (word[0] != low);
	return (pte_t)high << 32 | low;
}

static pte_t prot_bits(unsigned int prot)
{
	return PTE_RAM | (prot & PROT_WRITE ? PTE_WRITE : 0) | (prot & PROT_EXEC ? 0 : nx_bit);
}

/* Change pages that stay mapped to the same memory. Interrupts off or before anybody else runs. */
static void protect(const char *start, const char *end, unsigned int prot)
{
	unsigned long va;

	for (va = (unsigned long)start; va < (unsigned long)end; va += PAGE_SIZE) {
		pte_t *pte = pte_of(va);

		set_pte(pte, (*pte & PTE_ADDR_MASK) | prot_bits(prot));
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

/* The direct map ends with RAM, the boot stack gets its guard. */
void arch_mmu_init(const struct boot_info *info)
{
	phys_addr_t ram_end = 0, pa;
	unsigned int i;

	if (i386_has_nx())
		nx_bit = PTE_NX;
	else
		pr_warn("mmu: this CPU has no NX: all that is readable is executable\n");
	for (i = 0; i < info->nr_memory; i++)
		ram_end = max(ram_end, info->memory[i].start + info->memory[i].size);
	if (ram_end > DIRECT_MAP_SIZE)
		pr_notice("mmu: memory above %u MiB is not used\n", DIRECT_MAP_SIZE >> 20);
	ram_end = ALIGN_UP(ram_end, LARGE_PAGE_SIZE);
	pa = max(ram_end, (phys_addr_t)IMAGE_PAGE_TABLES * LARGE_PAGE_SIZE);
	for (; pa < DIRECT_MAP_SIZE; pa += LARGE_PAGE_SIZE) {
		unsigned long va = (unsigned long)phys_to_virt(pa);

		set_pte(pd_entry(va), 0);
		flush_tlb_page(va);
	}
	set_pte(pte_of((unsigned long)boot_stack_guard), 0);
	flush_tlb_page((unsigned long)boot_stack_guard);
}

int arch_mmu_seal(void)
{
	unsigned long flags = arch_irq_save();

	protect(__start_ro_after_init, __end_ro_after_init, PROT_READ_ONLY);
	protect(__init_begin, __init_end, PROT_WRITE);
	arch_irq_restore(flags);
	arch_flush_tlbs();
	return 0;
}

/* The entry of @va in a table made for it if need be. With table_lock held. */
static int make_pte(unsigned long va, pte_t **pte)
{
	pte_t *pde = pd_entry(va);
	void *table;

	lockdep_assert_held(&table_lock);
	if (!(*pde & PTE_PRESENT)) {
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

	if (va < VMAP_START)
		return -EINVAL;
	spin_lock_irqsave(&table_lock, flags);
	err = make_pte(va, &pte);
	if (!err)
		set_pte(pte, (pa & PTE_ADDR_MASK) | prot_bits(prot));
	spin_unlock_irqrestore(&table_lock, flags);
	return err;
}

void arch_unmap_page(unsigned long va)
{
	unsigned long flags;
	pte_t *pte;

	spin_lock_irqsave(&table_lock, flags);
	pte = pte_of(va);
	if (pte)
		set_pte(pte, 0);
	flush_tlb_page(va);
	spin_unlock_irqrestore(&table_lock, flags);
}

static void flush_tlb(void *unused)
{
	__asm__ volatile("movl %0, %%cr3" : : "r"(read_cr3()) : "memory");
}

void arch_flush_tlbs(void)
{
	if (nr_cpus_online > 1)
		on_each_cpu(flush_tlb, NULL);
}

void *i386_fixmap(unsigned int slot, u64 pa, bool registers)
{
	unsigned long va = FIXMAP_START + slot * PAGE_SIZE;

	set_pte(&i386_fixmap_pt[slot], (pa & PTE_ADDR_MASK) | prot_bits(PROT_WRITE) |
		(registers ? PTE_NO_CACHE : 0));
	flush_tlb_page(va);
	return (void *)va;
}

void i386_fixmap_clear(unsigned int slot)
{
	set_pte(&i386_fixmap_pt[slot], 0);
	flush_tlb_page(FIXMAP_START + slot * PAGE_SIZE);
}

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

/* --- Text --- */

/* Read-only memory: data has no business here. */
static bool is_text(unsigned long page)
{
	const pte_t *pte = pte_of(page);

	return pte && (*pte & (PTE_PRESENT | PTE_WRITE)) == PTE_PRESENT;
}

static unsigned long text_alias(void)
{
	return FIXMAP_START + smp_processor_id() * PAGE_SIZE;
}

static void set_text_alias(pte_t pte)
{
	set_pte(&i386_fixmap_pt[smp_processor_id()], pte);
	flush_tlb_page(text_alias());
}

void text_window_open(struct text_window *window)
{
	/* The alias page is this CPU's as long as nothing else runs here. */
	window->irq_flags = arch_irq_save();
	window->page = 0;
}

/*
 * invlpg is one of the serialising instructions that are asked for between writing code through
 * another address and running it (Intel SDM vol. 3, sections 8.1.3 and 8.3).
 */
void text_window_close(struct text_window *window)
{
	if (window->page)
		set_text_alias(0);
	arch_irq_restore(window->irq_flags);
}

static int move_window(struct text_window *window, unsigned long page)
{
	if (!is_text(page))
		return -EFAULT;
	set_text_alias((*pte_of(page) & PTE_ADDR_MASK) | prot_bits(PROT_WRITE));
	window->page = page;
	return 0;
}

void *text_window_at(struct text_window *window, unsigned long dst)
{
	unsigned long page = dst & PAGE_MASK;

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
		size_t part = min(len, PAGE_SIZE - (at & ~PAGE_MASK));
		void *alias = text_window_at(&window, at);

		if (alias)
			memcpy(alias, src, part);
		err = alias ? 0 : -EFAULT;
		at += part;
		src = (const char *)src + part;
		len -= part;
	}
	text_window_close(&window);
	return err;
}

/* Ends where either side faults. */
int arch_read_nofault(void *dst, const void *src, size_t len)
{
	__asm__ volatile(
		"1:	rep movsb\n"
		"2:\n\t"
		EX_TABLE(1b, 2b)
		: "+D"(dst), "+S"(src), "+c"(len) : : "memory");
	return len ? -EFAULT : 0;
}

int arch_write_nofault(void *dst, char byte)
{
	return arch_read_nofault(dst, &byte, sizeof(byte));
}
