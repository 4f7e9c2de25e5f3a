/* SPDX-License-Identifier: MIT */
/*
 * The page allocator: a buddy system over all RAM in the direct map. Booting with much memory stays
 * cheap, because a whole 4 MiB block is at first only listed; the part of the memory map that
 * describes it (a "chunk") is cleared when the block is first taken.
 */
#include <asm/memory.h>
#include "kernel/bug.h"
#include "kernel/events/kmem.h"
#include "kernel/lib/string.h"
#include "kernel/lockdep.h"
#include "kernel/mm/mm_internal.h"
#include "kernel/sched/spinlock.h"

#define CHUNK_PAGES (1ul << MAX_ORDER)

static struct page *memmap;		/* of frames [first_pfn, end_pfn): whole chunks */
static unsigned long first_pfn, end_pfn;
static u8 *chunk_ready;			/* one byte per chunk: its part of memmap is valid */
static struct list_head free_lists[MAX_ORDER + 1];
static DEFINE_SPINLOCK(pages_lock);
static struct mm_stats stats;

static unsigned long page_pfn(const struct page *page)
{
	return first_pfn + (unsigned long)(page - memmap);
}

static struct page *pfn_page(unsigned long pfn)
{
	return memmap + (pfn - first_pfn);
}

static u8 *chunk_flag(unsigned long pfn)
{
	return &chunk_ready[(pfn - first_pfn) >> MAX_ORDER];
}

void *page_address(const struct page *page)
{
	return phys_to_virt((phys_addr_t)page_pfn(page) << PAGE_SHIFT);
}

struct page *page_of(const void *addr)
{
	unsigned long start = (unsigned long)phys_to_virt((phys_addr_t)first_pfn << PAGE_SHIFT);
	unsigned long index = ((unsigned long)addr - start) >> PAGE_SHIFT;

	if ((unsigned long)addr < start || index >= end_pfn - first_pfn)
		return NULL;
	if (!*chunk_flag(first_pfn + index))
		return NULL;
	return memmap + index;
}

static void ready_chunk(unsigned long pfn)
{
	u8 *flag = chunk_flag(pfn);

	if (*flag)
		return;
	memset(pfn_page(pfn & ~(CHUNK_PAGES - 1)), 0, CHUNK_PAGES * sizeof(struct page));
	*flag = 1;
}

static void list_block(unsigned long pfn, unsigned int order)
{
	struct page *page = pfn_page(pfn);

	page->state = PAGE_FREE;
	page->order = (u8)order;
	/*
	 * The largest blocks are kept in address order, because early page tables may map only low
	 * memory.
	 */
	if (order == MAX_ORDER)
		list_add_tail(&page->node, &free_lists[order]);
	else
		list_add(&page->node, &free_lists[order]);
}

static void unlist_block(struct page *page)
{
	list_del(&page->node);
	page->state = PAGE_NONE;
}

/* Put a block into the free lists, merged with its buddies if they are free. */
static void merge_block(unsigned long pfn, unsigned int order)
{
	lockdep_assert_held(&pages_lock);
	stats.free_pages += 1ul << order;
	while (order < MAX_ORDER) {
		struct page *buddy = pfn_page(pfn ^ (1ul << order));

		/*
		 * If only a part of the buddy is free, its state or order is another one. Whoever
		 * has it may be changing the byte that has its state without the lock, but never to
		 * or from PAGE_FREE.
		 */
		if (data_race(buddy->state != PAGE_FREE) || buddy->order != order)
			break;
		unlist_block(buddy);
		pfn &= ~(1ul << order);
		order++;
	}
	list_block(pfn, order);
}

/* Take a block of @order out of the free lists, splitting a larger one; NULL if there is none. */
static struct page *take_block(unsigned int order)
{
	unsigned int from = order;
	struct page *page;

	lockdep_assert_held(&pages_lock);
	while (list_empty(&free_lists[from])) {
		if (from++ == MAX_ORDER)
			return NULL;
	}
	page = list_first_entry(&free_lists[from], struct page, node);
	unlist_block(page);
	/* At the first use of a 4 MiB block its part of the memory map is still to be cleared. */
	ready_chunk(page_pfn(page));
	while (from > order) {
		from--;
		/* Split the block: the upper half goes back to the free lists. */
		list_block(page_pfn(page) + (1ul << from), from);
	}
	page->state = PAGE_USED;
	page->order = (u8)order;
	stats.free_pages -= 1ul << order;
	return page;
}

/* Needs no lock, because the block is in no list any more and belongs to the caller. */
static void check_poison(struct page *page)
{
	char *addr = page_address(page);

	for (unsigned int i = 0; i < 1u << page->order; i++, addr += PAGE_SIZE) {
		if (page[i].poisoned)
			poison_allocated(addr, PAGE_SIZE);
		else
			poison_fresh(addr, PAGE_SIZE);
		page[i].poisoned = false;
	}
}

static void poison_pages(struct page *page, unsigned int order, unsigned long freer)
{
	char *addr = page_address(page);

	for (unsigned int i = 0; i < 1u << order; i++, addr += PAGE_SIZE) {
		poison_freed(addr, PAGE_SIZE, freer);
		page[i].poisoned = true;
	}
}

