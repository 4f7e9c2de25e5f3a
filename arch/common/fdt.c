/* SPDX-License-Identifier: MIT */
/*
 * The device tree reader. Everything goes through next_token(), which checks
 * each step against the structure block; offsets are 32 bits and sums are
 * compared by subtraction, so nothing wraps. Needs nothing of a machine.
 */
#include "arch/common/fdt.h"
#include "kernel/compiler.h"
#include "kernel/lib/errno.h"
#include "kernel/lib/string.h"

#define FDT_MAGIC 0xd00dfeedu
#define FDT_LAST_COMPATIBLE 17u		/* versions up to 17 say that they can be read as this */

enum { FDT_BEGIN_NODE = 1, FDT_END_NODE = 2, FDT_PROP = 3, FDT_NOP = 4, FDT_END = 9 };

/* Header fields, by offset. */
enum {
	H_MAGIC = 0, H_TOTAL_SIZE = 4, H_STRUCT_OFFSET = 8, H_STRINGS_OFFSET = 12,
	H_RESERVE_OFFSET = 16, H_VERSION = 20, H_LAST_COMPATIBLE = 24, H_STRINGS_SIZE = 32,
	H_STRUCT_SIZE = 36,
};

/* One step through the structure block. */
struct token {
	u32 kind;
	const char *name;	/* of the node or the property */
	const u8 *value;
	u32 len;
};

static u32 be32(const u8 *p)
{
	return (u32)p[0] << 24 | (u32)p[1] << 16 | (u32)p[2] << 8 | p[3];
}

static u64 be64(const u8 *p)
{
	return (u64)be32(p) << 32 | be32(p + 4);
}

u32 fdt_total_size(const void *header)
{
	const u8 *p = header;

	return be32(p + H_MAGIC) == FDT_MAGIC ? be32(p + H_TOTAL_SIZE) : 0;
}

const char *fdt_open(struct fdt *fdt, const void *blob, size_t size)
{
	const u8 *p = blob;
	u32 total, struct_size, strings_size;

	if (size < FDT_HEADER_SIZE || be32(p + H_MAGIC) != FDT_MAGIC)
		return "device tree: bad magic number";
	total = be32(p + H_TOTAL_SIZE);
	if (total < FDT_HEADER_SIZE || total > size || total > FDT_MAX_SIZE)
		return "device tree: bad size";
	if (be32(p + H_VERSION) < FDT_LAST_COMPATIBLE ||
	    be32(p + H_LAST_COMPATIBLE) > FDT_LAST_COMPATIBLE)
		return "device tree: unknown version";
	fdt->blob = p;
	fdt->struct_offset = be32(p + H_STRUCT_OFFSET);
	fdt->strings_offset = be32(p + H_STRINGS_OFFSET);
	fdt->reserve_offset = be32(p + H_RESERVE_OFFSET);
	struct_size = be32(p + H_STRUCT_SIZE);
	strings_size = be32(p + H_STRINGS_SIZE);
	/* Borders are compared by subtraction, because a sum of two such numbers may wrap. */
	if (fdt->struct_offset > total || struct_size > total - fdt->struct_offset ||
	    fdt->struct_offset % 4)
		return "device tree: structure block out of bounds";
	if (fdt->strings_offset > total || strings_size > total - fdt->strings_offset)
		return "device tree: strings block out of bounds";
	/* Property names are read as strings, so the last of them must end within the block. */
	if (!strings_size || p[fdt->strings_offset + strings_size - 1])
		return "device tree: strings block without an end";
	if (fdt->reserve_offset > total)
		return "device tree: reservation block out of bounds";
	fdt->struct_end = fdt->struct_offset + struct_size;
	fdt->strings_end = fdt->strings_offset + strings_size;
	fdt->reserve_end = total;
	return NULL;
}

/* Step over @size bytes and the padding behind them. */
static bool skip(const struct fdt *fdt, u32 *at, u32 size)
{
	u32 room = fdt->struct_end - *at;

	if (size > room)
		return false;
	*at += size;
	/* The block starts at a multiple of 4; what is missing of a last cell is not needed. */
	*at += min(-*at & 3u, fdt->struct_end - *at);
	return true;
}

