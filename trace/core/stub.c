/* SPDX-License-Identifier: MIT */
/*
 * An allocator of slots of one size in pages of executable memory. A page is kept for ever, so that
 * an unwinder may ask about an address without a lock.
 */
#include "trace/core/stub.h"
#include "trace/kernel.h"

#define SLOTS_PER_PAGE (PAGE_SIZE / FTRACE_STUB_SIZE)

struct stub_page {
	unsigned long base;
	struct stub_page *next;
	struct ksym_range symbol;
	unsigned int nr_free;
	bool used[SLOTS_PER_PAGE];
};

static struct stub_page *pages;

static struct stub_page *new_page(void)
{
	struct stub_page *page = kzalloc(sizeof(*page), GFP_KERNEL);

	if (!page)
		return NULL;
	page->base = (unsigned long)execmem_alloc(PAGE_SIZE);
	if (!page->base) {
		kfree(page);
		return NULL;
	}
	page->nr_free = SLOTS_PER_PAGE;
	page->symbol = (struct ksym_range){
		.start = page->base, .size = PAGE_SIZE, .name = "ftrace_stub",
	};
	/* Unwinders walk the list without a lock: the page is complete before it is in it. */
	kallsyms_add_range(&page->symbol);
	page->next = pages;
	smp_store_release(&pages, page);
	return page;
}

unsigned long ftrace_stub_alloc(void)
{
	struct stub_page *page = pages;
	unsigned int slot = 0;

	/*
	 * Pages are never given back, so that nobody who walks the list without a lock can meet a
	 * freed one.
	 */
	while (page && !page->nr_free)
		page = page->next;
	if (!page)
		page = new_page();
	if (!page)
		return 0;
	while (page->used[slot])
		slot++;
	page->used[slot] = true;
	page->nr_free--;
	return page->base + slot * FTRACE_STUB_SIZE;
}

void ftrace_stub_free(unsigned long stub)
{
	struct stub_page *page = pages;

	while (stub - page->base >= PAGE_SIZE)
		page = page->next;
	page->used[(stub - page->base) / FTRACE_STUB_SIZE] = false;
	page->nr_free++;
}

bool ftrace_stub_contains(unsigned long pc)
{
	struct stub_page *page;

	for (page = smp_load_acquire(&pages); page; page = page->next)
		if (pc - page->base < PAGE_SIZE)
			return true;
	return false;
}
