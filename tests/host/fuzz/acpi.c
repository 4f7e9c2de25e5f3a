/* SPDX-License-Identifier: MIT */
/*
 * Fuzzes the reader of ACPI's list of CPUs. Memory from 0xe0000 on is the fuzzer's bytes after the
 * first. If that byte is odd, the checksums of the tables are corrected, which would hardly happen
 * by chance.
 */
#include "arch/i386/acpi.h"
#include "tests/host/fuzz/memory.h"
#include <stdlib.h>

MEMORY_READER(acpi_reader);

#define START 0xe0000u

static u32 word_at(const u8 *copy, size_t size, u64 at)
{
	u32 word = 0;

	if (at <= size && size - at >= 4)
		memcpy(&word, copy + at, 4);
	return word;
}

static void fix_sum(u8 *copy, size_t size, u64 at, u32 length, u32 where)
{
	u8 sum = 0;

	if (at > size || length > size - at || where >= length)
		return;
	copy[at + where] = 0;
	for (u32 i = 0; i < length; i++)
		sum += copy[at + i];
	copy[at + where] = (u8)-sum;
}

/* Corrects the pointer at the first byte, the list of tables, and the tables that are on it. */
static void fix_sums(u8 *copy, size_t size)
{
	u64 list = (u64)word_at(copy, size, 16) - START;
	u32 length = word_at(copy, size, list + 4);

	for (u32 i = 36; i < 100 && i + 4 <= length; i += 4) {
		u64 table = (u64)word_at(copy, size, list + i) - START;

		fix_sum(copy, size, table, word_at(copy, size, table + 4), 9);
	}
	fix_sum(copy, size, list, length, 9);
	fix_sum(copy, size, 0, 20, 8);
}

int LLVMFuzzerTestOneInput(const u8 *data, size_t size)
{
	struct acpi_cpus *cpus = malloc(sizeof(*cpus));
	u8 *copy = malloc(size ? size : 1);
	const char *why;

	memory = copy;
	memory_size = size ? size - 1 : 0;
	memory_start = START;
	nr_reads = 0;
	memcpy(copy, data + !!size, memory_size);
	if (size && *data & 1)
		fix_sums(copy, memory_size);
	memset(cpus, 0, sizeof(*cpus));
	/* Half of the time the first bytes are also the loader's copy of the pointer. */
	why = acpi_find_cpus(&reader, copy, size && *data & 2 ? min(memory_size, (size_t)36) : 0,
			     cpus);
	MUST(!why || *why);
	MUST(why || (cpus->nr && cpus->nr <= ACPI_MAX_CPUS));
	for (unsigned int i = 0; !why && i < cpus->nr; i++) {
		for (unsigned int j = 0; j < i; j++)
			MUST(cpus->apic_id[i] != cpus->apic_id[j]);
	}
	free(cpus);
	free(copy);
	return 0;
}
