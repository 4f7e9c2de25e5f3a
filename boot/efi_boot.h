/* SPDX-License-Identifier: MIT */
/*
 * Being started by UEFI: what the entry code (efi_entry.S) gives to efi_start() and gets from it,
 * and what the kernel finds when it runs. The file that the firmware has loaded is not run where
 * it lies: it is copied to where the kernel wants to be, and the copy's struct efi_handoff is
 * filled. So what boot/ itself executes changes no variable.
 */
#pragma once
#include "boot/efi.h"
#include "kernel/boot_info.h"

/* The kernel in the loaded file. */
struct efi_image {
	const void *start;
	u64 file_size;			/* this much of it is in the file, */
	u64 memory_size;		/* and so much it takes in memory */
	const struct efi_handoff *handoff;	/* in the loaded file, not in the copy */
};

/* Where to go on. */
struct efi_launch {
	void *image;			/* the copy, at a multiple of EFI_IMAGE_ALIGN */
	void *tree;			/* the device tree; NULL: there is none */
};

#define EFI_IMAGE_ALIGN (2ull << 20)

/* What went wrong, but not so that the kernel could not run. */
#define EFI_CMDLINE_CUT (1u << 0)
#define EFI_INITRD_EMPTY (1u << 1)
#define EFI_INITRD_UNREADABLE (1u << 2)
#define EFI_MEMORY_LOST (1u << 3)

/* In the kernel's init data: all zero when it was not UEFI that started it. */
struct efi_handoff {
	bool present;
	unsigned int problems;
	char cmdline[BOOT_CMDLINE_SIZE];
	u64 initrd_start, initrd_size;
	u8 spcr[BOOT_SPCR_SIZE];	/* the beginning of ACPI's table that names the console */
	unsigned int spcr_size;		/* 0: there is none */
	unsigned int nr_memory;
	struct boot_range memory[BOOT_MAX_RANGES];
};

extern struct efi_handoff efi_handoff;

/*
 * Do all that needs the firmware, and leave it. EFI_SUCCESS: the firmware is gone, interrupts may
 * still come. Otherwise it is there, its console has got a message, and nothing is taken from it.
 */
efi_status efi_start(efi_handle self, struct efi_system_table *table,
		     const struct efi_image *image, struct efi_launch *launch);

/* What the files of boot/ share while efi_start() runs. */
struct efi_boot {
	efi_handle self;
	struct efi_system_table *table;
	struct efi_boot_services *services;
	struct efi_loaded_image *loaded;
	struct efi_handoff *handoff;	/* the copy's */
	u64 pages, nr_pages;		/* that the copy lies in */
};

/* The firmware's configuration table of this kind, or NULL. */
void *efi_find_table(const struct efi_system_table *table, const struct efi_guid *guid);
/* Show "Patchbay: @text" and a new line on the firmware's console, if it has one. */
void efi_say(struct efi_boot *boot, const char *text);
/* As efi_say(); and the kernel will have @problem in its log. */
void efi_warn(struct efi_boot *boot, unsigned int problem, const char *text);

/*
 * Turn the options that the file was started with into the kernel's command line, without the
 * words that are for loaders. @initrd gets the file that one of them names; "": none does.
 */
void efi_read_options(struct efi_boot *boot, char *initrd, size_t size);
/* Load the initrd, if there is one: from whoever offers it, or by the name of its file. */
void efi_load_initrd(struct efi_boot *boot, const char *file);
/* Copy what ACPI's tables, if there are some, say of the console. */
void efi_find_console(struct efi_boot *boot);
/*
 * Leave the firmware, whose list of memory the kernel gets. Anything but EFI_SUCCESS: it refused,
 * twice.
 */
efi_status efi_leave(struct efi_boot *boot);
