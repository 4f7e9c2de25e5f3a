/* SPDX-License-Identifier: MIT */
/* Fuzzes how the module loader reads, checks and relocates files, once for each architecture. */
#include "kernel/lib/elf.h"
#include "kernel/lib/errno.h"
#include "kernel/module/module_elf.h"
#include "tests/host/fuzz/fuzz.h"
#include "tests/host/host.h"
#include <stdlib.h>

#define LARGEST (1u << 24)		/* the loader refuses parts that execmem has no room for */

static bool resolve(const char *name, unsigned long *address, void *arg)
{
	*address = 0xf8000000u + (u8)name[0];
	if (name[0] >= 'a')
		*address = (unsigned long)name[0] << 32; /* on arm64, out of a branch's reach */
	return name[0] != 'z';
}

static void look(struct module_elf *elf)
{
	struct module_elf_table table;
	unsigned long va;
	const char *name;

	for (u32 i = 0; i < elf->nr_symbols; i++) {
		if (module_elf_function(elf, i, &name, &va))
			MUST(strlen(name) && module_elf_at(elf, va, 1));
	}
	if (module_elf_find(elf, ".module_table", &table) && table.size)
		MUST(module_elf_at(elf, table.va, table.size));
}

static bool give_memory(struct module_elf *elf)
{
	for (unsigned int i = 0; i < NR_MODULE_PARTS; i++) {
		if (elf->parts[i].size > LARGEST)
			return false;
	}
	for (unsigned int i = 0; i < NR_MODULE_PARTS; i++) {
		elf->parts[i].buf = calloc(1, elf->parts[i].size ? elf->parts[i].size : 1);
		elf->parts[i].va = 0xf8000000u + i * LARGEST;
	}
	return true;
}

int LLVMFuzzerTestOneInput(const u8 *data, size_t size)
{
	u8 *copy = malloc(size ? size : 1);
	struct module_elf elf;
	int err;

	memcpy(copy, data, size);	/* aligned as in the kernel, without room at the end */
	err = module_elf_open(&elf, copy, size);
	if (!err) {
		if (give_memory(&elf)) {
			err = module_elf_link(&elf, resolve, NULL);
			if (!err)
				look(&elf);
			for (unsigned int i = 0; i < NR_MODULE_PARTS; i++)
				free(elf.parts[i].buf);
		}
		module_elf_close(&elf);
	}
	MUST(!err || err == -ENOEXEC || err == -ENOENT);
	MUST(!err || *elf.error);
	MUST(!host_allocations());
	free(copy);
	return 0;
}