const void *pages_free_damage(void)
{
	const void *damage = NULL;
	unsigned long flags;
	struct page *page;

	spin_lock_irqsave(&pages_lock, flags);
	for (unsigned int order = 0; order <= MAX_ORDER; order++) {
		list_for_each_entry(page, &free_lists[order], node) {
			/* A chunk that was never taken has no valid struct page but its first. */
			for (unsigned int i = 0;
			     *chunk_flag(page_pfn(page)) && i < 1u << order; i++) {
				if (page[i].poisoned && !damage)
					damage = poison_damage(page_address(page + i), PAGE_SIZE);
			}
		}
	}
	spin_unlock_irqrestore(&pages_lock, flags);
	return damage;
}

void *get_free_pages(unsigned int order)
{
	struct page *page;
	unsigned long flags;

	if (order > MAX_ORDER)
		return NULL;
	spin_lock_irqsave(&pages_lock, flags);
	page = take_block(order);
	spin_unlock_irqrestore(&pages_lock, flags);
	if (page && unlikely(mm_poison))
		check_poison(page);
	if (page)
		kasan_alloc_pages(page_address(page), order);
	return page ? page_address(page) : NULL;
}

/* What is in KASAN's quarantine is memory too. */
static void *get_pages(unsigned int order)
{
	void *addr = get_free_pages(order);

	return addr || !kasan_settle() ? addr : get_free_pages(order);
}

void *alloc_pages(unsigned int order, gfp_t gfp)
{
	void *addr = should_fail_alloc() ? NULL : get_pages(order);

	if (addr && (gfp & __GFP_ZERO))
		memset(addr, 0, PAGE_SIZE << order);
	if (trace_mm_page_alloc_enabled())
		trace_mm_page_alloc(addr ? page_pfn(page_of(addr)) : -1ul, order, gfp, 0);
	return addr;
}

void free_pages(void *addr, unsigned int order)
{
	struct page *page = page_of(addr);
	unsigned long flags;

	if (!addr || kasan_is_free(addr, _RET_IP_))
		return;
	if (!page || (unsigned long)addr % PAGE_SIZE)
		panic("free_pages(%p, %u): not an address of a page", addr, order);
	if (trace_mm_page_free_enabled())
		trace_mm_page_free(page_pfn(page), order);
	/* Checked under the lock, so that the second of two concurrent frees is noticed. */
	spin_lock_irqsave(&pages_lock, flags);
	if (page->state != PAGE_USED)
		panic("free_pages(%p, %u): not allocated, or freed twice", addr, order);
	if (page->order != order)
		panic("free_pages(%p, %u): was allocated with order %u", addr, order, page->order);
	page->state = PAGE_NONE;
	if (unlikely(mm_poison))
		poison_pages(page, order, (unsigned long)__builtin_return_address(0));
	kasan_free_pages(addr, order);
	merge_block(page_pfn(page), order);
	spin_unlock_irqrestore(&pages_lock, flags);
}

/* Give frames [pfn, end) to the allocator, in blocks as large as their alignment allows. */
static void add_frames(unsigned long pfn, unsigned long end)
{
	stats.total_pages += end - pfn;
	while (pfn < end) {
		unsigned int order = pfn ? (unsigned int)__builtin_ctzl(pfn) : MAX_ORDER;

		order = min(order, (unsigned int)MAX_ORDER);
		while ((1ul << order) > end - pfn)
			order--;
		if (order < MAX_ORDER)
			ready_chunk(pfn);
		merge_block(pfn, order);
		pfn += 1ul << order;
	}
}

void mm_release_range(unsigned long start, unsigned long end)
{
	unsigned long pfn = (unsigned long)(virt_to_phys((void *)start) >> PAGE_SHIFT);
	unsigned long nr = end > start ? (end - start) >> PAGE_SHIFT : 0;
	unsigned long flags;

	if (start % PAGE_SIZE || pfn < first_pfn || pfn + nr > end_pfn) {
		WARN(1, "mm_release_range: [%lx, %lx) is not known memory", start, end);
		return;
	}
	kasan_poison_pages((void *)start, end - start);
	spin_lock_irqsave(&pages_lock, flags);
	add_frames(pfn, pfn + nr);
	spin_unlock_irqrestore(&pages_lock, flags);
}

void page_alloc_init(struct page *map, u8 *ready, unsigned long first, unsigned long end)
{
	for (unsigned int i = 0; i <= MAX_ORDER; i++)
		INIT_LIST_HEAD(&free_lists[i]);
	memmap = map;
	chunk_ready = ready;
	first_pfn = first;
	end_pfn = end;
	memset(ready, 0, (end - first) >> MAX_ORDER);
}

void mm_get_stats(struct mm_stats *out)
{
	unsigned long flags;

	spin_lock_irqsave(&pages_lock, flags);
	*out = stats;
	spin_unlock_irqrestore(&pages_lock, flags);
	out->slab_pages = READ_ONCE(slab_page_count);
	out->free_pages += kasan_shadow_pages();
	out->vmap_pages = READ_ONCE(vmap_page_count);
	out->objects = slab_objects();
}

void mm_fail_after(int n)
{
	current->fail_alloc = n < 0 ? -1 : n;
}

/* `fail_alloc` is below -1 then: the allocation that counts it up to -1 is the one that fails. */
void mm_fail_once(int n)
{
	current->fail_alloc = -2 - n;
}

int mm_fail_left(void)
{
	return current->fail_alloc < -1 ? -2 - current->fail_alloc : current->fail_alloc;
}

/* An allocation in an interrupt is not the thread's, so it neither fails nor counts. */
bool should_fail_alloc(void)
{
	int left = current->fail_alloc;

	if (likely(left == -1) || in_interrupt())
		return false;
	if (left < 0)
		return ++current->fail_alloc == -1;
	if (!left)
		return true;
	current->fail_alloc = left - 1;
	return false;
}
