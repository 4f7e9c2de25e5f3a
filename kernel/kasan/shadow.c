/* SPDX-License-Identifier: MIT */
/*
 * The memory of the shadow: that of RAM and of the kernel's image is made at boot, that of
 * vmalloc()'s and modules' addresses when they are first used, and all of it stays. A page of
 * shadow is for eight pages, which may belong to different areas.
 */
#include "kernel/boot_info.h"
#include "kernel/bug.h"
#include "kernel/kasan/kasan_internal.h"
#include "kernel/lib/errno.h"
#include "kernel/lib/string.h"
#include "kernel/mm/mm_internal.h"
#include "kernel/sched/spinlock.h"

#define NR_AREAS 256
#define PER_PAGE (GRANULE * PAGE_SIZE)	/* what a page of shadow is for */

/* The areas that were last allocated or freed, the oldest overwritten: for reports. */
static struct area {
	unsigned long start;
	size_t size;
	struct kasan_track alloc, free;
} areas[NR_AREAS];
static unsigned int next_area;
static DEFINE_SPINLOCK(areas_lock);

_Static_assert(KASAN_SHADOW_OFFSET == COMPILER_SHADOW_OFFSET, "arch/ARCH/meson.build says it too");

extern char __start_constructors[], __stop_constructors[];

static unsigned long nr_area_pages;	/* of shadow */

void kasan_poison(unsigned long start, size_t size, u8 value)
{
	memset(kasan_shadow(start), value, size / GRANULE);
}

void kasan_unpoison(unsigned long start, size_t size)
{
	kasan_poison(start, size, 0);
	if (size % GRANULE)
		*kasan_shadow(start + size) = (u8)(size % GRANULE);
}

static bool is_mapped(const u8 *shadow)
{
	u8 byte;

	return !arch_read_nofault(&byte, shadow, 1);
}

/* The page of shadow at @shadow. 0, -ENOMEM, or -EBUSY when another CPU was faster. */
static int make_page(u8 *shadow, u8 value)
{
	void *page = get_free_pages(0);
	int err;

	if (!page)
		return -ENOMEM;
	memset(page, value, PAGE_SIZE);
	err = arch_map_page((unsigned long)shadow, virt_to_phys(page), PROT_WRITE);
	if (err)
		free_page(page);
	return err;
}

/* Make what is missing of the shadow of [start, start + size): how many pages, or -ENOMEM. */
static int make_shadow(unsigned long start, size_t size, u8 value)
{
	u8 *shadow = (u8 *)((unsigned long)kasan_shadow(start) & PAGE_MASK);
	u8 *last = kasan_shadow(start + size - 1);
	int made = 0;

	for (; shadow <= last; shadow += PAGE_SIZE) {
		int err = is_mapped(shadow) ? -EBUSY : make_page(shadow, value);

		if (err == -ENOMEM)
			return err;
		made += !err;
	}
	return made;
}

static __init void make_boot_shadow(phys_addr_t start, phys_addr_t end, u8 value)
{
	start = ALIGN_UP(start, PAGE_SIZE);
	end = ALIGN_DOWN(min(end, (phys_addr_t)DIRECT_MAP_SIZE), PAGE_SIZE);
	if (start >= end)
		return;
	if (make_shadow((unsigned long)phys_to_virt(start), (size_t)(end - start), value) < 0)
		panic("KASAN: too little memory for its shadow, an eighth of all");
}

/* What is in use already may be accessed. Not all that is reserved is RAM, and has a shadow. */
static __init void unpoison_reserved(const struct boot_range *range)
{
	phys_addr_t at = ALIGN_DOWN(range->start, PAGE_SIZE);
	phys_addr_t end = min(ALIGN_UP(range->start + range->size, PAGE_SIZE),
			      (phys_addr_t)DIRECT_MAP_SIZE);

	while (at < end) {
		phys_addr_t next = min(end, ALIGN_DOWN(at, PER_PAGE) + PER_PAGE);
		unsigned long va = (unsigned long)phys_to_virt(at);

		if (is_mapped(kasan_shadow(va)))
			kasan_unpoison(va, (size_t)(next - at));
		at = next;
	}
}

/* Free memory is poisoned from the start. */
__init void kasan_init(void)
{
	const struct boot_info *info = &boot_info;

	for (unsigned int i = 0; i < info->nr_memory; i++)
		make_boot_shadow(info->memory[i].start,
				 info->memory[i].start + info->memory[i].size, KASAN_FREE_PAGE);
	for (unsigned int i = 0; i < info->nr_reserved; i++)
		unpoison_reserved(&info->reserved[i]);
	if (make_shadow((unsigned long)_text, (size_t)(_end - _text), 0) < 0)
		panic("KASAN: too little memory for the shadow of the image");
	kasan_construct((unsigned long)__start_constructors,
			(size_t)(__stop_constructors - __start_constructors));
	kasan_stack_init();
	kasan_object_init();
	kasan_enabled = true;
}

/* Init memory of the image, or of a boot loader's: nobody has told that it is RAM. */
void kasan_poison_pages(void *addr, size_t size)
{
	if (kasan_enabled && make_shadow((unsigned long)addr, size, KASAN_FREE_PAGE) >= 0)
		kasan_poison((unsigned long)addr, size, KASAN_FREE_PAGE);
}

/* --- What has an area of addresses of its own --- */

static struct area *find_area(unsigned long addr)
{
	/* The newest first: addresses are used again. */
	for (unsigned int i = 1; i <= NR_AREAS; i++) {
		struct area *area = &areas[(next_area - i) % NR_AREAS];

		if (area->start && addr - area->start < ALIGN_UP(area->size, PAGE_SIZE))
			return area;
	}
	return NULL;
}

int kasan_map_shadow(unsigned long start, size_t size)
{
	int made = make_shadow(start, size, KASAN_FREE_AREA);

	if (made > 0)
		__atomic_fetch_add(&nr_area_pages, (unsigned long)made, __ATOMIC_RELAXED);
	return made < 0 ? made : 0;
}

unsigned long kasan_shadow_pages(void)
{
	return READ_ONCE(nr_area_pages);
}

void kasan_alloc_area(unsigned long start, size_t size)
{
	struct area area = { .start = start, .size = size, .alloc = kasan_track() };
	size_t used = ALIGN_UP(size, GRANULE);
	unsigned long flags;

	/* What was there before an area grew is in use meanwhile, and must not be poisoned. */
	kasan_unpoison(start, size);
	kasan_poison(start + used, ALIGN_UP(size, PAGE_SIZE) - used, KASAN_AREA_REDZONE);
	spin_lock_irqsave(&areas_lock, flags);
	areas[next_area++ % NR_AREAS] = area;
	spin_unlock_irqrestore(&areas_lock, flags);
}

void kasan_free_area(unsigned long start, size_t size)
{
	struct kasan_track track = kasan_track();
	struct area *area;
	unsigned long flags;

	/* Where memory was out for the shadow, there is none. */
	for (unsigned long at = start; at - start < size; at += PAGE_SIZE) {
		if (is_mapped(kasan_shadow(at)))
			kasan_poison(at, PAGE_SIZE, KASAN_FREE_AREA);
	}
	spin_lock_irqsave(&areas_lock, flags);
	area = find_area(start);
	if (area)
		area->free = track;
	spin_unlock_irqrestore(&areas_lock, flags);
}

/* Without the lock, which may be held: a report is better than none. */
void kasan_find_area(struct kasan_report *report)
{
	const struct area *area = find_area(report->bad);

	if (!area)
		return;
	report->start = area->start;
	report->length = area->size;
	report->alloc = area->alloc;
	report->free = area->free;
}
