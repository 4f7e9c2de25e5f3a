/* SPDX-License-Identifier: MIT */
/*
 * A reader for cpio archives in the "newc" format (cpio(5)). Every byte is untrusted. Any context.
 */
#pragma once
#include "kernel/types.h"

struct cpio_entry {
	const char *name;		/* terminated */
	mode_t mode;
	const u8 *data;
	size_t size;
};

/*
 * Read the entry at offset *@pos of the archive, and advance *@pos to the next one. Returns 1, 0 at
 * the trailer that ends the archive, or -EINVAL with an explanation in *@why.
 */
int cpio_next(const void *archive, size_t size, size_t *pos, struct cpio_entry *entry,
	      const char **why);
