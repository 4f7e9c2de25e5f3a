/* SPDX-License-Identifier: MIT */
/*
 * The device tree reader. A tree in the flattened format is built here, cut off at every length,
 * with every byte damaged, and with wrong structures. A tree lies at the end of an allocation of
 * its own, so that ASan notices a byte too far.
 */
#include <stdlib.h>
#include "arch/common/fdt.h"
#include "kernel/compiler.h"
#include "kernel/lib/errno.h"
#include "tests/host/tap.h"

enum { BEGIN_NODE = 1, END_NODE = 2, PROP = 3, NOP = 4, END = 9 };
#define STRUCT_OFFSET 72u	/* 40 bytes of header, a reservation, and the list's end */

static u8 structure[4096], strings[1024];
static u32 structure_size, strings_size;
static u8 *blob;
static u32 blob_size;
static struct fdt fdt;

static void put_be32(u8 *p, u32 value)
{
	p[0] = (u8)(value >> 24);
	p[1] = (u8)(value >> 16);
	p[2] = (u8)(value >> 8);
	p[3] = (u8)value;
}

static void cell(u32 value)
{
	put_be32(structure + structure_size, value);
	structure_size += 4;
}

static void bytes(const void *data, u32 len)
{
	memcpy(structure + structure_size, data, len);
	structure_size += ALIGN_UP(len, 4u);
}

static void begin(const char *name)
{
	cell(BEGIN_NODE);
	bytes(name, (u32)strlen(name) + 1);
}

static void prop(const char *name, const void *value, u32 len)
{
	u32 at = 0;

	while (at < strings_size && strcmp((char *)strings + at, name))
		at += (u32)strlen((char *)strings + at) + 1;
	if (at == strings_size) {
		strcpy((char *)strings + at, name);
		strings_size += (u32)strlen(name) + 1;
	}
	cell(PROP);
	cell(len);
	cell(at);
	bytes(value, len);
}

static void prop_cells(const char *name, unsigned int nr, const u32 *cells)
{
	u8 value[64];
	unsigned int i;

	for (i = 0; i < nr; i++)
		put_be32(value + 4 * i, cells[i]);
	prop(name, value, 4 * nr);
}
#define CELLS(name, cells...) \
	prop_cells(name, sizeof((u32[]){ cells }) / 4, (const u32[]){ cells })

static void reset(void)
{
	memset(structure, 0, sizeof(structure));
	memset(strings, 0, sizeof(strings));
	structure_size = strings_size = 0;
}

/* Puts the parts together. */
static void assemble(void)
{
	free(blob);
	blob_size = STRUCT_OFFSET + structure_size + strings_size;
	blob = calloc(1, blob_size);
	put_be32(blob, 0xd00dfeed);
	put_be32(blob + 4, blob_size);
	put_be32(blob + 8, STRUCT_OFFSET);
	put_be32(blob + 12, STRUCT_OFFSET + structure_size);
	put_be32(blob + 16, 40);
	put_be32(blob + 20, 17);
	put_be32(blob + 24, 16);
	put_be32(blob + 32, strings_size);
	put_be32(blob + 36, structure_size);
	put_be32(blob + 40 + 4, 0x47000000);
	put_be32(blob + 48 + 4, 0x2000);
	memcpy(blob + STRUCT_OFFSET, structure, structure_size);
	memcpy(blob + STRUCT_OFFSET + structure_size, strings, strings_size);
}

/* Builds a tree like that of QEMU's virt machine. */
static void build(void)
{
	reset();
	begin("");
	CELLS("#address-cells", 2);
	CELLS("#size-cells", 2);
	prop("compatible", "linux,dummy-virt", 17);
	cell(NOP);
	begin("memory@40000000");
	prop("device_type", "memory", 7);
	CELLS("reg", 0, 0x40000000, 0, 0x8000000, 1, 0, 0, 0x1000);
	cell(END_NODE);
	begin("pl011@9000000");
	prop("compatible", "arm,pl011\0arm,primecell", 24);
	CELLS("reg", 0, 0x9000000, 0, 0x1000);
	CELLS("interrupts", 0, 1, 4);
	prop("status", "okay", 5);
	cell(END_NODE);
	/* Addresses below this node have another size than those above. */
	begin("soc");
	CELLS("#address-cells", 1);
	CELLS("#size-cells", 1);
	begin("timer@10");
	CELLS("reg", 0x10, 0x20);
	prop("status", "disabled", 9);
	prop("empty", "", 0);
	cell(END_NODE);
	cell(END_NODE);
	begin("chosen");
	prop("bootargs", "ftrace=function", 16);
	CELLS("linux,initrd-start", 1, 0x48000000);
	CELLS("linux,initrd-end", 0x48000100);
	prop("no-end", "abc", 3);
	cell(END_NODE);
	cell(END_NODE);
	cell(END);
	assemble();
}

