/* SPDX-License-Identifier: MIT */
/*
 * Mapped memory: pages from anywhere in RAM, side by side in virtual space,
 * with an unmapped guard page on either side, so that an overrun (of a stack,
 * above all) faults. vmalloc() gives data, execmem_alloc() code.
 */
#include <asm/memory.h>
#include "kernel/bug.h"
#include "kernel/errno.h"
#include "kernel/mm_internal.h"
#include "kernel/spinlock.h"
#include "kernel/string.h"

/* One allocation. In its space, a guard page follows the pages. */
struct vmap_area {
	struct list_head node;
	unsigned long start;
	size_t nr_pages, nr_mapped;
	void *pages[];			/* direct-map addresses */
};

/* A part of the address space; its first page is a guard, too. Areas are in address order. */
struct vmap_region {
	unsigned long start, end;
	unsigned int prot;
	spinlock_t lock;
	struct list_head areas;
};

static struct vmap_region data_region = {
	VMAP_START, VMAP_END, PROT_WRITE, SPINLOCK_INIT, LIST_HEAD_INIT(data_region.areas)
};
static struct vmap_region exec_region = {
	EXECMEM_START, EXECMEM_END, PROT_EXEC, SPINLOCK_INIT, LIST_HEAD_INIT(exec_region.areas)
};
static struct vmap_region module_region = {
	MODDATA_START, MODDATA_END, PROT_WRITE, SPINLOCK_INIT, LIST_HEAD_INIT(module_region.areas)
};

unsigned long vmap_page_count;

/* Find the first gap that is large enough, and put @area there. 0 or -ENOMEM. */
static int place_area(struct vmap_region *region, struct vmap_area *area)
{
	unsigned long at = region->start + PAGE_SIZE;
	unsigned long size = (area->nr_pages + 1) * PAGE_SIZE;
	struct vmap_area *next;
	unsigned long flags;
	int err = 0;

	spin_lock_irqsave(&region->lock, flags);
	list_for_each_entry(next, &region->areas, node) {
		if (next->start - at >= size)
			break;
		at = next->start + (next->nr_pages + 1) * PAGE_SIZE;
	}
	if (&next->node == &region->areas && region->end - at < size) {
		err = -ENOMEM;
	} else {
		area->start = at;
		list_add_tail(&area->node, &next->node);
	}
	spin_unlock_irqrestore(&region->lock, flags);
	return err;
}

/* The lock also keeps two callers from making the same page table. */
static int map_page(struct vmap_region *region, struct vmap_area *area, void *page)
{
	unsigned long flags;
	int err;

	spin_lock_irqsave(&region->lock, flags);
	err = arch_map_page(area->start + area->nr_mapped * PAGE_SIZE, virt_to_phys(page),
			    region->prot);
	spin_unlock_irqrestore(&region->lock, flags);
	if (!err) {
		area->pages[area->nr_mapped++] = page;
		__atomic_fetch_add(&vmap_page_count, 1, __ATOMIC_RELAXED);
	}
	return err;
}

/* Unmap and free all, the area too: its address space is free only after that. */
static void destroy_area(struct vmap_region *region, struct vmap_area *area)
{
	unsigned long flags;

	for (size_t i = 0; i < area->nr_mapped; i++) {
		spin_lock_irqsave(&region->lock, flags);
		arch_unmap_page(area->start + i * PAGE_SIZE);
		spin_unlock_irqrestore(&region->lock, flags);
	}
	/* Only now does no CPU know these pages any more. */
	arch_flush_tlbs();
	for (size_t i = 0; i < area->nr_mapped; i++)
		free_page(area->pages[i]);
	__atomic_fetch_sub(&vmap_page_count, area->nr_mapped, __ATOMIC_RELAXED);
	spin_lock_irqsave(&region->lock, flags);
	list_del(&area->node);
	spin_unlock_irqrestore(&region->lock, flags);
	kfree(area);
}

