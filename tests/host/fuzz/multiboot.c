/* SPDX-License-Identifier: MIT */
/*
 * Fuzzes the readers of Multiboot information, that of version 1 or, with another MAGIC, that of
 * version 2: memory from 0x9000 on is the fuzzer's bytes.
 */
#include "arch/i386/multiboot.h"
#include "tests/host/fuzz/memory.h"
#include <stdlib.h>

MEMORY_READER(multiboot_reader);

static void check_ranges(const struct boot_range *ranges, unsigned int nr)
{
	MUST(nr <= BOOT_MAX_RANGES);
	for (unsigned int i = 0; i < nr; i++)
		MUST(ranges[i].size && ranges[i].start + ranges[i].size > ranges[i].start);
}

int LLVMFuzzerTestOneInput(const u8 *data, size_t size)
{
	struct boot_info *info = calloc(1, sizeof(*info));

	memory = data;
	memory_size = size;
	memory_start = 0x9000;
	nr_reads = 0;
	info->nr_reserved = 1;
	info->reserved[0] = (struct boot_range){ 0x100000, 0x200000 };
	multiboot_parse(info, &reader, MAGIC, 0x9000);
	check_ranges(info->memory, info->nr_memory);
	check_ranges(info->reserved, info->nr_reserved);
	MUST(info->acpi_rsdp_size <= sizeof(info->acpi_rsdp));
	MUST(info->nr_modules <= BOOT_MAX_MODULES);
	for (unsigned int i = 0; i < info->nr_modules; i++)
		MUST(memchr(info->modules[i].name, 0, sizeof(info->modules[i].name)));
	MUST(memchr(info->cmdline, 0, sizeof(info->cmdline)));
	MUST(memchr(info->loader, 0, sizeof(info->loader)));
	free(info);
	return 0;
}
