/* SPDX-License-Identifier: MIT */
/*
 * Boot modules that the loader has put where the direct map does not reach: they are copied to
 * where it does, before memory is given to anybody. Boot, one CPU.
 */
#include "arch/i386/i386.h"
#include "kernel/arch.h"
#include "kernel/boot_info.h"
#include "kernel/compiler.h"
#include "kernel/lib/string.h"
#include <asm/memory.h>

/* The range in use that shares a byte with [start, start + size), or NULL. */
static __init const struct boot_range *in_the_way(const struct boot_info *info, phys_addr_t start,
						  phys_addr_t size)
{
	for (unsigned int i = 0; i < info->nr_reserved; i++) {
		const struct boot_range *r = &info->reserved[i];

		if (boot_ranges_overlap(start, size, r->start, r->size))
			return r;
	}
	return NULL;
}

/* Look for free memory that the direct map shows, as high as possible. 0: there is none. */
static __init phys_addr_t find_place(const struct boot_info *info, phys_addr_t size)
{
	for (unsigned int i = 0; i < info->nr_memory; i++) {
		const struct boot_range *memory = &info->memory[i];
		const phys_addr_t reach = DIRECT_MAP_SIZE;
		phys_addr_t end = min(memory->start + memory->size, reach);
		const struct boot_range *used;

		/* Each range that is in the way moves the end below itself: the loop ends. */
		while (end > memory->start && end - memory->start >= size) {
			phys_addr_t start = ALIGN_DOWN(end - size, PAGE_SIZE);

			if (start < memory->start)
				break;
			used = in_the_way(info, start, size);
			if (!used)
				return start;
			end = used->start;
		}
	}
	return 0;
}

static __init void copy_down(phys_addr_t to, phys_addr_t from, phys_addr_t size)
{
	for (phys_addr_t done = 0; done < size;) {
		size_t offset = (size_t)((from + done) % PAGE_SIZE);
		size_t part = (size_t)min((phys_addr_t)(PAGE_SIZE - offset), size - done);
		const char *page = i386_fixmap(FIXMAP_ACPI, from + done - offset, false);

		memcpy(phys_to_virt(to + done), page + offset, part);
		done += part;
	}
	i386_fixmap_clear(FIXMAP_ACPI);
}

__init void i386_bring_modules_down(struct boot_info *info)
{
	for (unsigned int i = 0; i < info->nr_modules; i++) {
		struct boot_module *module = &info->modules[i];
		phys_addr_t place;

		if (!module->size || module->start + module->size <= DIRECT_MAP_SIZE)
			continue;
		place = find_place(info, module->size);
		/* What the module has reserved is reserved where it will be. */
		for (unsigned int j = 0; place && j < info->nr_reserved; j++) {
			if (info->reserved[j].start == module->start)
				info->reserved[j].start = place;
		}
		if (place) {
			copy_down(place, module->start, module->size);
			module->start = place;
		} else {
			boot_problem(info, "no room below 768 MiB for a Multiboot module");
		}
	}
}
