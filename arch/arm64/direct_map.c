/* SPDX-License-Identifier: MIT */
/*
 * The direct map: the RAM that the firmware names is mapped, but for the image, which is mapped
 * elsewhere. The firmware is not trusted: RAM that is not there leaves the list. Boot, before
 * there are threads. Untraced.
 */
#include <asm/memory.h>
#include "arch/arm64/arm64.h"
#include "arch/arm64/pgtable.h"
#include "arch/arm64/sections.h"
#include "kernel/arch.h"
#include "kernel/boot_info.h"
#include "kernel/lib/errno.h"

static int map_direct(phys_addr_t start, phys_addr_t end)
{
	struct pgtable pt = arm64_boot_pgtable();

	if (start >= end)
		return 0;
	return pgtable_map(&pt, (unsigned long)phys_to_virt(start), start, end - start, PAGE_DATA);
}

/* All of [start, end) but the image. */
static int map_around_image(phys_addr_t start, phys_addr_t end)
{
	phys_addr_t image_end = kernel_phys + (_end - _text);
	int err;

	if (end <= kernel_phys || start >= image_end)
		return map_direct(start, end);
	err = map_direct(start, kernel_phys);
	return err ? err : map_direct(image_end, end);
}

/*
 * The tables through which text is written and devices are reached. They are made first: RAM in
 * many pieces may use up the pool of tables.
 */
static bool make_tables_for_later(void)
{
	struct pgtable pt = arm64_boot_pgtable();
	int err;

	arm64_alias_entries = pgtable_entry(&pt, ALIAS_START, 3, &err);
	return arm64_alias_entries && pgtable_entry(&pt, DEVICE_START, 2, &err);
}

/* Does the RAM at @pa, mapped just now, answer? */
static bool is_ram(phys_addr_t pa)
{
	u64 word;

	return !arch_read_nofault(&word, arm64_reach(pa), sizeof(word));
}

void arm64_map_ram(struct boot_info *info)
{
	unsigned int kept = 0;

	if (!make_tables_for_later())
		boot_problem(info, "no page tables: the image is too large");
	for (unsigned int i = 0; i < info->nr_memory; i++) {
		phys_addr_t start = ALIGN_UP(info->memory[i].start, PAGE_SIZE);
		phys_addr_t end = info->memory[i].start + info->memory[i].size;
		bool wraps;
		int err;

		/* The end of a false range may have wrapped to a low address. */
		if (end < info->memory[i].start || end > DIRECT_MAP_SIZE)
			end = DIRECT_MAP_SIZE;
		end = ALIGN_DOWN(end, PAGE_SIZE);
		/* A start in the last page of all wraps to 0, and would make every address RAM. */
		wraps = start < info->memory[i].start;
		if (!wraps && start >= end)
			continue;
		err = wraps ? -EINVAL : map_around_image(start, end);
		/* A false range does not answer at one of its ends. It stays mapped, but unused. */
		if (err || !is_ram(start) || !is_ram(end - 8)) {
			boot_problem(info, err == -ENOMEM ?
				     "memory is in too many pieces: a range is not used" :
				     "a memory range is not there, or overlaps: not used");
			continue;
		}
		info->memory[kept++] = (struct boot_range){ start, end - start };
	}
	info->nr_memory = kept;
}
