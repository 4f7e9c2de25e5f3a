/* SPDX-License-Identifier: MIT */
/*
 * ACPI's list of CPUs: RSDP -> RSDT or XSDT -> MADT (ACPI specification 6.4, sections 5.2.5 to
 * 5.2.12). All of it is untrusted: lengths are checked before they are used, and
 * a table whose checksum is wrong is no table. Needs nothing but a reader.
 */
#include "arch/i386/acpi.h"
#include "kernel/lib/string.h"

#define BIOS_EBDA_POINTER 0x40e
#define BIOS_EBDA_SIZE 1024
#define BIOS_ROM_START 0xe0000
#define BIOS_ROM_END 0x100000

#define RSDP_SIGNATURE 0x2052545020445352ull	/* "RSD PTR " */
#define TABLE_SIZE_MAX 0x10000
#define RSDT_ENTRIES_MAX 256

#define MADT_ENTRIES 44			/* offset of the first */
#define MADT_LAPIC 0
#define MADT_LAPIC_ADDRESS 5
#define LAPIC_ENABLED 1u
#define APIC_ID_ALL 0xff		/* as a destination it means every CPU, the sender too */

struct acpi_rsdp {
	char signature[8];
	u8 checksum;
	char oem[6];
	u8 revision;
	u32 rsdt_pa;
	/* Since revision 2: */
	u32 length;
	u64 xsdt_pa;
	u8 long_checksum, reserved[3];
} __packed;

#define OLD_RSDP_SIZE 20u

struct acpi_header {
	char signature[4];
	u32 length;
	u8 revision, checksum;
	char oem[6], oem_table[8];
	u32 oem_revision, creator, creator_revision;
} __packed;

static u8 sum(const void *data, size_t len)
{
	const u8 *byte = data;
	u8 total = 0;

	while (len--)
		total = (u8)(total + *byte++);
	return total;
}

static bool read_at(const struct acpi_reader *reader, u64 pa, void *buf, size_t len)
{
	return reader->read(reader, pa, buf, len);
}

/*
 * The RSDP begins at a multiple of 16. Memory is read in blocks, because a read costs more than
 * looking through what it has brought.
 */
static bool find_rsdp_in(const struct acpi_reader *reader, u64 start, u64 end,
			 struct acpi_rsdp *rsdp)
{
	u64 pa, words[32];
	unsigned int i;

	for (pa = start; pa < end; pa += sizeof(words)) {
		if (!read_at(reader, pa, words, sizeof(words)))
			continue;
		/* Any memory may hold the signature by chance; the checksum decides. */
		for (i = 0; i < ARRAY_SIZE(words); i += 2)
			if (words[i] == RSDP_SIGNATURE && pa + i * 8 + OLD_RSDP_SIZE <= end &&
			    read_at(reader, pa + i * 8, rsdp, OLD_RSDP_SIZE) &&
			    !sum(rsdp, OLD_RSDP_SIZE))
				return true;
	}
	return false;
}

static bool find_rsdp(const struct acpi_reader *reader, struct acpi_rsdp *rsdp)
{
	u16 segment;
	u64 ebda;

	if (read_at(reader, BIOS_EBDA_POINTER, &segment, sizeof(segment)) && segment) {
		ebda = (u64)segment << 4;
		if (find_rsdp_in(reader, ebda, ebda + BIOS_EBDA_SIZE, rsdp))
			return true;
	}
	return find_rsdp_in(reader, BIOS_ROM_START, BIOS_ROM_END, rsdp);
}

/* Use the loader's copy, which is of an old one or of a new one. */
static bool copy_rsdp(const void *copy, size_t size, struct acpi_rsdp *rsdp)
{
	u64 signature = RSDP_SIGNATURE;

	if (size < OLD_RSDP_SIZE || memcmp(copy, &signature, sizeof(signature)) ||
	    sum(copy, OLD_RSDP_SIZE))
		return false;
	memcpy(rsdp, copy, min(size, sizeof(*rsdp)));
	/* The address of the longer table counts only if the rest is sound as well. */
	if (size < sizeof(*rsdp) || rsdp->revision < 2 || sum(rsdp, sizeof(*rsdp)))
		rsdp->xsdt_pa = 0;
	return true;
}

