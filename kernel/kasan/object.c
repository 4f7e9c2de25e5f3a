/* SPDX-License-Identifier: MIT */
/*
 * Pages and objects: what of them may be accessed, who allocated and freed them, and the
 * quarantine, in which a freed object stays for a while, poisoned, before the allocator may hand it
 * out again. So an access that comes late is seen.
 */
#include "kernel/kasan/kasan_internal.h"
#include "kernel/lib/string.h"
#include "kernel/mm/mm_internal.h"
#include "kernel/mm/slab.h"
#include "kernel/sched/spinlock.h"

#define QUARANTINE_SHARE 64		/* of all memory */

static DEFINE_SPINLOCK(quarantine_lock);
static void *oldest, *newest;
static size_t held, most_held;		/* bytes */

__init void kasan_object_init(void)
{
	struct mm_stats stats;

	mm_get_stats(&stats);
	most_held = stats.total_pages * (PAGE_SIZE / QUARANTINE_SHARE);
}

/* --- Pages --- */

static void note_block(struct page *page, unsigned int order, const struct kasan_page *note)
{
	for (unsigned int i = 0; i < 1u << order; i++)
		page[i].kasan = *note;
}

void kasan_alloc_pages(void *addr, unsigned int order)
{
	struct page *page = page_of(addr);
	struct kasan_page note = { .start = (unsigned long)addr, .size = PAGE_SIZE << order };

	if (!kasan_enabled)
		return;
	note.alloc = kasan_track();
	note_block(page, order, &note);
	kasan_unpoison((unsigned long)addr, PAGE_SIZE << order);
}

void kasan_free_pages(void *addr, unsigned int order)
{
	struct page *page = page_of(addr);
	struct kasan_page note = page->kasan;

	if (!kasan_enabled)
		return;
	note.free = kasan_track();
	note_block(page, order, &note);
	kasan_poison((unsigned long)addr, PAGE_SIZE << order, KASAN_FREE_PAGE);
}

void *kasan_trim_pages(void *addr, size_t size)
{
	unsigned long rest = (unsigned long)addr + ALIGN_UP(size, GRANULE);
	struct page *page = page_of(addr);

	if (!addr)
		return NULL;
	page->kasan.size = size;
	kasan_poison(rest, (unsigned long)addr + (PAGE_SIZE << page->order) - rest,
		     KASAN_PAGE_REDZONE);
	kasan_unpoison((unsigned long)addr, size);
	return addr;
}

/* --- Objects --- */

static struct kasan_object *object_of(const struct kmem_cache *cache, const struct page *slab,
				      const void *obj)
{
	size_t offset = (size_t)((const char *)obj - (const char *)page_address(slab));

	return slab_kasan_objects(cache, slab) + offset / cache->size;
}

static struct page *slab_of(const void *obj)
{
	struct page *page = page_of(obj);

	return page - page->index;
}

void kasan_new_slab(const struct kmem_cache *cache, void *slab)
{
	memset(slab_kasan_objects(cache, page_of(slab)), 0,
	       cache->objects * sizeof(struct kasan_object));
	if (kasan_enabled)
		kasan_poison((unsigned long)slab, PAGE_SIZE << cache->order, KASAN_SLAB_REDZONE);
}

void kasan_alloc_object(void *obj, size_t size)
{
	const struct kmem_cache *cache;
	struct kasan_object *object;
	struct page *slab;

	if (!obj)
		return;
	slab = slab_of(obj);
	cache = slab->cache;
	object = object_of(cache, slab, obj);
	*object = (struct kasan_object){ .alloc = kasan_track(), .size = (u32)size };
	kasan_poison((unsigned long)obj, cache->size, KASAN_SLAB_REDZONE);
	kasan_unpoison((unsigned long)obj, size);
}

