/* SPDX-License-Identifier: MIT */
/*
 * A firmware that is played on the host, and the image that it starts, for tests of boot/efi*.c.
 * build_firmware() makes one with which all goes well; a test then changes what is to go wrong.
 */
#pragma once
#include "boot/efi_boot.h"

#define FILE_SIZE 5000u
#define HANDOFF_AT 1024u
#define MAX_DESCRIPTORS 100

extern struct efi_firmware {
	char console[2000];
	u64 pages_left, pages_given;
	unsigned int pools_given, nr_given;
	void *given[8];			/* what is to be freed before the next start */
	u64 key;			/* of the newest list of memory */
	unsigned int refusals;		/* so often the list changes just before it lets go */
	bool refused, gone;
	struct efi_memory_descriptor map[MAX_DESCRIPTORS];
	unsigned int nr_descriptors;
	const char *offered;		/* the initrd that it offers */
	bool offered_breaks;
	const char *file;		/* the one file on the device, initrd.img */
	u64 position;
} firmware;

extern char image[FILE_SIZE + sizeof(struct efi_handoff)];
extern struct efi_loaded_image loaded;
extern struct efi_launch launch;
extern struct efi_system_table system_table;
extern char tree[8];
/* Behind each table there is memory, which a wrong length may reach. */
extern u8 rsdp[36], xsdt[4096], spcr[4096];

void build_firmware(void);
/* The same, with ACPI's tables as firmware has them: the pointer, the list, two tables on it. */
void build_acpi(void);
/* Make @table one with this name and size, and a right sum. */
void make_table(u8 *table, const char *name, u32 size);
void add_descriptor(u32 type, u64 start, u64 nr_pages, u64 attribute);
/* The command line that the firmware passes on. */
void set_options(const char *text);

/* Start the image. started: where that must go well; returns what the kernel gets. */
efi_status start(void);
struct efi_handoff *started(void);
struct efi_handoff *handoff(void);
/* Are these words on the firmware's console? */
bool said(const char *words);