static bool next_node(const struct fdt *fdt, u32 *at, struct token *token)
{
	const u8 *name = fdt->blob + *at;
	const u8 *end = memchr(name, 0, fdt->struct_end - *at);

	token->name = (const char *)name;
	return end && skip(fdt, at, (u32)(end - name) + 1);
}

/* The strings block ends in a zero byte, so every name in it does. */
static bool next_prop(const struct fdt *fdt, u32 *at, struct token *token)
{
	u32 name_offset;

	if (fdt->struct_end - *at < 8)
		return false;
	token->len = be32(fdt->blob + *at);
	name_offset = be32(fdt->blob + *at + 4);
	*at += 8;
	token->value = fdt->blob + *at;
	if (name_offset >= fdt->strings_end - fdt->strings_offset)
		return false;
	token->name = (const char *)fdt->blob + fdt->strings_offset + name_offset;
	/* The value's length is checked here, before anybody reads the value. */
	return skip(fdt, at, token->len);
}

/* The token at *at, and *at past it. False where the block is broken or ends early. */
static bool next_token(const struct fdt *fdt, u32 *at, struct token *token)
{
	/* Every turn uses up four bytes, so that a walk ends whatever the tree holds. */
	do {
		if (fdt->struct_end - *at < 4)
			return false;
		token->kind = be32(fdt->blob + *at);
		*at += 4;
	} while (token->kind == FDT_NOP);
	switch (token->kind) {
	case FDT_BEGIN_NODE:
		return next_node(fdt, at, token);
	case FDT_PROP:
		return next_prop(fdt, at, token);
	case FDT_END_NODE:
	case FDT_END:
		return true;
	default:
		return false;
	}
}

const void *fdt_prop(const struct fdt *fdt, const struct fdt_node *node, const char *name,
		     u32 *len)
{
	u32 at = node->props;
	struct token token;

	/* Properties come before child nodes. */
	while (next_token(fdt, &at, &token) && token.kind == FDT_PROP) {
		if (!strcmp(token.name, name)) {
			*len = token.len;
			return token.value;
		}
	}
	return NULL;
}

const char *fdt_prop_string(const struct fdt *fdt, const struct fdt_node *node, const char *name)
{
	u32 len;
	const char *value = fdt_prop(fdt, node, name, &len);

	return value && len && memchr(value, 0, len) ? value : NULL;
}

bool fdt_prop_number(const struct fdt *fdt, const struct fdt_node *node, const char *name,
		     u64 *value)
{
	u32 len;
	const u8 *bytes = fdt_prop(fdt, node, name, &len);

	if (!bytes || (len != 4 && len != 8))
		return false;
	*value = len == 4 ? be32(bytes) : be64(bytes);
	return true;
}

bool fdt_prop_cell(const struct fdt *fdt, const struct fdt_node *node, const char *name,
		   u32 index, u32 *value)
{
	u32 len;
	const u8 *bytes = fdt_prop(fdt, node, name, &len);

	if (!bytes || index >= len / 4)
		return false;
	*value = be32(bytes + 4 * index);
	return true;
}

bool fdt_reg(const struct fdt *fdt, const struct fdt_node *node, u32 index, u64 *address,
	     u64 *size)
{
	u32 len, entry = 4 * (node->address_cells + node->size_cells);
	const u8 *bytes = fdt_prop(fdt, node, "reg", &len);

	if (node->address_cells < 1 || node->address_cells > 2 || node->size_cells > 2)
		return false;
	/* @entry is not 0, for there is one cell of address at least. CPUs have no size. */
	if (!bytes || index >= len / entry)
		return false;
	bytes += index * entry;
	*address = node->address_cells == 2 ? be64(bytes) : be32(bytes);
	bytes += 4 * node->address_cells;
	*size = node->size_cells == 2 ? be64(bytes) : node->size_cells ? be32(bytes) : 0;
	return true;
}

/* Is @name one of the strings in the @len bytes at @list? */
static bool list_contains(const char *list, u32 len, const char *name)
{
	while (len) {
		const char *end = memchr(list, 0, len);

		if (!end)
			return false;
		if (!strcmp(list, name))
			return true;
		len -= (u32)(end + 1 - list);
		list = end + 1;
	}
	return false;
}

