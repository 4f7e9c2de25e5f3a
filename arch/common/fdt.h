/* SPDX-License-Identifier: MIT */
/*
 * Reading a flattened device tree (Devicetree Specification 0.4, chapter 5). The
 * tree is untrusted: whatever it holds, nothing outside its bytes is read, and
 * every walk ends. It is never changed, and memory is never allocated.
 *
 * A struct fdt_node is a cursor; it stays valid as long as the tree. Addresses are taken as
 * written: a bus that translates them (`ranges` with contents) is not supported.
 */
#pragma once
#include "kernel/types.h"

#define FDT_HEADER_SIZE 40u
#define FDT_MAX_DEPTH 16
#define FDT_MAX_SIZE (2u << 20)		/* what the arm64 boot protocol allows */

struct fdt {
	const u8 *blob;
	u32 struct_offset, struct_end;
	u32 strings_offset, strings_end;
	u32 reserve_offset, reserve_end;
};

struct fdt_node {
	const char *name;	/* with the unit address; "" for the root */
	u32 props;		/* where its properties start */
	u32 depth;		/* root: 0 */
	u32 address_cells, size_cells;	/* of its parent: how to read its `reg` */
};

/* The size that FDT_HEADER_SIZE bytes claim, for who must reach the rest first. 0: no header. */
u32 fdt_total_size(const void *header);
/*
 * Check header and block borders of the @size bytes at @blob. NULL if they are good, else what
 * is wrong, in words. The structure is checked while it is walked.
 */
const char *fdt_open(struct fdt *fdt, const void *blob, size_t size);

/*
 * Call @fn for every node, in the tree's order, until it returns nonzero: that is the result.
 * 0 at the end, or -EBADMSG where the structure is broken (nodes before that were visited).
 */
int fdt_for_each_node(const struct fdt *fdt,
		      int (*fn)(const struct fdt *fdt, const struct fdt_node *node, void *arg),
		      void *arg);
/* The node at @path ("/a/b@1"; the unit address may be left out; a component ends at ':'). */
bool fdt_find(const struct fdt *fdt, const char *path, struct fdt_node *node);

/* A property's bytes, NULL if there is none. */
const void *fdt_prop(const struct fdt *fdt, const struct fdt_node *node, const char *name,
		     u32 *len);
/* A property that is text: terminated, or NULL. */
const char *fdt_prop_string(const struct fdt *fdt, const struct fdt_node *node, const char *name);
/* A property of one or two cells; false for any other size. */
bool fdt_prop_number(const struct fdt *fdt, const struct fdt_node *node, const char *name,
		     u64 *value);
/* Cell @index of a property that is an array of 32-bit cells; false past its end. */
bool fdt_prop_cell(const struct fdt *fdt, const struct fdt_node *node, const char *name,
		   u32 index, u32 *value);
/* Range @index of `reg`; false past the end, and for cell counts other than 1 and 2. */
bool fdt_reg(const struct fdt *fdt, const struct fdt_node *node, u32 index, u64 *address,
	     u64 *size);
/* The index of the first of @names that `compatible` lists; -1 if it lists none of them. */
int fdt_compatible(const struct fdt *fdt, const struct fdt_node *node, const char *const *names,
		   unsigned int nr);
/* `status` is absent or "okay". */
bool fdt_enabled(const struct fdt *fdt, const struct fdt_node *node);
/* Entry @index of the memory reservation block; false at its end. */
bool fdt_reserved(const struct fdt *fdt, u32 index, u64 *address, u64 *size);
