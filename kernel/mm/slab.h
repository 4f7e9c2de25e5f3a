/* SPDX-License-Identifier: MIT */
/*
 * How slabs are laid out: for slab.c, and for KASAN, which has something to say about each object.
 * A slab is a block of pages that is divided into objects of one size. At its end it has a u16 for
 * each object, which links the free ones and marks those in use.
 *
 *   | object 0 | object 1 | ... | object n-1 |  unused  | next[0] .. next[n-1] |
 *
 * With KASAN a struct kasan_object for each object comes before those, and object 0 is never given
 * away: like the red zone behind each object it is there to be hit.
 */
#pragma once
#include "kernel/mm/mm_internal.h"
#include "kernel/sched/spinlock.h"

struct kmem_cache {
	const char *name;
	spinlock_t lock;
	u32 size;			/* distance from one object to the next, in bytes */
	u32 reciprocal;			/* 2^32 / size, rounded up: makes an offset an index */
	u16 objects, order;		/* objects in a slab; a slab has 2^order pages */
	unsigned int nr_empty;		/* slabs in `partial` with no object in use: 0 or 1 */
	unsigned int nr_used;		/* objects in use */
	struct list_head partial;	/* slabs with a free object */
	struct kmem_cache *next;	/* of all_caches */
#if KASAN
	size_t object_size;		/* without the red zone; 0 in kmalloc()'s caches */
#endif
};

static inline size_t slab_object_size(const struct kmem_cache *cache)
{
#if KASAN
	return cache->object_size;
#else
	return cache->size;
#endif
}

static inline u16 *slab_chain(const struct kmem_cache *cache, const struct page *slab)
{
	char *end = (char *)page_address(slab) + (PAGE_SIZE << cache->order);

	return (u16 *)end - cache->objects;
}

static inline struct kasan_object *slab_kasan_objects(const struct kmem_cache *cache,
						      const struct page *slab)
{
	unsigned long chain = (unsigned long)slab_chain(cache, slab);

	return (struct kasan_object *)ALIGN_DOWN(chain, sizeof(u64)) - cache->objects;
}