int fdt_compatible(const struct fdt *fdt, const struct fdt_node *node, const char *const *names,
		   unsigned int nr)
{
	u32 len;
	const char *list = fdt_prop(fdt, node, "compatible", &len);

	for (unsigned int i = 0; list && i < nr; i++) {
		if (list_contains(list, len, names[i]))
			return (int)i;
	}
	return -1;
}

bool fdt_enabled(const struct fdt *fdt, const struct fdt_node *node)
{
	const char *status = fdt_prop_string(fdt, node, "status");

	return !status || !strcmp(status, "okay") || !strcmp(status, "ok");
}

bool fdt_reserved(const struct fdt *fdt, u32 index, u64 *address, u64 *size)
{
	const u8 *entry;

	if (index >= (fdt->reserve_end - fdt->reserve_offset) / 16)
		return false;
	entry = fdt->blob + fdt->reserve_offset + 16 * index;
	*address = be64(entry);
	*size = be64(entry + 8);
	return *address || *size;
}

/* How @node says that the addresses of its children are written; the defaults if it does not. */
static void child_cells(const struct fdt *fdt, const struct fdt_node *node, u32 cells[2])
{
	if (!fdt_prop_cell(fdt, node, "#address-cells", 0, &cells[0]))
		cells[0] = 2;
	if (!fdt_prop_cell(fdt, node, "#size-cells", 0, &cells[1]))
		cells[1] = 1;
}

int fdt_for_each_node(const struct fdt *fdt,
		      int (*fn)(const struct fdt *fdt, const struct fdt_node *node, void *arg),
		      void *arg)
{
	/* cells[d]: how nodes of depth d are written; the root has no parent to say so. */
	u32 cells[FDT_MAX_DEPTH][2] = { { 2, 1 } };
	u32 at = fdt->struct_offset, depth = 0;
	struct fdt_node node = { .depth = FDT_MAX_DEPTH };	/* the last that was begun */
	struct token token;

	while (next_token(fdt, &at, &token)) {
		int result;

		if (token.kind == FDT_END)
			return depth ? -EBADMSG : 0;
		if (token.kind == FDT_END_NODE && depth-- == 0)
			return -EBADMSG;
		if (token.kind != FDT_BEGIN_NODE)
			continue;
		if (depth == FDT_MAX_DEPTH)
			return -EBADMSG;
		if (depth == node.depth + 1)		/* its first child */
			child_cells(fdt, &node, cells[depth]);
		node = (struct fdt_node){ token.name, at, depth, cells[depth][0], cells[depth][1] };
		result = fn(fdt, &node, arg);
		if (result)
			return result;
		depth++;
	}
	return -EBADMSG;
}

/* --- Paths --- */

struct path_search {
	const char *rest;	/* of the path: what comes below the node of `depth` - 1 */
	u32 depth;
	struct fdt_node *found;
};

/* Is the component at @path the node's name, unit address left out or not? Its end in *end. */
static bool component_matches(const char *path, const char *name, const char **end)
{
	size_t len = 0, name_len = strlen(name);
	const char *unit = strchr(name, '@');

	while (path[len] && path[len] != '/' && path[len] != ':')
		len++;
	*end = path + len;
	if (len == name_len && !memcmp(path, name, len))
		return true;
	return unit && len == (size_t)(unit - name) && !memcmp(path, name, len);
}

static int match_path(const struct fdt *fdt, const struct fdt_node *node, void *arg)
{
	struct path_search *search = arg;
	const char *end;

	if (node->depth < search->depth)
		return -ENOENT;		/* left the subtree that matched so far */
	if (node->depth > search->depth || !component_matches(search->rest, node->name, &end))
		return 0;
	while (*end == '/')
		end++;
	if (*end && *end != ':') {
		search->rest = end;
		search->depth++;
		return 0;
	}
	*search->found = *node;
	return 1;
}

bool fdt_find(const struct fdt *fdt, const char *path, struct fdt_node *node)
{
	struct path_search search = { path, 0, node };

	return *path == '/' && fdt_for_each_node(fdt, match_path, &search) == 1;
}
