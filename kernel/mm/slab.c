/* SPDX-License-Identifier: MIT */
/*
 * Small objects, in slabs (slab.h has a picture). The allocator keeps nothing in the objects
 * themselves, and notices a wrong or repeated free at once.
 */
#include "kernel/bug.h"
#include "kernel/events/kmem.h"
#include "kernel/lib/string.h"
#include "kernel/lockdep.h"
#include "kernel/mm/slab.h"

#define CHAIN_END 0xfffe
#define IN_USE 0xffff
#define MAX_SLAB_ORDER 3

unsigned long slab_page_count;
static struct kmem_cache *all_caches;	/* only ever grows */

/* kmalloc()'s sizes. An object whose size is a power of two is aligned to its size. */
static const u16 kmalloc_sizes[] = { 16, 32, 48, 64, 96, 128, 192, 256, 384, 512, 768, 1024, 2048 };
#define KMALLOC_SLAB_MAX 2048
static struct kmem_cache kmalloc_caches[ARRAY_SIZE(kmalloc_sizes)];
/* kmalloc_index[(size - 1) / 16] is the index of the smallest size that is enough for size. */
static u8 kmalloc_index[KMALLOC_SLAB_MAX / 16];

/* Choose the smallest slab of which the objects fill at least seven eighths. */
static void choose_order(struct kmem_cache *cache)
{
	for (unsigned int order = 0; ; order++) {
		u32 bytes = (u32)PAGE_SIZE << order;
		u32 objects = (bytes - KASAN * (u32)sizeof(u64)) /
			      (cache->size + (u32)(sizeof(u16) + KASAN_OBJECT_SIZE));

		if (order < MAX_SLAB_ORDER && bytes - objects * cache->size > bytes / 8)
			continue;
		cache->order = (u16)order;
		cache->objects = (u16)objects;
		return;
	}
}

static void init_cache(struct kmem_cache *cache, const char *name, size_t size, size_t align)
{
	cache->name = name;
	spin_lock_init(&cache->lock);
	cache->size = (u32)ALIGN_UP(size, align);
	cache->reciprocal = (u32)(((1ull << 32) + cache->size - 1) / cache->size);
	cache->nr_empty = cache->nr_used = 0;
	INIT_LIST_HEAD(&cache->partial);
	choose_order(cache);
	cache->next = __atomic_load_n(&all_caches, __ATOMIC_RELAXED);
	while (!__atomic_compare_exchange_n(&all_caches, &cache->next, cache, false,
					    __ATOMIC_RELEASE, __ATOMIC_RELAXED))
		;
}

static struct page *new_slab(struct kmem_cache *cache)
{
	void *addr = get_free_pages(cache->order);
	struct page *slab;
	u16 *chain;

	if (!addr)
		return NULL;
	slab = page_of(addr);
	for (u16 i = 0; i < 1u << cache->order; i++) {
		/* The index leads from any page to the slab's first one, which describes it. */
		slab[i].state = PAGE_SLAB;
		slab[i].index = i;
	}
	chain = slab_chain(cache, slab);
	for (u16 i = 0; i < cache->objects; i++)
		chain[i] = i + 1 < cache->objects ? i + 1 : CHAIN_END;
	slab->cache = cache;
	slab->inuse = 0;
	slab->first_free = KASAN;
	if (KASAN)
		chain[0] = IN_USE;
	kasan_new_slab(cache, addr);
	for (u32 i = 0; unlikely(mm_poison) && i < cache->objects; i++)
		poison_freed((char *)addr + i * cache->size, cache->size,
			     (unsigned long)__builtin_return_address(0));
	__atomic_fetch_add(&slab_page_count, 1ul << cache->order, __ATOMIC_RELAXED);
	return slab;
}

static void free_slab(struct page *slab)
{
	unsigned int order = slab->cache->order;

	for (unsigned int i = 1; i < 1u << order; i++)
		slab[i].state = PAGE_NONE;
	slab->state = PAGE_USED;
	__atomic_fetch_sub(&slab_page_count, 1ul << order, __ATOMIC_RELAXED);
	free_pages(page_address(slab), order);
}

/* Take a free object. The caller holds the lock, and the partial list is not empty. */
static void *take_object(struct kmem_cache *cache)
{
	struct page *slab = list_first_entry(&cache->partial, struct page, node);
	u16 *chain = slab_chain(cache, slab);
	u16 index = slab->first_free;

	lockdep_assert_held(&cache->lock);
	slab->first_free = chain[index];
	chain[index] = IN_USE;
	cache->nr_used++;
	if (!slab->inuse++)
		cache->nr_empty--;
	if (slab->first_free == CHAIN_END)
		list_del(&slab->node);
	return (char *)page_address(slab) + index * cache->size;
}

