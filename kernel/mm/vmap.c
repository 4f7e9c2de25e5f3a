/* SPDX-License-Identifier: MIT */
/*
 * Mapped memory: pages from anywhere in RAM at consecutive virtual addresses, with an unmapped
 * guard page on either side, so that an overrun (above all of a stack) faults. vmalloc() allocates
 * memory for data, execmem_alloc() for code, vmalloc_lazy() for data whose pages are allocated when
 * they are first touched, and vmalloc_resizable() for data that grows and shrinks in place.
 */
#include <asm/memory.h>
#include "kernel/bug.h"
#include "kernel/lib/errno.h"
#include "kernel/lib/string.h"
#include "kernel/lockdep.h"
#include "kernel/mm/mm_internal.h"
#include "kernel/sched/spinlock.h"

/* One allocation. A guard page follows its room. */
struct vm_area_struct {
	struct list_head node;
	unsigned long start;
	size_t room;			/* pages of reserved addresses */
	size_t nr_pages, nr_mapped;	/* length of pages[]; how many of them are mapped */
	bool lazy;			/* pages[] has gaps; the region's lock protects it */
	void **pages;			/* direct-map addresses; NULL: not mapped */
};

/* A part of the address space. Its first page is a guard page. Areas are in address order. */
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
static int place_area(struct vmap_region *region, struct vm_area_struct *area)
{
	unsigned long at = region->start + PAGE_SIZE;
	unsigned long size = (area->room + 1) * PAGE_SIZE;
	struct vm_area_struct *next;
	unsigned long flags;
	int err = 0;

	spin_lock_irqsave(&region->lock, flags);
	list_for_each_entry(next, &region->areas, node) {
		if (next->start - at >= size)
			break;
		at = next->start + (next->room + 1) * PAGE_SIZE;
	}
	/* If the loop came to its end, only the space behind the last area is left. */
	if (&next->node == &region->areas && region->end - at < size) {
		err = -ENOMEM;
	} else {
		area->start = at;
		list_add_tail(&area->node, &next->node);
	}
	spin_unlock_irqrestore(&region->lock, flags);
	return err;
}

/*
 * Map @page as page @i of @area: 0 or -errno. The region's lock also keeps two callers from making
 * the same page table.
 */
static int map_page(struct vmap_region *region, struct vm_area_struct *area, size_t i, void *page)
{
	int err;

	lockdep_assert_held(&region->lock);
	err = arch_map_page(area->start + i * PAGE_SIZE, virt_to_phys(page), region->prot);
	if (!err) {
		area->pages[i] = page;
		area->nr_mapped++;
		__atomic_fetch_add(&vmap_page_count, 1, __ATOMIC_RELAXED);
	}
	return err;
}

/* Unmap and free the pages from number @first on. Waits for other CPUs: interrupts are on. */
static void free_pages_from(struct vmap_region *region, struct vm_area_struct *area, size_t first)
{
	unsigned long flags;

	assert_irqs_on();
	kasan_free_area(area->start + first * PAGE_SIZE, (area->nr_pages - first) * PAGE_SIZE);
	for (size_t i = first; i < area->nr_pages; i++) {
		if (!area->pages[i])
			continue;
		spin_lock_irqsave(&region->lock, flags);
		arch_unmap_page(area->start + i * PAGE_SIZE);
		spin_unlock_irqrestore(&region->lock, flags);
	}
	/* Only after this can no CPU access the pages any more, and they may be freed. */
	arch_flush_tlbs();
	for (size_t i = first; i < area->nr_pages; i++) {
		if (!area->pages[i])
			continue;
		if (region == &exec_region)
			memset(area->pages[i], 0, PAGE_SIZE);	/* as free_init_memory() does */
		free_page(area->pages[i]);
		area->pages[i] = NULL;
		area->nr_mapped--;
		__atomic_fetch_sub(&vmap_page_count, 1, __ATOMIC_RELAXED);
	}
}

/* The addresses become free only when nothing is mapped there any more. */
static void destroy_area(struct vmap_region *region, struct vm_area_struct *area)
{
	unsigned long flags;

	free_pages_from(region, area, 0);
	spin_lock_irqsave(&region->lock, flags);
	list_del(&area->node);
	spin_unlock_irqrestore(&region->lock, flags);
	kfree(area->pages);
	kfree(area);
}

