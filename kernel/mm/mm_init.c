/* SPDX-License-Identifier: MIT */
/*
 * Gives the memory that the boot loader has listed to the page allocator: cuts out what is in use,
 * finds a place for the memory map, and hands over the rest. The list is untrusted: ranges may
 * overlap, wrap around, or lie beyond the direct map.
 */
#include <asm/memory.h>
#include "kernel/boot_info.h"
#include "kernel/bug.h"
#include "kernel/lib/string.h"
#include "kernel/mm/mm_internal.h"

#define CHUNK_SIZE ((phys_addr_t)PAGE_SIZE << MAX_ORDER)
#define MIN_FREE (1u << 20)		/* enough for a shell, a script, and small trace buffers */
#define MAX_FREE (2 * BOOT_MAX_RANGES + 2)

/* The usable ranges, page-aligned and sorted; none overlaps another. */
static struct free_range {
	phys_addr_t start, end;
} free_ranges[MAX_FREE] __initdata;
static unsigned int nr_free __initdata;

static __init void drop_range(unsigned int i)
{
	nr_free--;
	memmove(&free_ranges[i], &free_ranges[i + 1], (nr_free - i) * sizeof(free_ranges[0]));
}

static __init void insert_range(unsigned int i, phys_addr_t start, phys_addr_t end)
{
	if (start >= end)
		return;
	if (nr_free == MAX_FREE) {
		pr_warn("memory: too many pieces, %llu KiB are not used\n",
			(unsigned long long)(end - start) >> 10);
		return;
	}
	memmove(&free_ranges[i + 1], &free_ranges[i], (nr_free - i) * sizeof(free_ranges[0]));
	free_ranges[i].start = start;
	free_ranges[i].end = end;
	nr_free++;
}

/* Take [start, end) out of all ranges. */
static __init void exclude_range(phys_addr_t start, phys_addr_t end)
{
	for (unsigned int i = 0; i < nr_free; ) {
		struct free_range old = free_ranges[i];

		if (old.end <= start || old.start >= end || start >= end) {
			i++;
			continue;
		}
		drop_range(i);
		insert_range(i, max(old.start, end), old.end);
		insert_range(i, old.start, min(old.end, start));
	}
}

/* The end of a range, which may be so long that it wraps. */
static __init phys_addr_t range_end(const struct boot_range *range)
{
	phys_addr_t end = range->start + range->size;

	return end < range->start ? ~(phys_addr_t)0 : end;
}

static __init void add_memory(const struct boot_range *range)
{
	phys_addr_t start = ALIGN_UP(range->start, PAGE_SIZE);
	phys_addr_t end = min(range_end(range), (phys_addr_t)DIRECT_MAP_SIZE);
	unsigned int i;

	end = ALIGN_DOWN(end, PAGE_SIZE);
	if (start < range->start || start >= end)
		return;
	exclude_range(start, end);	/* so that memory that is listed twice is added only once */
	for (i = 0; i < nr_free && free_ranges[i].start < start; i++)
		;
	insert_range(i, start, end);
}

/* A reserved range that covers all memory must be a mistake in the boot data, and is ignored. */
static __init void cut_reserved(const struct boot_range *range)
{
	phys_addr_t start = ALIGN_DOWN(range->start, PAGE_SIZE), end = range_end(range);

	end = end > ~(phys_addr_t)0 - PAGE_SIZE ? ~(phys_addr_t)0 : ALIGN_UP(end, PAGE_SIZE);
	if (nr_free && start <= free_ranges[0].start && end >= free_ranges[nr_free - 1].end) {
		pr_warn("memory: all of it is said to be reserved (%llx to %llx): ignored\n",
			(unsigned long long)range->start, (unsigned long long)range_end(range));
		return;
	}
	exclude_range(start, end);
}

static __init void need_memory(void)
{
	phys_addr_t sum = 0;

	for (unsigned int i = 0; i < nr_free; i++)
		sum += free_ranges[i].end - free_ranges[i].start;
	if (sum < MIN_FREE)
		panic("too little memory: %llu KiB are free beside the kernel, %u are needed",
		      (unsigned long long)sum >> 10, MIN_FREE >> 10);
}

/* Cut @size bytes out of the lowest range that is large enough; 0 if none is. Never uses page 0. */
static __init phys_addr_t carve_lowest(size_t size)
{
	for (unsigned int i = 0; i < nr_free; i++) {
		phys_addr_t start = max(free_ranges[i].start, (phys_addr_t)PAGE_SIZE);

		if (start < free_ranges[i].end && free_ranges[i].end - start >= size) {
			exclude_range(start, start + size);
			return start;
		}
	}
	return 0;
}

/*
 * Make the memory map, which covers everything from the first range to the last. If a range far
 * away would make it too large for the memory there is, that range is not used.
 */
static __init void make_memmap(phys_addr_t first, phys_addr_t end)
{
	u64 frames, size;
	phys_addr_t place;
	struct page *map;

	for (;;) {
		first = ALIGN_DOWN(first, CHUNK_SIZE);
		frames = (ALIGN_UP(end, CHUNK_SIZE) - first) >> PAGE_SHIFT;
		size = frames * sizeof(struct page) + (frames >> MAX_ORDER);
		size = ALIGN_UP(size, PAGE_SIZE);
		/* On a 32-bit machine the size may not even fit in a size_t. */
		place = size == (size_t)size ? carve_lowest((size_t)size) : 0;
		if (place)
			break;
		if (nr_free < 2)
			panic("no memory: %u ranges usable of %u", nr_free, boot_info.nr_memory);
		/* The ranges are sorted, so the last one is the farthest away. */
		nr_free--;
		pr_warn("memory: range at %llx is too far away, not used\n",
			(unsigned long long)free_ranges[nr_free].start);
		end = free_ranges[nr_free - 1].end;
	}
	map = phys_to_virt(place);
	page_alloc_init(map, (u8 *)(map + frames), (unsigned long)(first >> PAGE_SHIFT),
			(unsigned long)((first >> PAGE_SHIFT) + frames));
}

__init void mm_init(const struct boot_info *info)
{
	phys_addr_t first, end;

	for (unsigned int i = 0; i < info->nr_memory; i++)
		add_memory(&info->memory[i]);
	if (!nr_free)
		panic("no memory: the boot loader named none that can be used");
	/* The map covers reserved memory within these limits, too: it may be released later. */
	first = free_ranges[0].start;
	end = free_ranges[nr_free - 1].end;
	for (unsigned int i = 0; i < info->nr_reserved; i++)
		cut_reserved(&info->reserved[i]);
	need_memory();
	make_memmap(first, end);
	for (unsigned int i = 0; i < nr_free; i++)
		mm_release_range((unsigned long)phys_to_virt(free_ranges[i].start),
				 (unsigned long)phys_to_virt(free_ranges[i].end - 1) + 1);
	poison_init();
	slab_init();
}