static void *alloc_object(struct kmem_cache *cache)
{
	unsigned long flags;
	struct page *slab;
	void *obj;

	spin_lock_irqsave(&cache->lock, flags);
	if (list_empty(&cache->partial)) {
		/* Called with the cache locked: the page allocator never calls back into slabs. */
		slab = new_slab(cache);
		if (!slab) {
			spin_unlock_irqrestore(&cache->lock, flags);
			return kasan_settle() ? alloc_object(cache) : NULL;
		}
		list_add(&slab->node, &cache->partial);
		cache->nr_empty++;
	}
	obj = take_object(cache);
	spin_unlock_irqrestore(&cache->lock, flags);
	if (unlikely(mm_poison))
		poison_allocated(obj, cache->size);
	return obj;
}

/* Put the object back. Returns its slab if the caller is to free that, otherwise NULL. */
static struct page *return_object(struct kmem_cache *cache, struct page *slab, void *obj,
				  unsigned long freer)
{
	u32 offset = (u32)((char *)obj - (char *)page_address(slab));
	u32 index = (u32)((u64)offset * cache->reciprocal >> 32);
	u16 *chain = slab_chain(cache, slab);

	lockdep_assert_held(&cache->lock);
	/*
	 * The multiplication replaces a division and is exact for every offset in a slab.
	 * Multiplying the index again finds pointers that are not the start of an object.
	 */
	if (index >= cache->objects || index * cache->size != offset)
		panic("kfree(%p): not the start of an object of cache %s-%u", obj, cache->name,
		      cache->size);
	if (chain[index] != IN_USE)
		panic("kfree(%p): freed twice (cache %s-%u)", obj, cache->name, cache->size);
	if (unlikely(mm_poison))
		poison_freed(obj, cache->size, freer);
	if (slab->first_free == CHAIN_END)
		list_add(&slab->node, &cache->partial);
	chain[index] = slab->first_free;
	slab->first_free = (u16)index;
	cache->nr_used--;
	if (--slab->inuse)
		return NULL;
	/*
	 * A cache keeps one empty slab, so that allocating and freeing a single object in turn does
	 * not allocate and free pages each time.
	 */
	if (!cache->nr_empty) {
		cache->nr_empty = 1;
		return NULL;
	}
	list_del(&slab->node);
	return slab;
}

static void free_object(struct kmem_cache *cache, struct page *slab, void *obj,
			unsigned long freer)
{
	struct page *empty;
	unsigned long flags;

	spin_lock_irqsave(&cache->lock, flags);
	empty = return_object(cache, slab, obj, freer);
	spin_unlock_irqrestore(&cache->lock, flags);
	if (empty)
		free_slab(empty);
}

#if KASAN
void slab_free_at_last(void *obj)
{
	struct page *page = page_of(obj), *slab = page - page->index;

	free_object(slab->cache, slab, obj, _RET_IP_);
}
#endif

/* Only slabs with a free object are in the list; the lock keeps them unchanged meanwhile. */
static const void *cache_damage(struct kmem_cache *cache)
{
	const void *damage = NULL;
	unsigned long flags;
	struct page *slab;

	spin_lock_irqsave(&cache->lock, flags);
	list_for_each_entry(slab, &cache->partial, node) {
		const u16 *chain = slab_chain(cache, slab);

		for (u32 i = 0; i < cache->objects && !damage; i++) {
			/* Only free objects hold the poison; the others hold data. */
			if (chain[i] != IN_USE)
				damage = poison_damage((char *)page_address(slab) + i * cache->size,
						       cache->size);
		}
	}
	spin_unlock_irqrestore(&cache->lock, flags);
	return damage;
}

const void *slab_free_damage(void)
{
	struct kmem_cache *cache = __atomic_load_n(&all_caches, __ATOMIC_ACQUIRE);
	const void *damage = NULL;

	for (; cache && !damage; cache = cache->next)
		damage = cache_damage(cache);
	return damage;
}

unsigned long slab_objects(void)
{
	unsigned long sum = 0;

	for (unsigned int i = 0; i < ARRAY_SIZE(kmalloc_sizes); i++)
		sum += READ_ONCE(kmalloc_caches[i].nr_used);
	return sum;
}

