/* SPDX-License-Identifier: MIT */
/*
 * Writing text: the window of arch/common/text.h, an alias page for each CPU, and what makes
 * instruction fetches see what was written. Untraced: the patcher runs on it.
 */
#include <asm/arch.h>
#include <asm/memory.h>
#include "arch/arm64/arm64.h"
#include "arch/arm64/pgtable.h"
#include "arch/common/text.h"
#include "kernel/arch.h"
#include "kernel/lib/errno.h"

u64 *arm64_alias_entries __ro_after_init;

void arm64_sync_icache(unsigned long start, unsigned long end)
{
	u64 ctr = read_sysreg(ctr_el0);
	unsigned long dline = 4ul << (ctr >> 16 & 0xf), iline = 4ul << (ctr & 0xf);

	/* Instructions are not fetched from the data cache: it is cleaned first. */
	for (unsigned long at = ALIGN_DOWN(start, dline); at < end; at += dline)
		__asm__ volatile("dc cvau, %0" : : "r"(at) : "memory");
	dsb(ish);
	for (unsigned long at = ALIGN_DOWN(start, iline); at < end; at += iline)
		__asm__ volatile("ic ivau, %0" : : "r"(at) : "memory");
	dsb(ish);
	isb();
}

/* Each aligned word with one store, so that code and literals change from old to new. */
static void copy_words(volatile char *to, const char *from, size_t len)
{
	size_t size;

	for (; len; to += size, from += size, len -= size) {
		size = len >= 8 && !((unsigned long)to % 8) ? 8 :
		       len >= 4 && !((unsigned long)to % 4) ? 4 : 1;
		/* @from may have any alignment, so that memcpy() loads what one store writes. */
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

void text_copy(void *alias, unsigned long dst, const void *src, size_t len)
{
	copy_words(alias, src, len);
	arm64_sync_icache(dst, dst + len);
}

void text_window_open(struct text_window *window)
{
	/* The alias page is this CPU's as long as nothing else runs here. */
	window->irq_flags = arch_irq_save();
	window->alias = ALIAS_START + smp_processor_id() * PAGE_SIZE;
	window->page = TEXT_WINDOW_EMPTY;
}

static void show_nothing(struct text_window *window)
{
	if (window->page == TEXT_WINDOW_EMPTY)
		return;
	WRITE_ONCE(arm64_alias_entries[smp_processor_id()], 0);
	arm64_flush_page(window->alias);
	window->page = TEXT_WINDOW_EMPTY;
}

void text_window_close(struct text_window *window)
{
	show_nothing(window);
	arch_irq_restore(window->irq_flags);
}

/* The physical page that @page shows; 0: none. */
static phys_addr_t translate(unsigned long page)
{
	unsigned int level;
	u64 entry = *arm64_find_entry(page, &level);

	if (!(entry & PTE_VALID))
		return 0;
	return (entry & PTE_ADDR & ~(LEVEL_SIZE(level) - 1)) + (page & (LEVEL_SIZE(level) - 1));
}

int text_window_move(struct text_window *window, unsigned long page)
{
	phys_addr_t pa;

	/* No TLB may see two pages at one address: the entry is invalid in between. */
	show_nothing(window);
	if (page < KERNEL_BASE || page >= EXECMEM_END || !arm64_alias_entries)
		return -EFAULT;
	pa = translate(page);
	if (!pa)
		return -EFAULT;
	WRITE_ONCE(arm64_alias_entries[smp_processor_id()],
		   pa | PAGE_DATA | PTE_TABLE | PTE_VALID);
	/* The walker must find the entry at the first access. */
	__asm__ volatile("dsb ishst\n\tisb" : : : "memory");
	window->page = page;
	return 0;
}
