/* SPDX-License-Identifier: MIT */
/*
 * An allocator of slots of one size in pages of executable memory. A page is kept for ever, so that
 * an unwinder may ask about an address without a lock.
 */
#include "trace/core/stub.h"
#include "trace/core/records.h"
#include "trace/kernel.h"

#define SLOTS_PER_PAGE (PAGE_SIZE / FTRACE_STUB_SIZE)

/*
 * An entry in the list of free stubs. There are as many entries as stubs, but it does not matter
 * which entry has which address: an entry whose stub was taken serves for any stub that is given
 * back.
 */
struct free_stub {
	unsigned long address;
	struct free_stub *next;
};

struct stub_page {
	unsigned long base;
	struct stub_page *next;
	struct ksym_range symbol;
	struct free_stub places[SLOTS_PER_PAGE];
};

static struct stub_page *pages;
static unsigned long low = ~0ul, high;	/* all pages lie in between */
static struct free_stub *free_stubs, *spare_places;

static void free_place(struct free_stub *place, unsigned long address)
{
	*place = (struct free_stub){ address, free_stubs };
	free_stubs = place;
}

static int new_page(void)
{
	struct stub_page *page = kzalloc(sizeof(*page), GFP_KERNEL);

	if (!page)
		return -ENOMEM;
	page->base = (unsigned long)execmem_alloc(PAGE_SIZE);
	if (!page->base) {
		kfree(page);
		return -ENOMEM;
	}
	page->symbol = (struct ksym_range){
		.start = page->base, .size = PAGE_SIZE, .name = "ftrace_stub",
	};
	/* Unwinders walk the list without a lock: the page is complete before it is in it. */
	kallsyms_add_range(&page->symbol);
	WRITE_ONCE(low, min(low, page->base));
	WRITE_ONCE(high, max(high, page->base + PAGE_SIZE));
	page->next = pages;
	smp_store_release(&pages, page);
	for (unsigned int i = SLOTS_PER_PAGE; i--;)
		free_place(&page->places[i], page->base + i * FTRACE_STUB_SIZE);
	return 0;
}

unsigned long ftrace_stub_alloc(void)
{
	struct free_stub *place;

	lockdep_assert_held(&ftrace_lock);
	/*
	 * Pages are never given back, so that nobody who walks the list without a lock can meet a
	 * freed one.
	 */
	if (!free_stubs && new_page())
		return 0;
	place = free_stubs;
	free_stubs = place->next;
	place->next = spare_places;
	spare_places = place;
	return place->address;
}

void ftrace_stub_free(unsigned long stub)
{
	struct free_stub *place = spare_places;

	lockdep_assert_held(&ftrace_lock);
	spare_places = place->next;
	free_place(place, stub);
}

bool ftrace_stub_contains(unsigned long pc)
{
	struct stub_page *page;

	/* Asked of each word of every stack that is inspected, and few are addresses near stubs. */
	if (pc < READ_ONCE(low) || pc >= READ_ONCE(high))
		return false;
	for (page = smp_load_acquire(&pages); page; page = page->next)
		if (pc - page->base < PAGE_SIZE)
			return true;
	return false;
}
