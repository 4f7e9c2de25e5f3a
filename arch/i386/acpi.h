/* SPDX-License-Identifier: MIT */
/* Which CPUs there are, by ACPI's tables: see acpi.c. */
#pragma once
#include "kernel/compiler.h"
#include "kernel/types.h"

#define ACPI_MAX_CPUS 64

/* Where tables are read from. False: there is nothing at @pa, or not all of it. */
struct acpi_reader {
	bool (*read)(const struct acpi_reader *reader, u64 pa, void *buf, size_t len);
};

struct acpi_cpus {
	u64 lapic_pa;			/* of the local APICs' registers */
	unsigned int nr;
	u8 apic_id[ACPI_MAX_CPUS];	/* of the usable ones, each once */
	unsigned int nr_ignored;	/* more than fit */
};

/*
 * Fill @cpus. @rsdp is the loader's copy of the root pointer (size 0: none), which is looked for
 * otherwise. NULL, or in words why there is nothing to be learned.
 */
const char *acpi_find_cpus(const struct acpi_reader *reader, const void *rsdp, size_t size,
			   struct acpi_cpus *cpus);