static int count_node(const struct fdt *tree, const struct fdt_node *node, void *arg)
{
	(*(unsigned int *)arg)++;
	return 0;
}

TEST(good_tree)
{
	static const char *const uarts[] = { "arm,pl0", "arm,primecell", "arm,pl011" };
	struct fdt_node node;
	u64 address, size, number;
	u32 value;
	unsigned int nodes = 0;

	build();
	EXPECT_EQ(fdt_total_size(blob), blob_size);
	EXPECT(!fdt_open(&fdt, blob, blob_size));
	EXPECT_EQ(fdt_for_each_node(&fdt, count_node, &nodes), 0);
	EXPECT_EQ(nodes, 6);
	ASSERT(fdt_find(&fdt, "/memory", &node));
	EXPECT(fdt_reg(&fdt, &node, 0, &address, &size) && address == 0x40000000);
	EXPECT_EQ(size, 0x8000000);
	EXPECT(fdt_reg(&fdt, &node, 1, &address, &size) && address == 1ull << 32 && size == 0x1000);
	EXPECT(!fdt_reg(&fdt, &node, 2, &address, &size));
	ASSERT(fdt_find(&fdt, "/pl011@9000000:115200n8", &node));
	/* A name must be equal as a whole: the first only begins like one of the node's. */
	EXPECT_EQ(fdt_compatible(&fdt, &node, uarts, 1), -1);
	EXPECT_EQ(fdt_compatible(&fdt, &node, uarts, 3), 1);
	EXPECT_EQ(fdt_compatible(&fdt, &node, uarts + 2, 1), 0);
	EXPECT(fdt_enabled(&fdt, &node));
	EXPECT(fdt_prop_cell(&fdt, &node, "interrupts", 1, &value) && value == 1);
	EXPECT(!fdt_prop_cell(&fdt, &node, "interrupts", 3, &value));
	ASSERT(fdt_find(&fdt, "/soc/timer@10", &node));
	EXPECT(fdt_reg(&fdt, &node, 0, &address, &size) && address == 0x10 && size == 0x20);
	EXPECT(!fdt_enabled(&fdt, &node));
	EXPECT(!fdt_prop_string(&fdt, &node, "empty"));
	ASSERT(fdt_find(&fdt, "/chosen", &node));
	EXPECT_STREQ(fdt_prop_string(&fdt, &node, "bootargs"), "ftrace=function");
	EXPECT(fdt_prop_number(&fdt, &node, "linux,initrd-start", &number));
	EXPECT_EQ(number, 0x148000000);
	EXPECT(fdt_prop_number(&fdt, &node, "linux,initrd-end", &number) && number == 0x48000100);
	EXPECT(!fdt_prop_number(&fdt, &node, "bootargs", &number));
	EXPECT(!fdt_prop_string(&fdt, &node, "no-end"));
	EXPECT(!fdt_prop(&fdt, &node, "absent", &value));
	EXPECT(fdt_reserved(&fdt, 0, &address, &size) && address == 0x47000000 && size == 0x2000);
	EXPECT(!fdt_reserved(&fdt, 1, &address, &size));
}

TEST(paths)
{
	static const char *const absent[] = {
		"", "memory", "/nothing", "/memory@4", "/memory/x", "/soc/timer@11", "/soc/pl011",
		"/timer@10", "/so", "/socx", "/soc/timer@10/x",
	};
	struct fdt_node node;
	unsigned int i;

	build();
	EXPECT(!fdt_open(&fdt, blob, blob_size));
	for (i = 0; i < ARRAY_SIZE(absent); i++)
		if (fdt_find(&fdt, absent[i], &node))
			tap_fail(__FILE__, __LINE__, "found \"%s\"", absent[i]);
	EXPECT(fdt_find(&fdt, "/", &node) && node.depth == 0);
	EXPECT(fdt_find(&fdt, "/soc/timer", &node) && node.depth == 2);
	EXPECT(fdt_find(&fdt, "/soc/", &node) && node.depth == 1);
}

/*
 * Does everything that the kernel does with a tree. It only matters what ASan finds, and that it
 * ends.
 */
static int look_at_all(const struct fdt *tree, const struct fdt_node *node, void *arg)
{
	static const char *const wanted[] = { "arm,primecell", "" };
	static const char *const names[] = {
		"reg", "compatible", "status", "bootargs", "interrupts",
	};
	u64 address, size;
	u32 value, cell_nr;
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(names); i++) {
		const char *text = fdt_prop_string(tree, node, names[i]);

		EXPECT(!text || strlen(text) < 5000);
		fdt_prop_number(tree, node, names[i], &address);
		for (cell_nr = 0; cell_nr < 30; cell_nr += 7)
			fdt_prop_cell(tree, node, names[i], cell_nr, &value);
	}
	for (i = 0; i < 4; i++)
		fdt_reg(tree, node, i, &address, &size);
	fdt_reg(tree, node, ~0u, &address, &size);
	fdt_compatible(tree, node, wanted, ARRAY_SIZE(wanted));
	fdt_enabled(tree, node);
	return strlen(node->name) > 5000;
}