/* Allocate and map the pages from number @first on. After an error the caller frees them. */
static int populate(struct vmap_region *region, struct vm_area_struct *area, size_t first,
		    gfp_t gfp)
{
	for (size_t i = first; i < area->nr_pages; i++) {
		void *page = alloc_page(gfp);
		unsigned long flags;
		int err = -ENOMEM;

		/* Taken only now: the lock is for the page tables, not for the allocator. */
		spin_lock_irqsave(&region->lock, flags);
		if (page)
			err = map_page(region, area, i, page);
		spin_unlock_irqrestore(&region->lock, flags);
		if (err) {
			free_page(page);
			return err;
		}
	}
	return 0;
}

static size_t pages_of(size_t size)
{
	return size / PAGE_SIZE + !!(size % PAGE_SIZE);
}

/* Make an area and give it addresses, but no pages. NULL if memory or addresses are out. */
static struct vm_area_struct *make_area(struct vmap_region *region, size_t nr_pages, size_t room)
{
	struct vm_area_struct *area;

	if (!nr_pages || room < nr_pages || room >= (region->end - region->start) / PAGE_SIZE)
		return NULL;
	area = kzalloc(sizeof(*area), GFP_KERNEL);
	if (!area)
		return NULL;
	area->nr_pages = nr_pages;
	area->room = room;
	/* Before the area is placed: until then nobody can find it, and giving up is simple. */
	area->pages = kcalloc(nr_pages, sizeof(area->pages[0]), GFP_KERNEL);
	if (area->pages && !place_area(region, area))
		return area;
	kfree(area->pages);
	kfree(area);
	return NULL;
}

static void *vmap_alloc(struct vmap_region *region, size_t size, size_t room, gfp_t gfp)
{
	struct vm_area_struct *area = make_area(region, pages_of(size), pages_of(room));

	if (!area)
		return NULL;
	if (kasan_map_shadow(area->start, size) || populate(region, area, 0, gfp)) {
		destroy_area(region, area);
		return NULL;
	}
	kasan_alloc_area(area->start, size);
	return (void *)area->start;
}

/* The area that contains @addr, or NULL. It is valid only as long as nobody frees it. */
static struct vm_area_struct *find_area(struct vmap_region *region, unsigned long addr)
{
	struct vm_area_struct *area, *found = NULL;
	unsigned long flags;

	spin_lock_irqsave(&region->lock, flags);
	list_for_each_entry(area, &region->areas, node) {
		if (addr - area->start < area->nr_pages * PAGE_SIZE) {
			found = area;
			break;
		}
	}
	spin_unlock_irqrestore(&region->lock, flags);
	return found;
}

static void vmap_free(struct vmap_region *region, void *addr, const char *who)
{
	struct vm_area_struct *found = find_area(region, (unsigned long)addr);

	if (!found || found->start != (unsigned long)addr)
		panic("%s(%p): not allocated, or freed already", who, addr);
	lockdep_free_key_range(found->start, found->nr_pages * PAGE_SIZE);
	destroy_area(region, found);
}

void *vmalloc(size_t size)
{
	return vmap_alloc(&data_region, size, size, GFP_KERNEL);
}

void *vzalloc(size_t size)
{
	return vmap_alloc(&data_region, size, size, GFP_KERNEL | __GFP_ZERO);
}

void vfree(void *addr)
{
	if (addr)
		vmap_free(&data_region, addr, "vfree");
}

/* --- Memory that changes its size in place --- */

void *vmalloc_resizable(size_t size, size_t room)
{
	void *addr = vmap_alloc(&data_region, size, max(size, room), GFP_KERNEL | __GFP_ZERO);

	/* What vmalloc_grow() adds to the last page needs no work, so nobody could tell KASAN. */
	if (addr)
		kasan_alloc_area((unsigned long)addr, ALIGN_UP(size, PAGE_SIZE));
	return addr;
}

static struct vm_area_struct *area_at(void *addr)
{
	struct vm_area_struct *area = find_area(&data_region, (unsigned long)addr);

	BUG_ON(!area || area->start != (unsigned long)addr);
	return area;
}