/* Is there a whole table at @pa? */
static bool read_header(const struct acpi_reader *reader, u64 pa, struct acpi_header *header)
{
	u8 block[64], total = 0;
	u32 at, part;

	if (!read_at(reader, pa, header, sizeof(*header)) || header->length < sizeof(*header) ||
	    header->length > TABLE_SIZE_MAX)
		return false;
	/* Piece by piece, because a table may be larger than any buffer that we have. */
	for (at = 0; at < header->length; at += part) {
		part = min(header->length - at, (u32)sizeof(block));
		if (!read_at(reader, pa + at, block, part))
			return false;
		total = (u8)(total + sum(block, part));
	}
	return !total;
}

/* Look for a table in the list at @list_pa, "RSDT" or "XSDT", with entries of this size. */
static bool find_table(const struct acpi_reader *reader, u64 list_pa, const char *list_signature,
		       u32 entry_size, const char *signature, u64 *pa, struct acpi_header *header)
{
	struct acpi_header list;
	u32 nr, i;

	if (!list_pa || !read_header(reader, list_pa, &list) ||
	    memcmp(list.signature, list_signature, 4))
		return false;
	nr = min((list.length - (u32)sizeof(list)) / entry_size, (u32)RSDT_ENTRIES_MAX);
	for (i = 0; i < nr; i++) {
		u64 entry = 0;		/* little endian: the low half is read first */

		if (!read_at(reader, list_pa + sizeof(list) + (u64)i * entry_size, &entry,
			     entry_size))
			return false;
		/* What leads to no valid table is skipped: one bad table must hide no other. */
		if (read_header(reader, entry, header) &&
		    !memcmp(header->signature, signature, 4)) {
			*pa = entry;
			return true;
		}
	}
	return false;
}

static void add_cpu(struct acpi_cpus *cpus, u8 apic_id)
{
	unsigned int i;

	for (i = 0; i < cpus->nr; i++)
		if (cpus->apic_id[i] == apic_id)
			return;
	if (cpus->nr < ACPI_MAX_CPUS)
		cpus->apic_id[cpus->nr++] = apic_id;
	else
		cpus->nr_ignored++;
}

/* Entries are {type, length, ...}. False when one is cut off, or too short to go on behind it. */
static bool parse_madt(const struct acpi_reader *reader, u64 pa, u32 length, struct acpi_cpus *cpus)
{
	u32 at = MADT_ENTRIES, flags, lapic;
	u8 entry[12];

	if (length < MADT_ENTRIES || !read_at(reader, pa + 36, &lapic, sizeof(lapic)))
		return false;
	cpus->lapic_pa = lapic;
	while (at < length) {
		/* The second byte is the entry's length, and has to lead forwards. */
		if (length - at < 2 || !read_at(reader, pa + at, entry, 2) || entry[1] < 2 ||
		    entry[1] > length - at)
			return false;
		if (!read_at(reader, pa + at, entry, min((size_t)entry[1], sizeof(entry))))
			return false;
		if (entry[0] == MADT_LAPIC && entry[1] >= 8) {
			memcpy(&flags, entry + 4, sizeof(flags));
			if (flags & LAPIC_ENABLED && entry[3] != APIC_ID_ALL)
				add_cpu(cpus, entry[3]);
		}
		/* Its 64 bits replace the 32 in the table's head. */
		if (entry[0] == MADT_LAPIC_ADDRESS && entry[1] >= 12)
			memcpy(&cpus->lapic_pa, entry + 4, sizeof(cpus->lapic_pa));
		at += entry[1];
	}
	return true;
}

const char *acpi_find_cpus(const struct acpi_reader *reader, const void *copy, size_t size,
			   struct acpi_cpus *cpus)
{
	struct acpi_rsdp rsdp = { 0 };
	struct acpi_header header;
	u64 pa;

	*cpus = (struct acpi_cpus){ 0 };
	if (!copy_rsdp(copy, size, &rsdp) && !find_rsdp(reader, &rsdp))
		return "no ACPI tables";
	/* "APIC" is the signature of the MADT. */
	if (!find_table(reader, rsdp.rsdt_pa, "RSDT", 4, "APIC", &pa, &header) &&
	    !find_table(reader, rsdp.xsdt_pa, "XSDT", 8, "APIC", &pa, &header))
		return "ACPI has no (valid) table of CPUs (MADT)";
	if (!parse_madt(reader, pa, header.length, cpus))
		return "the table of CPUs (MADT) is malformed";
	return cpus->nr ? NULL : "the table of CPUs (MADT) lists none";
}
