/* SPDX-License-Identifier: MIT */
/* A reader of cpio archives in the "newc" format (cpio(5)): pure, every byte untrusted. */
#pragma once
#include "kernel/types.h"

struct cpio_entry {
	const char *name;		/* terminated */
	mode_t mode;
	const u8 *data;
	size_t size;
};

/*
 * The entry at *@pos of the archive, and *pos behind it. 1; 0 at the end (a trailer);
 * negative: *why says what is wrong.
 */
int cpio_next(const void *archive, size_t size, size_t *pos, struct cpio_entry *entry,
	      const char **why);
