/* SPDX-License-Identifier: MIT */
/*
 * Leaving the firmware: it gives a list of memory with a key, and lets go only of who has its
 * newest list. Untraced, unchecked: see efi.c.
 */
#include "boot/efi_boot.h"
#include "kernel/compiler.h"
#include "kernel/lib/string.h"

#define SPARE_DESCRIPTORS 32		/* asking for memory for the list makes the list longer */
#define MAX_TRIES 2			/* the first may meet a list that has just changed */

struct memory_map {
	void *descriptors;
	u64 size, descriptor_size, key;
};

/* What the firmware and its programs needed is free once they are gone. */
static __init bool is_ram(const struct efi_memory_descriptor *memory)
{
	if (!(memory->attribute & EFI_MEMORY_WB) || memory->attribute & EFI_MEMORY_SP)
		return false;
	return memory->type == EFI_CONVENTIONAL || memory->type == EFI_LOADER_CODE ||
	       memory->type == EFI_LOADER_DATA || memory->type == EFI_BOOT_SERVICES_CODE ||
	       memory->type == EFI_BOOT_SERVICES_DATA;
}

/* Put the range into the handoff's sorted list, in one piece with its neighbours. */
static __init void add_ram(struct efi_handoff *handoff, u64 start, u64 size)
{
	struct boot_range *memory = handoff->memory;
	unsigned int at = handoff->nr_memory;

	while (at && memory[at - 1].start > start)
		at--;
	if (at && memory[at - 1].start + memory[at - 1].size == start) {
		memory[--at].size += size;
	} else if (at < handoff->nr_memory && start + size == memory[at].start) {
		memory[at].start = start;
		memory[at].size += size;
		return;
	} else if (handoff->nr_memory == BOOT_MAX_RANGES) {
		handoff->problems |= EFI_MEMORY_LOST;
		return;
	} else {
		memmove(&memory[at + 1], &memory[at],
			(handoff->nr_memory - at) * sizeof(*memory));
		memory[at] = (struct boot_range){ start, size };
		handoff->nr_memory++;
	}
	/* It may have closed the gap to the one above. */
	if (at + 1 < handoff->nr_memory &&
	    memory[at].start + memory[at].size == memory[at + 1].start) {
		memory[at].size += memory[at + 1].size;
		handoff->nr_memory--;
		memmove(&memory[at + 1], &memory[at + 2],
			(handoff->nr_memory - at - 1) * sizeof(*memory));
	}
}

static __init void list_ram(struct efi_handoff *handoff, const struct memory_map *map)
{
	struct efi_memory_descriptor memory;

	for (u64 at = 0; at + sizeof(memory) <= map->size; at += map->descriptor_size) {
		memcpy(&memory, (const char *)map->descriptors + at, sizeof(memory));
		if (is_ram(&memory) && memory.nr_pages && memory.nr_pages < 1ull << 51)
			add_ram(handoff, memory.physical_start, memory.nr_pages * EFI_PAGE_SIZE);
	}
}

__init efi_status efi_leave(struct efi_boot *boot)
{
	struct efi_boot_services *services = boot->services;
	struct memory_map map = { 0 };
	u64 room = 0;
	u32 version;
	efi_status status = services->get_memory_map(&room, NULL, &map.key, &map.descriptor_size,
						     &version);

	if (status != EFI_BUFFER_TOO_SMALL || map.descriptor_size < sizeof(struct
								   efi_memory_descriptor))
		return EFI_LOAD_ERROR;
	room += SPARE_DESCRIPTORS * map.descriptor_size;
	status = services->allocate_pool(EFI_LOADER_DATA, room, &map.descriptors);
	if (status)
		return status;
	/* Once it has refused, the firmware gives no more memory, but it gives the list again. */
	for (unsigned int try = 0; try < MAX_TRIES; try++) {
		map.size = room;
		status = services->get_memory_map(&map.size, map.descriptors, &map.key,
						  &map.descriptor_size, &version);
		if (!status)
			status = services->exit_boot_services(boot->self, map.key);
		if (!status) {
			list_ram(boot->handoff, &map);
			return EFI_SUCCESS;
		}
	}
	services->free_pool(map.descriptors);
	return status;
}