static unsigned int size_order(size_t size)
{
	unsigned int order = 0;

	while (PAGE_SIZE << order < size)
		order++;
	return order;
}

void *kmalloc(size_t size, gfp_t gfp)
{
	void *ptr;

	if (size > PAGE_SIZE << MAX_ORDER)
		return NULL;
	if (size > KMALLOC_SLAB_MAX - KASAN_RED_ZONE)
		return kasan_trim_pages(alloc_pages(size_order(size), gfp), size);
	if (should_fail_alloc())
		return NULL;
	/* Whoever asks for nothing gets an address that is its own, and can free it. */
	size = max(size, (size_t)1);
	ptr = alloc_object(&kmalloc_caches[kmalloc_index[(size + KASAN_RED_ZONE - 1) / 16]]);
	kasan_alloc_object(ptr, size);
	if (ptr && (gfp & __GFP_ZERO))
		memset(ptr, 0, size);
	/* ksize() looks for the slab: only for an event that somebody wants. */
	if (trace_kmalloc_enabled())
		trace_kmalloc(_RET_IP_, ptr, size, ksize(ptr), gfp, -1);
	return ptr;
}

/* The struct page that describes @ptr's slab or block; panics if @ptr is in none. */
static struct page *owner_page(const void *ptr, const char *who)
{
	struct page *page = page_of(ptr);

	if (page && page->state == PAGE_SLAB)
		return page - page->index;
	if (!page || page->state != PAGE_USED || (unsigned long)ptr % PAGE_SIZE)
		panic("%s(%p): not allocated, or freed already", who, ptr);
	return page;
}

void kfree(void *ptr)
{
	struct page *page;

	trace_kfree(_RET_IP_, ptr);
	if (!ptr || kasan_is_free(ptr, _RET_IP_))
		return;
	page = owner_page(ptr, "kfree");
	if (page->state != PAGE_SLAB)
		free_pages(ptr, page->order);
	else if (!kasan_free_object(page->cache, ptr, _RET_IP_))
		free_object(page->cache, page, ptr, _RET_IP_);
}

size_t ksize(const void *ptr)
{
	const struct page *page;

	if (!ptr)
		return 0;
	page = owner_page(ptr, "ksize");
	return kasan_usable(ptr, page->state == PAGE_SLAB ? page->cache->size :
			    PAGE_SIZE << page->order);
}

struct kmem_cache *kmem_cache_create(const char *name, size_t size, size_t align)
{
	struct kmem_cache *cache;

	align = max(align, KASAN ? sizeof(u64) : sizeof(void *));
	if (!size || size > PAGE_SIZE || align > PAGE_SIZE || (align & (align - 1)))
		return NULL;
	cache = kmalloc(sizeof(*cache), GFP_KERNEL);
	if (cache)
		init_cache(cache, name, size + KASAN_RED_ZONE, align);
#if KASAN
	if (cache)
		cache->object_size = size;
#endif
	return cache;
}

void *kmem_cache_alloc(struct kmem_cache *cache, gfp_t gfp)
{
	void *obj = should_fail_alloc() ? NULL : alloc_object(cache);

	if (obj && (gfp & __GFP_ZERO))
		memset(obj, 0, cache->size);
	kasan_alloc_object(obj, slab_object_size(cache));
	trace_kmem_cache_alloc(_RET_IP_, obj, cache->name, slab_object_size(cache), cache->size,
			       gfp, -1);
	return obj;
}

void kmem_cache_free(struct kmem_cache *cache, void *obj)
{
	struct page *slab;

	if (!obj || kasan_is_free(obj, _RET_IP_))
		return;
	trace_kmem_cache_free(_RET_IP_, obj, cache->name);
	slab = owner_page(obj, "kmem_cache_free");
	if (slab->state != PAGE_SLAB || slab->cache != cache)
		panic("kmem_cache_free(%p): not an object of cache %s", obj, cache->name);
	if (!kasan_free_object(cache, obj, _RET_IP_))
		free_object(cache, slab, obj, _RET_IP_);
}

void slab_init(void)
{
	unsigned int cache = 0;

	for (unsigned int i = 0; i < ARRAY_SIZE(kmalloc_sizes); i++)
		init_cache(&kmalloc_caches[i], "kmalloc", kmalloc_sizes[i], 1);
	for (unsigned int i = 0; i < ARRAY_SIZE(kmalloc_index); i++) {
		if ((i + 1) * 16 > kmalloc_sizes[cache])
			cache++;
		kmalloc_index[i] = (u8)cache;
	}
}