/* First replace pages[] by a larger array, then add the pages. */
static int grow_area(struct vm_area_struct *area, size_t nr_pages)
{
	size_t old_nr = area->nr_pages;
	void **pages = kcalloc(nr_pages, sizeof(pages[0]), GFP_KERNEL), **old = area->pages;
	unsigned long flags;
	int err;

	if (!pages || kasan_map_shadow(area->start, nr_pages * PAGE_SIZE)) {
		kfree(pages);
		return -ENOMEM;
	}
	memcpy(pages, old, old_nr * sizeof(pages[0]));
	/* Both change together under the lock, because find_area() and page faults read them. */
	spin_lock_irqsave(&data_region.lock, flags);
	area->pages = pages;
	area->nr_pages = nr_pages;
	spin_unlock_irqrestore(&data_region.lock, flags);
	kfree(old);
	err = populate(&data_region, area, old_nr, GFP_KERNEL | __GFP_ZERO);
	if (err) {
		free_pages_from(&data_region, area, old_nr);
		area->nr_pages = old_nr;
	} else {
		kasan_alloc_area(area->start, nr_pages * PAGE_SIZE);
	}
	return err;
}

int vmalloc_grow(void *addr, size_t size)
{
	struct vm_area_struct *area = area_at(addr);
	size_t nr_pages = pages_of(size);

	might_sleep();
	if (nr_pages > area->room)
		return -ENOMEM;
	return nr_pages > area->nr_pages ? grow_area(area, nr_pages) : 0;
}

void vmalloc_shrink(void *addr, size_t size)
{
	struct vm_area_struct *area = area_at(addr);
	size_t nr_pages = pages_of(size);

	might_sleep();
	if (nr_pages < area->nr_pages) {
		free_pages_from(&data_region, area, nr_pages);
		area->nr_pages = nr_pages;
	}
}

size_t vmalloc_space(void)
{
	size_t space = data_region.end - data_region.start - PAGE_SIZE;
	struct vm_area_struct *area;
	unsigned long flags;

	spin_lock_irqsave(&data_region.lock, flags);
	/* Each area has a guard page behind its room. */
	list_for_each_entry(area, &data_region.areas, node)
		space -= (area->room + 1) * PAGE_SIZE;
	spin_unlock_irqrestore(&data_region.lock, flags);
	return space;
}

/* --- Pages that are allocated when they are first touched --- */

void *vmalloc_lazy(size_t size)
{
	struct vm_area_struct *area = make_area(&data_region, pages_of(size), pages_of(size));

	if (!area)
		return NULL;
	if (kasan_map_shadow(area->start, size)) {
		destroy_area(&data_region, area);
		return NULL;
	}
	area->lazy = true;
	kasan_alloc_area(area->start, size);
	return (void *)area->start;
}

noinline vm_fault_t handle_mm_fault(struct vm_area_struct *vma, unsigned long address,
				    unsigned int fault_flags, struct pt_regs *regs)
{
	size_t i = (address - vma->start) / PAGE_SIZE;
	void *page = alloc_page(GFP_KERNEL | __GFP_ZERO);
	unsigned long flags;
	bool mapped;

	assert_irqs_off();
	if (!page)
		return VM_FAULT_OOM;
	spin_lock_irqsave(&data_region.lock, flags);
	/* Another CPU may have mapped the page meanwhile. */
	if (!vma->pages[i] && !map_page(&data_region, vma, i, page))
		page = NULL;
	mapped = vma->pages[i];
	spin_unlock_irqrestore(&data_region.lock, flags);
	free_page(page);
	return mapped ? 0 : VM_FAULT_OOM;
}

bool vmap_fault(unsigned long address, unsigned int fault_flags, struct pt_regs *regs)
{
	struct vm_area_struct *area = find_area(&data_region, address);

	return area && area->lazy && !handle_mm_fault(area, address, fault_flags, regs);
}

/* So that a jump to code that was not written yet traps. */
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
	void *addr = vmap_alloc(&exec_region, size, size, GFP_KERNEL);

	if (addr && fill_with_breakpoints(addr, ALIGN_UP(size, PAGE_SIZE))) {
		vmap_free(&exec_region, addr, "execmem_alloc");
		return NULL;
	}
	return addr;
}

void execmem_free(void *addr, size_t size)
{
	if (addr)
		vmap_free(&exec_region, addr, "execmem_free");
}

bool is_execmem(unsigned long addr)
{
	return find_area(&exec_region, addr);
}

void *module_data_alloc(size_t size)
{
	return vmap_alloc(&module_region, size, size, GFP_KERNEL | __GFP_ZERO);
}

/* The page tables exist already, so mapping a page again cannot fail. */
void module_data_seal(void *addr)
{
	struct vm_area_struct *area = find_area(&module_region, (unsigned long)addr);
	unsigned long flags;

	for (size_t i = 0; area && i < area->nr_pages; i++) {
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
