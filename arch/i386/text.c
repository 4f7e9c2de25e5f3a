/* SPDX-License-Identifier: MIT */
/*
 * Writing text: the window of arch/common/text.h, an alias page for each CPU. Untraced: the patcher
 * runs on it.
 */
#include "arch/common/text.h"
#include "arch/i386/i386.h"
#include "arch/i386/pgtable.h"
#include "kernel/arch.h"
#include "kernel/lib/errno.h"
#include "kernel/lib/string.h"

/* Instruction fetches see it when the window is closed: text_window_close() tells why. */
void text_copy(void *alias, unsigned long dst, const void *src, size_t len)
{
	memcpy(alias, src, len);
}

static unsigned long text_alias(void)
{
	return FIXMAP_START + smp_processor_id() * PAGE_SIZE;
}

static void set_text_alias(const struct text_window *window, pte_t pte)
{
	set_pte(&i386_fixmap_pt[smp_processor_id()], pte);
	flush_tlb_page(window->alias);
}

void text_window_open(struct text_window *window)
{
	/* The alias page is this CPU's as long as nothing else runs here. */
	window->irq_flags = arch_irq_save();
	window->alias = text_alias();
	window->page = TEXT_WINDOW_EMPTY;
}

/*
 * invlpg is one of the serialising instructions that are asked for between writing code through
 * another address and running it (Intel SDM vol. 3, sections 8.1.3 and 8.3).
 */
void text_window_close(struct text_window *window)
{
	if (window->page != TEXT_WINDOW_EMPTY)
		set_text_alias(window, 0);
	arch_irq_restore(window->irq_flags);
}

int text_window_move(struct text_window *window, unsigned long page)
{
	const pte_t *pte = i386_pte(page);

	/* Only what is read-only can be text: data is written where it is. */
	if (!pte || (*pte & (PTE_PRESENT | PTE_WRITE)) != PTE_PRESENT)
		return -EFAULT;
	set_text_alias(window, (*pte & PTE_ADDR_MASK) | i386_pte_bits(PROT_WRITE));
	window->page = page;
	return 0;
}
