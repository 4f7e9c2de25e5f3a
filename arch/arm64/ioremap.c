/* SPDX-License-Identifier: MIT */
/*
 * Mapping the registers of devices. The device tree says where they are, and may be wrong: whoever
 * maps a device asks whether it answers, before it is used. Boot. Untraced.
 */
#include <asm/memory.h>
#include "arch/arm64/arm64.h"
#include "arch/arm64/pgtable.h"
#include "kernel/arch.h"
#include "kernel/compiler.h"

/* In whole blocks of 2 MiB: the neighbours are devices too, and nobody looks there. */
void *arm64_map_device(phys_addr_t pa, size_t size)
{
	static unsigned long next = DEVICE_START;
	phys_addr_t start = ALIGN_DOWN(pa, LEVEL_SIZE(2));
	phys_addr_t end = ALIGN_UP(pa + size, LEVEL_SIZE(2));
	struct pgtable pt = arm64_boot_pgtable();
	unsigned long va = next;

	/* Entries have room for 48 bits of an address, and a sum that has wrapped is no end. */
	if (!pa || end <= start || end > 1ul << 48 || end - start > DEVICE_END - next)
		return NULL;
	next += end - start;
	for (unsigned long at = va; start < end; at += LEVEL_SIZE(2), start += LEVEL_SIZE(2)) {
		if (pgtable_map(&pt, at, start, LEVEL_SIZE(2), PAGE_DEVICE))
			return NULL;
	}
	return (void *)(va + (pa & (LEVEL_SIZE(2) - 1)));
}

bool arm64_device_answers(const void *base, size_t offset)
{
	u32 value;

	return base && !arch_read_nofault(&value, (const char *)base + offset, sizeof(value));
}
