/* SPDX-License-Identifier: MIT */
/* Fuzzes the device tree reader: every node, with every question that can be asked of it. */
#include "arch/common/fdt.h"
#include "kernel/lib/errno.h"
#include "tests/host/fuzz/fuzz.h"
#include <stdlib.h>

static const u8 *blob;
static size_t blob_size;
static volatile u8 sum;

static void touch(const void *at, size_t len)
{
	const u8 *p = at;

	MUST(p >= blob && len <= blob_size && p + len <= blob + blob_size);
	for (size_t i = 0; i < len; i++)
		sum += p[i];
}

static int look(const struct fdt *fdt, const struct fdt_node *node, void *arg)
{
	static const char *const known[] = { "arm,pl011", "arm,gic-v3" };
	unsigned int *nodes = arg;
	const char *text;
	const void *prop;
	u64 address, size;
	u32 len, cell;

	MUST(node->depth <= FDT_MAX_DEPTH && ++*nodes <= blob_size);
	touch(node->name, strlen(node->name) + 1);
	prop = fdt_prop(fdt, node, "reg", &len);
	if (prop)
		touch(prop, len);
	text = fdt_prop_string(fdt, node, "bootargs");
	if (text)
		touch(text, strlen(text) + 1);
	fdt_prop_number(fdt, node, "linux,initrd-start", &address);
	for (u32 i = 0; i < 8; i++) {
		fdt_prop_cell(fdt, node, "interrupts", i, &cell);
		fdt_reg(fdt, node, i, &address, &size);
	}
	fdt_prop_cell(fdt, node, "interrupts", 0x40000000, &cell);
	fdt_reg(fdt, node, 0x10000000, &address, &size);
	MUST(fdt_compatible(fdt, node, known, 2) < 2);
	fdt_enabled(fdt, node);
	return 0;
}

int LLVMFuzzerTestOneInput(const u8 *data, size_t size)
{
	u8 *copy = malloc(size ? size : 1);
	struct fdt_node node;
	unsigned int nodes = 0;
	u64 address, length;
	struct fdt fdt;
	int err;

	memcpy(copy, data, size);
	blob = copy;
	blob_size = size;
	if (size >= FDT_HEADER_SIZE)
		fdt_total_size(copy);
	if (!fdt_open(&fdt, copy, size)) {
		err = fdt_for_each_node(&fdt, look, &nodes);
		MUST(!err || err == -EBADMSG);
		fdt_find(&fdt, "/chosen", &node);
		fdt_find(&fdt, "/cpus/cpu@0", &node);
		for (u32 i = 0; fdt_reserved(&fdt, i, &address, &length); i++)
			MUST(i < size);
	}
	free(copy);
	return 0;
}