/* The quarantine's oldest object; NULL if it holds no more than @limit bytes. */
static void *take_oldest(size_t limit)
{
	unsigned long flags;
	void *obj = NULL;

	spin_lock_irqsave(&quarantine_lock, flags);
	if (held > limit) {
		struct page *slab = slab_of(oldest);

		obj = oldest;
		held -= slab->cache->size;
		oldest = object_of(slab->cache, slab, obj)->next;
	}
	spin_unlock_irqrestore(&quarantine_lock, flags);
	return obj;
}

static void release(size_t limit)
{
	void *obj;

	while ((obj = take_oldest(limit)))
		slab_free_at_last(obj);
}

bool kasan_settle(void)
{
	bool any = READ_ONCE(held);

	release(0);
	return any;
}

/* Under the lock, so that the second of two concurrent frees is noticed. */
static bool put_newest(const struct kmem_cache *cache, void *obj, struct kasan_object *object,
		       struct kasan_track freer)
{
	const u8 *shadow = kasan_shadow((unsigned long)obj);
	unsigned long flags;
	bool in_use;

	spin_lock_irqsave(&quarantine_lock, flags);
	in_use = *shadow != KASAN_FREE_OBJECT;
	if (in_use) {
		struct page *last = held ? slab_of(newest) : NULL;

		object->free = freer;
		object->next = NULL;
		kasan_poison((unsigned long)obj, cache->size, KASAN_FREE_OBJECT);
		/* The link is in the slab's notes, not in the object, which nobody may touch. */
		if (last)
			object_of(last->cache, last, newest)->next = obj;
		else
			oldest = obj;
		newest = obj;
		held += cache->size;
	}
	spin_unlock_irqrestore(&quarantine_lock, flags);
	return in_use;
}

bool kasan_free_object(const struct kmem_cache *cache, void *obj, unsigned long ip)
{
	struct page *slab = slab_of(obj);
	size_t offset = (size_t)((char *)obj - (char *)page_address(slab));
	struct kasan_object *object = object_of(cache, slab, obj);

	if (offset % cache->size || offset / cache->size >= cache->objects || !object->size)
		kasan_report_free((unsigned long)obj, "free of what is no object", ip);
	else if (!put_newest(cache, obj, object, kasan_track()))
		kasan_report_free((unsigned long)obj, "double free", ip);
	release(most_held);
	return true;
}

bool kasan_is_free(const void *addr, unsigned long ip)
{
	u8 shadow = arch_load_nofault(kasan_shadow((unsigned long)addr));

	if (!kasan_enabled || (shadow != KASAN_FREE_PAGE && shadow != KASAN_FREE_OBJECT))
		return false;
	kasan_report_free((unsigned long)addr, "double free", ip);
	return true;
}

size_t kasan_usable(const void *addr, size_t room)
{
	struct page *page = page_of(addr);

	if (page->state == PAGE_SLAB) {
		page -= page->index;
		return object_of(page->cache, page, addr)->size;
	}
	return page->kasan.size;
}

/* --- For reports --- */

static void find_object(struct kasan_report *report, const struct page *slab)
{
	const struct kmem_cache *cache = slab->cache;
	unsigned long start = (unsigned long)page_address(slab);
	size_t index = (report->bad - start) / cache->size;
	const struct kasan_object *object;

	/* The first place has no object. */
	index = clamp(index, (size_t)1, (size_t)cache->objects - 1);
	object = slab_kasan_objects(cache, slab) + index;
	if (!object->size)
		return;
	report->start = start + index * cache->size;
	report->length = object->size;
	report->alloc = object->alloc;
	report->free = object->free;
}

void kasan_find_page(struct kasan_report *report)
{
	const struct page *page = page_of((const void *)report->bad);

	if (!page)
		return;
	if (page->state == PAGE_SLAB) {
		find_object(report, page - page->index);
		return;
	}
	report->start = page->kasan.start;
	report->length = page->kasan.size;
	report->alloc = page->kasan.alloc;
	report->free = page->kasan.free;
}
