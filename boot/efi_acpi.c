/* SPDX-License-Identifier: MIT */
/*
 * Where firmware that gives no device tree has the console: in ACPI's table SPCR. It is looked for
 * while the firmware's memory is as the firmware has mapped it, and copied for the kernel, which
 * knows no more of ACPI than this on arm64 (ACPI specification 6.4, sections 5.2.5 to 5.2.8).
 * Untraced, unchecked: see efi.c.
 */
#include "boot/efi_boot.h"
#include "kernel/compiler.h"
#include "kernel/lib/string.h"

static const struct efi_guid acpi_guid = { {
	0x71, 0xe8, 0x68, 0x88, 0xf1, 0xe4, 0xd3, 0x11, 0xbc, 0x22, 0x00, 0x80, 0xc7, 0x3c, 0x88,
	0x81 } };

#define RSDP_XSDT 24			/* where the root pointer has the list's address */
#define HEADER_SIZE 36			/* of every table */
#define LIST_MAX 4096			/* more is no list of tables, but a mistake */

/* Fields are not aligned. */
static __init u64 read_number(const u8 *at, unsigned int size)
{
	u64 value = 0;

	memcpy(&value, at, size);
	return value;
}

/* Is this a table of that name? Its length is in *@size, and its bytes must add up to 0. */
static __init bool is_table(const u8 *table, const char *name, u64 *size)
{
	u8 sum = 0;

	if (!table || memcmp(table, name, 4))
		return false;
	*size = read_number(table + 4, 4);
	if (*size < HEADER_SIZE || *size > LIST_MAX)
		return false;
	for (u64 i = 0; i < *size; i++)
		sum = (u8)(sum + table[i]);
	return !sum;
}

static __init const u8 *pointer_at(const u8 *at)
{
	return (const u8 *)(unsigned long)read_number(at, 8);
}

__init void efi_find_console(struct efi_boot *boot)
{
	const u8 *rsdp = efi_find_table(boot->table, &acpi_guid), *list, *table;
	u64 list_size, size;

	if (!rsdp || memcmp(rsdp, "RSD PTR ", 8))
		return;
	list = pointer_at(rsdp + RSDP_XSDT);
	if (!is_table(list, "XSDT", &list_size))
		return;
	for (u64 at = HEADER_SIZE; at + 8 <= list_size; at += 8) {
		table = pointer_at(list + at);
		if (!is_table(table, "SPCR", &size))
			continue;
		/* Copied, because the firmware's memory is the kernel's to use once it has started. */
		boot->handoff->spcr_size = (unsigned int)min(size, (u64)BOOT_SPCR_SIZE);
		memcpy(boot->handoff->spcr, table, boot->handoff->spcr_size);
		return;
	}
}
