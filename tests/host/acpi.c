/* SPDX-License-Identifier: MIT */
/*
 * The reader of ACPI's list of CPUs. Tables are built here, cut off at every length, with every
 * byte damaged, and with wrong lengths. Nothing outside of memory may be read, and nothing may
 * loop.
 */
#include "arch/i386/acpi.h"
#include "tests/host/tap.h"

#define MEMORY_START 0xe0000u
#define MEMORY_SIZE 0x20000u
#define RSDP (MEMORY_START + 0x4000)
#define RSDT (MEMORY_START + 0x5000)
#define MADT (MEMORY_START + 0x6000)

static u8 memory[MEMORY_SIZE];
static unsigned int nr_reads;

static bool read_memory(const struct acpi_reader *reader, u64 pa, void *buf, size_t len)
{
	nr_reads++;
	if (pa < MEMORY_START || pa - MEMORY_START > MEMORY_SIZE ||
	    len > MEMORY_SIZE - (pa - MEMORY_START))
		return false;
	memcpy(buf, memory + (pa - MEMORY_START), len);
	return true;
}

static const struct acpi_reader reader = { .read = read_memory };
static struct acpi_cpus cpus;

static u8 *at(u32 pa)
{
	return memory + (pa - MEMORY_START);
}

static void put32(u32 pa, u32 value)
{
	memcpy(at(pa), &value, sizeof(value));
}

/* Makes the sum of [pa, pa + len) 0 with the byte at @where. */
static void fix_sum(u32 pa, u32 len, u32 where)
{
	u8 sum = 0;
	u32 i;

	*at(where) = 0;
	for (i = 0; i < len; i++)
		sum = (u8)(sum + *at(pa + i));
	*at(where) = (u8)-sum;
}

static void set_length(u32 table, u32 length)
{
	put32(table + 4, length);
	fix_sum(table, length, table + 9);
}

/*
 * Four CPUs, of which the third is disabled and the first is listed twice, with an entry of another
 * type between them.
 */
static const u8 entries[] = {
	0, 8, 0, 5, 1, 0, 0, 0,
	0, 8, 1, 7, 1, 0, 0, 0,
	1, 12, 0, 0, 0, 0, 0xc0, 0xfe, 0, 0, 0, 0,
	0, 8, 2, 8, 0, 0, 0, 0,
	0, 8, 3, 9, 1, 0, 0, 0,
	0, 8, 0, 5, 1, 0, 0, 0,
};
#define MADT_LENGTH (44u + (u32)sizeof(entries))

static void build_tables(void)
{
	memset(memory, 0, sizeof(memory));
	memcpy(at(RSDP), "RSD PTR ", 8);
	put32(RSDP + 16, RSDT);
	fix_sum(RSDP, 20, RSDP + 8);
	memcpy(at(RSDT), "RSDT", 4);
	put32(RSDT + 36, MADT + 0x3000);	/* nothing is there */
	put32(RSDT + 40, MADT);
	set_length(RSDT, 44);
	memcpy(at(MADT), "APIC", 4);
	put32(MADT + 36, 0xfee00000);
	memcpy(at(MADT + 44), entries, sizeof(entries));
	set_length(MADT, MADT_LENGTH);
	nr_reads = 0;
}

static void expect_problem(const char *text)
{
	const char *problem = acpi_find_cpus(&reader, NULL, 0, &cpus);

	if (EXPECT(problem))
		EXPECT(strstr(problem, text));
}

TEST(lists_usable_cpus)
{
	build_tables();
	EXPECT(!acpi_find_cpus(&reader, NULL, 0, &cpus));
	EXPECT_EQ(cpus.nr, 3);
	EXPECT_EQ(cpus.apic_id[0], 5);
	EXPECT_EQ(cpus.apic_id[1], 7);
	EXPECT_EQ(cpus.apic_id[2], 9);
	EXPECT_EQ(cpus.lapic_pa, 0xfee00000u);
}

/* A loader under UEFI passes a copy, because there is nothing to be found at the usual places. */
TEST(rsdp_by_the_loader)
{
	u8 copy[36];

	build_tables();
	memcpy(copy, at(RSDP), 20);
	memset(copy + 20, 0, 16);
	*at(RSDP) = 'r';
	EXPECT(!acpi_find_cpus(&reader, copy, 20, &cpus));
	EXPECT_EQ(cpus.nr, 3);
	EXPECT(acpi_find_cpus(&reader, copy, 19, &cpus));
	/* All but its sum is right. */
	copy[9] ^= 1;
	EXPECT(acpi_find_cpus(&reader, copy, 20, &cpus));
}

