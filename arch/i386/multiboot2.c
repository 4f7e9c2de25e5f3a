/* SPDX-License-Identifier: MIT */
/*
 * Reads the information of Multiboot 2 (Multiboot2 Specification 2.0, section 3.6), as GRUB passes
 * it: tags, one behind the other, each with its kind and its size. All of it is untrusted.
 */
#include "arch/i386/multiboot_internal.h"
#include "kernel/compiler.h"

#define TAG_END 0
#define TAG_CMDLINE 1
#define TAG_LOADER 2
#define TAG_MODULE 3
#define TAG_SIZES 4
#define TAG_MMAP 6
#define TAG_OLD_RSDP 14
#define TAG_NEW_RSDP 15

#define TAG_ALIGN 8
#define MAX_TAGS 1024

struct information {
	u32 size, reserved;
};

struct tag {
	u32 type, size;			/* with this head, without what aligns the next tag */
};

struct mmap_head {
	struct tag tag;
	u32 entry_size, entry_version;
};

struct mmap_entry {
	u64 base, size;
	u32 type, reserved;
};

/* What is done with a tag at @pa. */
typedef void visit_fn(struct boot_info *info, const struct multiboot_reader *reader, u64 pa,
		      const struct tag *tag);

static bool read_pa(const struct multiboot_reader *reader, u64 pa, void *buf, size_t len)
{
	return reader->read(reader, pa, buf, len);
}

/* Call @visit for each tag up to the last. */
static void for_each_tag(struct boot_info *info, const struct multiboot_reader *reader, u64 pa,
			 visit_fn *visit)
{
	struct information head;
	struct tag tag;
	u64 end;

	if (!read_pa(reader, pa, &head, sizeof(head))) {
		boot_problem(info, "the Multiboot information cannot be read");
		return;
	}
	end = pa + head.size;
	pa += sizeof(head);
	for (unsigned int i = 0; i < MAX_TAGS; i++) {
		/* Every tag has to lie within the whole, and to lead further. */
		if (pa > end || end - pa < sizeof(tag) || !read_pa(reader, pa, &tag, sizeof(tag)) ||
		    tag.size < sizeof(tag) || tag.size > end - pa)
			break;
		if (tag.type == TAG_END)
			return;
		visit(info, reader, pa, &tag);
		pa += ALIGN_UP((u64)tag.size, TAG_ALIGN);
	}
	boot_problem(info, "the Multiboot information has no end");
}

/* Call @add for each entry of the map that is @ram, or for each that is not. */
static void parse_mmap(struct boot_info *info, const struct multiboot_reader *reader, u64 pa,
		       const struct tag *tag, bool ram,
		       void (*add)(struct boot_info *info, u64 base, u64 size))
{
	struct mmap_entry entry;
	struct mmap_head head;
	u64 end = pa + tag->size;

	if (tag->size < sizeof(head) || !read_pa(reader, pa, &head, sizeof(head)) ||
	    head.entry_size < sizeof(entry) || head.entry_size > MMAP_MAX_ENTRY_SIZE) {
		boot_problem(info, "the Multiboot memory map is malformed");
		return;
	}
	/* An entry may be longer than what is known of it: later versions append fields. */
	pa += sizeof(head);
	for (unsigned int i = 0; pa < end; i++, pa += head.entry_size) {
		if (i == MMAP_MAX_ENTRIES || end - pa < sizeof(entry) ||
		    !read_pa(reader, pa, &entry, sizeof(entry))) {
			boot_problem(info, "the Multiboot memory map is malformed");
			return;
		}
		if ((entry.type == MMAP_RAM) == ram && entry.size)
			add(info, entry.base, entry.size);
	}
}

/* Of RSDPs the newer one is kept, which is longer. */
static void read_rsdp(struct boot_info *info, const struct multiboot_reader *reader, u64 pa,
		      const struct tag *tag)
{
	u32 size = min(tag->size - (u32)sizeof(*tag), (u32)sizeof(info->acpi_rsdp));

	if (size <= info->acpi_rsdp_size)
		return;
	if (read_pa(reader, pa + sizeof(*tag), info->acpi_rsdp, size))
		info->acpi_rsdp_size = size;
}

/* The loader's name goes first, for the command line is read as this loader passes it. */
static void visit_loader(struct boot_info *info, const struct multiboot_reader *reader, u64 pa,
			 const struct tag *tag)
{
	if (tag->type == TAG_LOADER)
		multiboot_read_loader(info, reader, pa + sizeof(*tag), tag->size - sizeof(*tag));
}

static void visit_rest(struct boot_info *info, const struct multiboot_reader *reader, u64 pa,
		       const struct tag *tag)
{
	if (tag->type == TAG_CMDLINE)
		multiboot_read_cmdline(info, reader, pa + sizeof(*tag), tag->size - sizeof(*tag));
	else if (tag->type == TAG_MMAP)
		parse_mmap(info, reader, pa, tag, true, multiboot_add_memory);
	else if (tag->type == TAG_OLD_RSDP || tag->type == TAG_NEW_RSDP)
		read_rsdp(info, reader, pa, tag);
}

/* These need to know which memory there is: modules, and what is no RAM. */
static void visit_memory(struct boot_info *info, const struct multiboot_reader *reader, u64 pa,
			 const struct tag *tag)
{
	u32 sizes[2];

	if (tag->type == TAG_MMAP)
		parse_mmap(info, reader, pa, tag, false, multiboot_add_hole);
	else if (tag->type == TAG_SIZES && tag->size >= sizeof(*tag) + sizeof(sizes) &&
		 read_pa(reader, pa + sizeof(*tag), sizes, sizeof(sizes)))
		multiboot_add_sizes(info, sizes[0], sizes[1]);
}

static void visit_module(struct boot_info *info, const struct multiboot_reader *reader, u64 pa,
			 const struct tag *tag)
{
	u32 range[2];
	char string[512];
	bool truncated;
	const u32 head = sizeof(*tag) + sizeof(range);

	if (tag->type != TAG_MODULE)
		return;
	if (tag->size < head || !read_pa(reader, pa + sizeof(*tag), range, sizeof(range)) ||
	    !multiboot_read_string(reader, pa + head, tag->size - head, string, sizeof(string),
				   &truncated))
		boot_problem(info, "a Multiboot module is malformed");
	else
		multiboot_add_module(info, range[0], range[1], string);
}

void multiboot2_parse(struct boot_info *info, const struct multiboot_reader *reader, u32 pa)
{
	/* Tags come in any order, so they are visited in ours. */
	for_each_tag(info, reader, pa, visit_loader);
	for_each_tag(info, reader, pa, visit_rest);
	for_each_tag(info, reader, pa, visit_memory);
	multiboot_assume_memory(info);
	for_each_tag(info, reader, pa, visit_module);
}
