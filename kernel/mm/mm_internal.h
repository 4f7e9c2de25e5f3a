/* SPDX-License-Identifier: MIT */
/*
 * struct page, and what else the three allocators share. There is one struct page for each page
 * frame; they form the memory map, an array that mm_init.c makes at boot.
 *
 *   state        head page                            other pages of the same block
 *   PAGE_NONE    hole, reserved, or not a head        always PAGE_NONE, unless a slab's
 *   PAGE_FREE    free block of 2^order pages, listed
 *   PAGE_USED    allocated block of 2^order pages
 *   PAGE_SLAB    first page of a slab (index 0)       PAGE_SLAB with its index in the slab
 */
#pragma once
#include "kernel/kasan/kasan.h"
#include "kernel/lib/list.h"
#include "kernel/mm/mm.h"

#define MAX_ORDER 10		/* largest block: 4 MiB */

enum page_state { PAGE_NONE, PAGE_FREE, PAGE_USED, PAGE_SLAB };

struct kmem_cache;

#if KASAN
/* What KASAN knows about a page: the block that it is, or last was, a part of. */
struct kasan_page {
	unsigned long start;
	size_t size;			/* what was asked for */
	struct kasan_track alloc, free;
};
#endif

struct page {
	u8 state : 4;
	u8 poisoned : 1;		/* free, and filled by poison_freed() */
	u8 order;
	u16 index;			/* PAGE_SLAB: its index among the slab's pages */
	u16 inuse, first_free;		/* PAGE_SLAB, index 0: objects in use; first free object */
	struct list_head node;		/* in a free list, or the cache's partial list */
	struct kmem_cache *cache;
#if KASAN
	struct kasan_page kasan;
#endif
};

#if KASAN
#define __asked_by_reports notrace	/* of KASAN, which come from anywhere */
#else
#define __asked_by_reports
#endif
/* The struct page of an address in the direct map; NULL if the allocator does not know it. */
__asked_by_reports struct page *page_of(const void *addr);
__asked_by_reports void *page_address(const struct page *page);
/* The same as alloc_pages(), but not counted by fault injection. */
void *get_free_pages(unsigned int order);
/* Is fault injection to make this allocation fail? Counts the allocation. */
bool should_fail_alloc(void);

/* poison.c. Sizes are multiples of 4. */
extern bool mm_poison;
void poison_init(void);
/* Fill memory that is being freed by the code at @freer. */
void poison_freed(void *memory, size_t size, unsigned long freer);
/*
 * Panic if the memory has changed since poison_freed(); otherwise fill it as poison_fresh() does.
 */
void poison_allocated(void *memory, size_t size);
/* Fill newly allocated memory. */
void poison_fresh(void *memory, size_t size);
/* The first word that has changed since poison_freed(), or NULL. */
const void *poison_damage(const void *memory, size_t size);
/* The first changed word in the free objects of all caches, or in all free pages; NULL: none. */
const void *slab_free_damage(void);
const void *pages_free_damage(void);

/* slab.c: free an object that was in quarantine. */
void slab_free_at_last(void *obj);

/* For mm_get_stats(). */
extern unsigned long slab_page_count, vmap_page_count;
unsigned long slab_objects(void);
/* At boot, in this order: set up the memory map @map of frames [first, end), then the caches. */
void page_alloc_init(struct page *map, u8 *ready, unsigned long first, unsigned long end);
void slab_init(void);