static u8 sum_of(const u8 *bytes, unsigned int len)
{
	u8 sum = 0;

	while (len--)
		sum += *bytes++;
	return sum;
}

/* New tables may be on the list with 64-bit addresses alone. */
TEST(list_of_64_bit_addresses)
{
	u8 copy[36] = "RSD PTR ";
	u64 list = RSDT;

	build_tables();
	*at(RSDP) = 'r';
	memcpy(at(RSDT), "XSDT", 4);
	put32(RSDT + 36, MADT);
	put32(RSDT + 40, 0);
	set_length(RSDT, 44);
	copy[15] = 2;
	memcpy(copy + 24, &list, sizeof(list));
	copy[8] = (u8)-sum_of(copy, 20);
	copy[32] = (u8)-sum_of(copy, 36);
	EXPECT(!acpi_find_cpus(&reader, copy, 36, &cpus));
	EXPECT_EQ(cpus.nr, 3);
	EXPECT(acpi_find_cpus(&reader, copy, 35, &cpus));
	copy[32]++;
	EXPECT(acpi_find_cpus(&reader, copy, 36, &cpus));
}

TEST(missing_tables)
{
	build_tables();
	*at(RSDP) = 'r';
	expect_problem("no ACPI tables");
	build_tables();
	memcpy(at(MADT), "XPIC", 4);
	set_length(MADT, MADT_LENGTH);
	expect_problem("no (valid) table of CPUs");
	build_tables();
	put32(RSDP + 16, 0xfffffff0);
	fix_sum(RSDP, 20, RSDP + 8);
	expect_problem("no (valid) table of CPUs");
	build_tables();
	set_length(MADT, 44);
	expect_problem("lists none");
}

TEST(every_length)
{
	u32 length;

	for (length = 0; length < MADT_LENGTH; length++) {
		build_tables();
		set_length(MADT, length);
		if (acpi_find_cpus(&reader, NULL, 0, &cpus))
			continue;
		EXPECT(length >= 52 && cpus.nr <= 3);
	}
}

TEST(lengths_that_lie)
{
	static const u32 lengths[] = { 0, 1, 35, 36, 43, 0x10001, 0x7fffffff, 0xffffffff };
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(lengths); i++) {
		build_tables();
		put32(MADT + 4, lengths[i]);
		EXPECT(acpi_find_cpus(&reader, NULL, 0, &cpus));
		build_tables();
		put32(RSDT + 4, lengths[i]);
		EXPECT(acpi_find_cpus(&reader, NULL, 0, &cpus));
	}
	for (i = 0; i < 256; i++) {
		build_tables();
		*at(MADT + 45) = (u8)i;
		set_length(MADT, MADT_LENGTH);
		acpi_find_cpus(&reader, NULL, 0, &cpus);
		EXPECT(cpus.nr <= ACPI_MAX_CPUS);
		if (i < 2)
			EXPECT(acpi_find_cpus(&reader, NULL, 0, &cpus));
	}
}

TEST(damaged_bytes)
{
	static const u32 tables[] = { RSDP, RSDT, MADT };
	unsigned int i, offset;

	for (i = 0; i < ARRAY_SIZE(tables); i++) {
		for (offset = 0; offset < MADT_LENGTH; offset++) {
			build_tables();
			*at(tables[i] + offset) ^= (u8)(1 + tap_below(255));
			if (!acpi_find_cpus(&reader, NULL, 0, &cpus))
				EXPECT(cpus.nr >= 1 && cpus.nr <= ACPI_MAX_CPUS);
			EXPECT(nr_reads < 100000);
		}
	}
}

TEST(more_cpus_than_fit)
{
	unsigned int i;

	build_tables();
	for (i = 0; i < 200; i++) {
		const u8 entry[8] = { 0, 8, (u8)i, (u8)i, 1 };

		memcpy(at(MADT + 44 + 8 * i), entry, 8);
	}
	set_length(MADT, 44 + 8 * 200);
	EXPECT(!acpi_find_cpus(&reader, NULL, 0, &cpus));
	EXPECT_EQ(cpus.nr, ACPI_MAX_CPUS);
	EXPECT_EQ(cpus.nr_ignored, 200 - ACPI_MAX_CPUS);
}