static int use(const u8 *data, u32 size)
{
	struct fdt_node node;
	u64 address, length;
	unsigned int i;
	int err;

	if (fdt_open(&fdt, data, size))
		return -EINVAL;
	err = fdt_for_each_node(&fdt, look_at_all, NULL);
	fdt_find(&fdt, "/soc/timer@10", &node);
	fdt_find(&fdt, "/chosen", &node);
	for (i = 0; i < 1000 && fdt_reserved(&fdt, i, &address, &length); i++)
		;
	return err;
}

/* Returns a copy that is cut to @size and lies at the end of its allocation. */
static u8 *copy_of(u32 size)
{
	u8 *copy = malloc(size ? size : 1);

	memcpy(copy, blob, size);
	return copy;
}

TEST(cut_off_anywhere)
{
	u32 size;
	u8 *copy;

	build();
	EXPECT_EQ(use(blob, blob_size), 0);
	for (size = 0; size < blob_size; size++) {
		copy = copy_of(size);
		EXPECT(use(copy, size) < 0);
		/* The header says this size, too. */
		if (size >= FDT_HEADER_SIZE) {
			put_be32(copy + 4, size);
			use(copy, size);
			put_be32(copy + 12, 40);
			put_be32(copy + 32, size - 40);
			put_be32(copy + 36, size > STRUCT_OFFSET ? size - STRUCT_OFFSET : 0);
			use(copy, size);
		}
		free(copy);
	}
}

TEST(every_byte_damaged)
{
	static const u8 values[] = { 0x00, 0x01, 0x7f, 0x80, 0xff };
	u32 at;
	unsigned int v;
	u8 *copy;

	build();
	for (at = 0; at < blob_size; at++)
		for (v = 0; v < ARRAY_SIZE(values); v++) {
			copy = copy_of(blob_size);
			copy[at] = values[v];
			use(copy, blob_size);
			free(copy);
		}
}

TEST(random_damage)
{
	unsigned int round, i;
	u8 *copy;

	build();
	for (round = 0; round < 20000; round++) {
		copy = copy_of(blob_size);
		for (i = 1 + tap_below(6); i; i--) {
			u32 at = tap_below(blob_size / 4) * 4;

			put_be32(copy + at, tap_below(2) ? tap_below(16) : tap_random());
		}
		use(copy, blob_size);
		free(copy);
	}
}

TEST(structures_that_lie)
{
	unsigned int i;

	/* The tree is deeper than there is room for. */
	reset();
	for (i = 0; i < 2 * FDT_MAX_DEPTH; i++)
		begin("x");
	prop("p", "", 0);
	cell(END);
	assemble();
	EXPECT_EQ(use(blob, blob_size), -EBADMSG);
	/*
	 * These have one end too many; no end at all; an unknown token; a property of endless
	 * length.
	 */
	reset();
	begin("");
	prop("p", "", 0);
	cell(END_NODE);
	cell(END_NODE);
	cell(END);
	assemble();
	EXPECT_EQ(use(blob, blob_size), -EBADMSG);
	reset();
	begin("");
	prop("p", "", 0);
	assemble();
	EXPECT_EQ(use(blob, blob_size), -EBADMSG);
	reset();
	begin("");
	prop("p", "", 0);
	cell(77);
	assemble();
	EXPECT_EQ(use(blob, blob_size), -EBADMSG);
	reset();
	begin("");
	prop("reg", "", 0);
	put_be32(structure + structure_size - 8, 0xfffffffc);
	cell(END_NODE);
	cell(END);
	assemble();
	EXPECT_EQ(use(blob, blob_size), -EBADMSG);
}

TEST(absurd_cell_counts)
{
	struct fdt_node node;
	u64 address, size;
	u32 a, s;

	for (a = 0; a < 6; a++)
		for (s = 0; s < 6; s++) {
			reset();
			begin("");
			CELLS("#address-cells", a == 5 ? 0x40000000 : a);
			CELLS("#size-cells", s == 5 ? 0xc0000000 : s);
			begin("n");
			CELLS("reg", 1, 2, 3, 4);
			cell(END_NODE);
			cell(END_NODE);
			cell(END);
			assemble();
			EXPECT(!fdt_open(&fdt, blob, blob_size));
			ASSERT(fdt_find(&fdt, "/n", &node));
			EXPECT_EQ(fdt_reg(&fdt, &node, 0, &address, &size),
				  a >= 1 && a <= 2 && s <= 2);
		}
	free(blob);
	blob = NULL;
}
