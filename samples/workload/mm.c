/* SPDX-License-Identifier: MIT */
/*
 * Allocates memory in many sizes from all allocators, and keeps it for different times. Every block
 * is filled with a byte of its own and checked before it is freed, so that two owners of one block
 * would be noticed.
 */
#include "kernel/lib/errno.h"
#include "kernel/lib/string.h"
#include "kernel/mm/mm.h"
#include "kernel/printk.h"
#include "samples/workload/workload.h"

#define NR_BLOCKS 64

enum source { FROM_KMALLOC, FROM_PAGES, FROM_VMALLOC, FROM_LAZY };

struct block {
	u8 *memory;
	size_t size;
	enum source source;
	u8 fill;
};

struct mm_load {
	struct block blocks[NR_BLOCKS];
	u32 random;
	unsigned long allocations, failures;
	u64 bytes;
};

static u32 next_random(struct mm_load *load)
{
	load->random = load->random * 1664525 + 1013904223;
	return load->random >> 8;
}

static unsigned int order_of(size_t size)
{
	unsigned int order = 0;

	while ((PAGE_SIZE << order) < size)
		order++;
	return order;
}

static void choose_size(struct mm_load *load, struct block *block)
{
	u32 pick = next_random(load) % 16;

	if (pick < 12) {
		block->source = FROM_KMALLOC;
		block->size = 1 + next_random(load) % (8u << (pick % 10));
	} else if (pick < 15) {
		block->source = FROM_PAGES;
		block->size = PAGE_SIZE << (pick - 12);
	} else {
		block->source = next_random(load) % 2 ? FROM_VMALLOC : FROM_LAZY;
		block->size = 1 + next_random(load) % (4 * PAGE_SIZE);
	}
}

static void allocate(struct mm_load *load, struct block *block)
{
	choose_size(load, block);
	if (block->source == FROM_KMALLOC)
		block->memory = kmalloc(block->size, GFP_KERNEL);
	else if (block->source == FROM_PAGES)
		block->memory = alloc_pages(order_of(block->size), GFP_KERNEL);
	else if (block->source == FROM_LAZY)
		block->memory = vmalloc_lazy(block->size);
	else
		block->memory = vmalloc(block->size);
	/* A failure is no error: a small machine may be full, and the next release makes room. */
	if (!block->memory) {
		load->failures++;
		return;
	}
	block->fill = (u8)next_random(load);
	memset(block->memory, block->fill, block->size);
	load->allocations++;
	load->bytes += block->size;
}

/* Returns false if somebody else has written into the block. */
static bool is_intact(const struct block *block)
{
	size_t i;

	for (i = 0; i < block->size; i++)
		if (block->memory[i] != block->fill)
			return false;
	return true;
}

static bool release(struct block *block)
{
	bool intact = is_intact(block);

	if (block->source == FROM_KMALLOC)
		kfree(block->memory);
	else if (block->source == FROM_PAGES)
		free_pages(block->memory, order_of(block->size));
	else
		vfree(block->memory);
	block->memory = NULL;
	return intact;
}

static int run_mm(struct workload_run *run)
{
	struct mm_load *load = kzalloc(sizeof(*load), GFP_KERNEL);
	bool intact = true;
	unsigned int n;

	if (!load) {
		scnprintf(run->report, sizeof(run->report), "start");
		return -ENOMEM;
	}
	/* The same sequence in every run, so that two traces can be compared. */
	load->random = 1;
	while (intact && !workload_over(run)) {
		struct block *block = &load->blocks[next_random(load) % NR_BLOCKS];

		if (block->memory)
			intact = release(block);
		else
			allocate(load, block);
	}
	for (n = 0; n < NR_BLOCKS; n++)
		if (load->blocks[n].memory)
			intact &= release(&load->blocks[n]);
	scnprintf(run->report, sizeof(run->report),
		  "%lu blocks allocated, %llu KiB in all, %lu refused%s", load->allocations,
		  (unsigned long long)(load->bytes >> 10), load->failures,
		  intact ? "" : ", one overwritten");
	kfree(load);
	return intact ? 0 : -EIO;
}

const struct workload workload_mm = {
	"mm", "allocate and free memory in many sizes", run_mm,
};
