/* SPDX-License-Identifier: MIT */
/* Fuzzes the reader of initrd archives. */
#include "kernel/lib/cpio.h"
#include "tests/host/fuzz/fuzz.h"
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const u8 *data, size_t size)
{
	u8 *archive = malloc(size ? size : 1);
	struct cpio_entry entry;
	const char *why = NULL;
	size_t pos = 0, last = 0;
	int result;

	memcpy(archive, data, size);
	while ((result = cpio_next(archive, size, &pos, &entry, &why)) > 0) {
		MUST(pos > last && pos <= size);
		last = pos;
		MUST((const u8 *)entry.name > archive &&
		     (const u8 *)entry.name + strlen(entry.name) < archive + size);
		MUST(entry.data >= archive && entry.size <= size &&
		     entry.data + entry.size <= archive + size);
	}
	MUST(!result || (why && *why));
	free(archive);
	return 0;
}
