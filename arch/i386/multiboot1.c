/* SPDX-License-Identifier: MIT */
/*
 * Reads the information of Multiboot 1 (Multiboot Specification 0.6.96, section 3.3), as QEMU and
 * GRUB on a BIOS pass it: one structure, with addresses of others. All of it is untrusted.
 */
#include "arch/i386/multiboot_internal.h"
#include "kernel/compiler.h"

#define MBI_MEMORY (1u << 0)
#define MBI_CMDLINE (1u << 2)
#define MBI_MODULES (1u << 3)
#define MBI_MMAP (1u << 6)
#define MBI_LOADER (1u << 9)

struct multiboot_info {
	u32 flags, mem_lower, mem_upper, boot_device, cmdline, mods_count, mods_addr, syms[4];
	u32 mmap_length, mmap_addr, drives_length, drives_addr, config_table, boot_loader_name;
};
_Static_assert(sizeof(struct multiboot_info) == 68, "layout of the specification");

struct multiboot_mmap_entry {
	u32 size;			/* of what follows */
	u32 base_low, base_high, length_low, length_high, type;
};

struct multiboot_module {
	u32 start, end, string, reserved;
};

static bool read_pa(const struct multiboot_reader *reader, u64 pa, void *buf, size_t len)
{
	return reader->read(reader, pa, buf, len);
}

/* Call @add for each entry of the map that is @ram, or for each that is not. */
static void parse_mmap(struct boot_info *info, const struct multiboot_reader *reader, u32 addr,
		       u32 length, bool ram,
		       void (*add)(struct boot_info *info, u64 base, u64 size))
{
	struct multiboot_mmap_entry entry;
	unsigned int count;
	u64 pa = addr, end = (u64)addr + length;

	for (count = 0; pa < end; count++) {
		u64 base, size;

		/* The size does not count its own field. With too small a size entries overlap. */
		if (count == MMAP_MAX_ENTRIES || end - pa < sizeof(entry) ||
		    !read_pa(reader, pa, &entry, sizeof(entry)) ||
		    entry.size < sizeof(entry) - sizeof(entry.size) ||
		    entry.size > MMAP_MAX_ENTRY_SIZE) {
			boot_problem(info, "the Multiboot memory map is malformed");
			return;
		}
		pa += entry.size + sizeof(entry.size);
		base = (u64)entry.base_high << 32 | entry.base_low;
		size = (u64)entry.length_high << 32 | entry.length_low;
		if ((entry.type == MMAP_RAM) == ram && size)
			add(info, base, size);
	}
}

static void parse_memory(struct boot_info *info, const struct multiboot_reader *reader,
			 const struct multiboot_info *mbi)
{
	if (mbi->flags & MBI_MMAP) {
		parse_mmap(info, reader, mbi->mmap_addr, mbi->mmap_length, true,
			   multiboot_add_memory);
		parse_mmap(info, reader, mbi->mmap_addr, mbi->mmap_length, false,
			   multiboot_add_hole);
	}
	if (mbi->flags & MBI_MEMORY)
		multiboot_add_sizes(info, mbi->mem_lower, mbi->mem_upper);
}

static void parse_module(struct boot_info *info, const struct multiboot_reader *reader, u64 pa)
{
	struct multiboot_module mod;
	char string[512];
	bool truncated;

	if (!read_pa(reader, pa, &mod, sizeof(mod)))
		boot_problem(info, "the Multiboot module list is malformed");
	else if (!multiboot_read_string(reader, mod.string, ~0ull, string, sizeof(string),
					&truncated))
		boot_problem(info, "a Multiboot module is malformed");
	else
		multiboot_add_module(info, mod.start, mod.end, string);
}

static void parse_modules(struct boot_info *info, const struct multiboot_reader *reader, u32 addr,
			  u32 count)
{
	u32 i;

	for (i = 0; i < count && info->nr_modules < BOOT_MAX_MODULES; i++) {
		if (i >= 2 * BOOT_MAX_MODULES)
			break;
		parse_module(info, reader, (u64)addr + (u64)i * sizeof(struct multiboot_module));
	}
	if (i < count)
		boot_problem(info, "too many Multiboot modules");
}

void multiboot1_parse(struct boot_info *info, const struct multiboot_reader *reader, u32 pa)
{
	struct multiboot_info mbi;

	if (!read_pa(reader, pa, &mbi, sizeof(mbi))) {
		boot_problem(info, "the Multiboot information cannot be read");
		return;
	}
	/* The loader's name comes first, because each has its own way with the command line. */
	if (mbi.flags & MBI_LOADER)
		multiboot_read_loader(info, reader, mbi.boot_loader_name, ~0ull);
	if (mbi.flags & MBI_CMDLINE)
		multiboot_read_cmdline(info, reader, mbi.cmdline, ~0ull);
	parse_memory(info, reader, &mbi);
	multiboot_assume_memory(info);
	if (mbi.flags & MBI_MODULES)
		parse_modules(info, reader, mbi.mods_addr, mbi.mods_count);
}
