/* SPDX-License-Identifier: MIT */
/*
 * struct page and what the three allocators share. There is one struct page per
 * page frame, in the memory map, an array that page_alloc.c makes at boot.
 *
 *   state        head page                            other pages of the same block
 *   PAGE_NONE    hole, reserved, or not a head        always PAGE_NONE, unless a slab's
 *   PAGE_FREE    free block of 2^order pages, listed
 *   PAGE_USED    allocated block of 2^order pages
 *   PAGE_SLAB    first page of a slab (index 0)       PAGE_SLAB with its index in the slab
 */
#pragma once
#include "kernel/lib/list.h"
#include "kernel/mm/mm.h"

#define MAX_ORDER 10		/* largest block: 4 MiB */

enum page_state { PAGE_NONE, PAGE_FREE, PAGE_USED, PAGE_SLAB };

struct kmem_cache;

struct page {
	u8 state : 4;
	u8 poisoned : 1;		/* not allocated since it was filled by poison_freed() */
	u8 order;
	u16 index;			/* PAGE_SLAB: which page of its slab */
	u16 inuse, first_free;		/* PAGE_SLAB, index 0: objects, head of the free chain */
	struct list_head node;		/* in a free list, or the cache's partial list */
	struct kmem_cache *cache;
};

/* The struct page of a direct-map address; NULL when the allocator does not know the page. */
struct page *page_of(const void *addr);
void *page_address(const struct page *page);
/* As alloc_pages(), but fault injection does not count it. */
void *get_free_pages(unsigned int order);
/* True when fault injection wants this allocation to fail. */
bool should_fail_alloc(void);

/* poison.c. The sizes are multiples of 4; @freer is who asked for it. */
extern bool mm_poison;
void poison_init(void);
void poison_freed(void *memory, size_t size, unsigned long freer);
/* Panic unless it is as poison_freed() left it; then leave it as poison_fresh() does. */
void poison_allocated(void *memory, size_t size);
void poison_fresh(void *memory, size_t size);
/* The first word that poison_freed() did not leave so, or NULL. */
const void *poison_damage(const void *memory, size_t size);
void poison_report(const void *memory, size_t size, const void *damage) __noreturn;
const void *slab_free_damage(void);
const void *pages_free_damage(void);

/* For mm_get_stats(). */
extern unsigned long slab_page_count, vmap_page_count;
unsigned long slab_objects(void);
/* Boot, in this order: the memory map @map of frames [first, end), then the caches. */
void page_alloc_init(struct page *map, u8 *ready, unsigned long first, unsigned long end);
void slab_init(void);