static int populate(struct vmap_region *region, struct vmap_area *area)
{
	while (area->nr_mapped < area->nr_pages) {
		void *page = alloc_page(GFP_KERNEL);
		int err = page ? map_page(region, area, page) : -ENOMEM;

		if (err) {
			free_page(page);
			return err;
		}
	}
	return 0;
}

static void *vmap_alloc(struct vmap_region *region, size_t size)
{
	size_t nr_pages = size / PAGE_SIZE + !!(size % PAGE_SIZE);
	struct vmap_area *area;

	if (!nr_pages || nr_pages >= (region->end - region->start) / PAGE_SIZE)
		return NULL;
	area = kmalloc(sizeof(*area) + nr_pages * sizeof(area->pages[0]), GFP_KERNEL);
	if (!area)
		return NULL;
	area->nr_pages = nr_pages;
	area->nr_mapped = 0;
	if (place_area(region, area)) {
		kfree(area);
		return NULL;
	}
	if (populate(region, area)) {
		destroy_area(region, area);
		return NULL;
	}
	return (void *)area->start;
}

static struct vmap_area *find_area(struct vmap_region *region, const void *addr)
{
	struct vmap_area *area, *found = NULL;
	unsigned long flags;

	spin_lock_irqsave(&region->lock, flags);
	list_for_each_entry(area, &region->areas, node) {
		if (area->start == (unsigned long)addr) {
			found = area;
			break;
		}
	}
	spin_unlock_irqrestore(&region->lock, flags);
	return found;
}

static void vmap_free(struct vmap_region *region, void *addr, const char *who)
{
	struct vmap_area *found = find_area(region, addr);

	if (!found)
		panic("%s(%p): not allocated, or freed already", who, addr);
	destroy_area(region, found);
}

void *vmalloc(size_t size)
{
	return vmap_alloc(&data_region, size);
}

void *vzalloc(size_t size)
{
	void *addr = vmap_alloc(&data_region, size);

	if (addr)
		memset(addr, 0, size);
	return addr;
}

void vfree(void *addr)
{
	if (addr)
		vmap_free(&data_region, addr, "vfree");
}

/* A jump into code that was never written, or is gone, is to trap. */
static int fill_with_breakpoints(void *addr, size_t size)
{
	u32 block[32];
	size_t at;
	int err = 0;

	for (size_t i = 0; i < ARRAY_SIZE(block); i++)
		block[i] = EXECMEM_FILL;
	for (at = 0; at < size && !err; at += sizeof(block))
		err = arch_text_write((char *)addr + at, block, sizeof(block));
	return err;
}

void *execmem_alloc(size_t size)
{
	void *addr = vmap_alloc(&exec_region, size);

	if (addr && fill_with_breakpoints(addr, ALIGN_UP(size, PAGE_SIZE))) {
		vmap_free(&exec_region, addr, "execmem_alloc");
		return NULL;
	}
	return addr;
}

void execmem_free(void *addr, size_t size)
{
	(void)size;
	if (addr)
		vmap_free(&exec_region, addr, "execmem_free");
}

void *module_data_alloc(size_t size)
{
	void *addr = vmap_alloc(&module_region, size);

	if (addr)
		memset(addr, 0, ALIGN_UP(size, PAGE_SIZE));
	return addr;
}

/* Page by page: the page tables are there, so mapping again cannot fail. */
void module_data_seal(void *addr)
{
	struct vmap_area *area = find_area(&module_region, addr);
	unsigned long flags;

	for (size_t i = 0; area && i < area->nr_mapped; i++) {
		unsigned long va = area->start + i * PAGE_SIZE;

		spin_lock_irqsave(&module_region.lock, flags);
		arch_unmap_page(va);
		if (arch_map_page(va, virt_to_phys(area->pages[i]), PROT_READ_ONLY))
			panic("page table of %lx is gone", va);
		spin_unlock_irqrestore(&module_region.lock, flags);
	}
}

void module_data_free(void *addr)
{
	if (addr)
		vmap_free(&module_region, addr, "module_data_free");
}
