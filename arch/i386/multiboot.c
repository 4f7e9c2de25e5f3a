/* SPDX-License-Identifier: MIT */
/*
 * Turns the Multiboot 1 information (Multiboot Specification 0.6.96, section
 * 3.3) into a struct boot_info. Everything it reads is untrusted: each structure
 * is copied before it is looked at, and every loop is bounded by what
 * struct boot_info has room for or by a constant here.
 */
#include "arch/i386/multiboot.h"
#include "kernel/compiler.h"
#include "kernel/lib/string.h"

#define MBI_MEMORY (1u << 0)
#define MBI_CMDLINE (1u << 2)
#define MBI_MODULES (1u << 3)
#define MBI_MMAP (1u << 6)
#define MBI_LOADER (1u << 9)

#define MMAP_MAX_ENTRIES 1024		/* far more than any firmware has */
#define MMAP_MAX_ENTRY_SIZE 256
#define MMAP_RAM 1

/* Assumed if there is no usable memory map at all: every machine that gets this far has it. */
#define FALLBACK_MEMORY_START 0x100000u
#define FALLBACK_MEMORY_SIZE 0x1f00000u

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

/* Copy the string at @pa with truncation; control characters become blanks. False: not readable. */
static bool read_string(const struct multiboot_reader *reader, u32 pa, char *buf, size_t size,
			bool *truncated)
{
	size_t len = 0;
	char c;

	*truncated = false;
	/* Byte by byte: behind the end of the string there need not be any memory. */
	for (;; len++) {
		if (!read_pa(reader, (u64)pa + len, &c, 1))
			break;
		if (!c) {
			buf[len] = '\0';
			return true;
		}
		if (len + 1 >= size) {
			*truncated = true;
			break;
		}
		buf[len] = (unsigned char)c < ' ' || c == 0x7f ? ' ' : c;
	}
	buf[len] = '\0';
	return *truncated;
}

static bool add_range(struct boot_range *ranges, unsigned int *nr, u64 start, u64 size)
{
	if (*nr >= BOOT_MAX_RANGES)
		return false;
	ranges[*nr].start = start;
	ranges[*nr].size = size;
	(*nr)++;
	return true;
}

static bool overlaps_reserved(const struct boot_info *info, u64 start, u64 size)
{
	for (unsigned int i = 0; i < info->nr_reserved; i++) {
		const struct boot_range *r = &info->reserved[i];

		if (boot_ranges_overlap(start, size, r->start, r->size))
			return true;
	}
	return false;
}

static void add_memory(struct boot_info *info, u64 base, u64 size)
{
	if (base + size < base)
		boot_problem(info, "a range of the Multiboot memory map has no end");
	else if (!add_range(info->memory, &info->nr_memory, base, size))
		boot_problem(info, "the Multiboot memory map has too many ranges");
}

/* Memory that is RAM by one entry and something else by another is reserved. */
static void add_hole(struct boot_info *info, u64 base, u64 size)
{
	/* A hole without an end reaches as far as there are addresses. */
	if (base + size < base)
		size = ~0ull - base;
	for (unsigned int i = 0; i < info->nr_memory; i++) {
		const struct boot_range *r = &info->memory[i];

		if (!boot_ranges_overlap(base, size, r->start, r->size))
			continue;
		boot_problem(info, "the Multiboot memory map overlaps itself: "
			     "what may be no RAM is not used");
		if (!add_range(info->reserved, &info->nr_reserved, base, size))
			boot_problem(info, "the Multiboot memory map has too many ranges");
		return;
	}
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
		parse_mmap(info, reader, mbi->mmap_addr, mbi->mmap_length, true, add_memory);
		parse_mmap(info, reader, mbi->mmap_addr, mbi->mmap_length, false, add_hole);
	}
	if (!info->nr_memory && mbi->flags & MBI_MEMORY) {
		/* KiB from 0 and from 1 MiB. */
		if (mbi->mem_lower && mbi->mem_lower <= 640)
			add_range(info->memory, &info->nr_memory, 0, mbi->mem_lower * 1024ull);
		if (mbi->mem_upper)
			add_range(info->memory, &info->nr_memory, 0x100000,
				  mbi->mem_upper * 1024ull);
	}
}

/* Asked for before the modules are read, which must lie in memory. */
static void assume_memory(struct boot_info *info)
{
	if (info->nr_memory)
		return;
	boot_problem(info, "no memory map; assuming 32 MiB");
	add_range(info->memory, &info->nr_memory, FALLBACK_MEMORY_START, FALLBACK_MEMORY_SIZE);
}

/* The file name's last component: that is what tells modules apart. */
static void set_module_name(struct boot_module *module, const char *string)
{
	const char *start, *end, *s;

	while (*string == ' ')
		string++;
	for (start = end = string; *end && *end != ' '; end++)
		;
	for (s = string; s < end; s++) {
		if (*s == '/')
			start = s + 1;
	}
	/* Of a name that is too long the end is kept, which is likelier to differ. */
	if ((size_t)(end - start) >= sizeof(module->name))
		start = end - (sizeof(module->name) - 1);
	memcpy(module->name, start, (size_t)(end - start));
	module->name[end - start] = '\0';
}

static void parse_module(struct boot_info *info, const struct multiboot_reader *reader, u64 pa)
{
	struct boot_module *module = &info->modules[info->nr_modules];
	struct multiboot_module mod;
	char string[512];
	bool truncated;
	u32 size;

	if (!read_pa(reader, pa, &mod, sizeof(mod))) {
		boot_problem(info, "the Multiboot module list is malformed");
		return;
	}
	if (mod.end < mod.start || !read_string(reader, mod.string, string, sizeof(string),
						&truncated)) {
		boot_problem(info, "a Multiboot module is malformed");
		return;
	}
	size = mod.end - mod.start;
	/* An empty module takes no memory, so that its address may be anything. */
	if (size && (!boot_is_memory(info, mod.start, size) ||
		     overlaps_reserved(info, mod.start, size))) {
		boot_problem(info, "a Multiboot module is not in free memory: not used");
		return;
	}
	/* Reserved at once, so that no later module may lie over this one. */
	if (size && !add_range(info->reserved, &info->nr_reserved, mod.start, size)) {
		boot_problem(info, "too many Multiboot modules");
		return;
	}
	module->start = mod.start;
	module->size = size;
	set_module_name(module, string);
	info->nr_modules++;
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

/*
 * QEMU puts the kernel's file name before the options. GRUB 2 does not, and other loaders may put a
 * path there. No option looks like a path.
 */
static void drop_file_name(struct boot_info *info)
{
	char *cmdline = info->cmdline, *s = cmdline;
	size_t len;

	while (*s == ' ')
		s++;
	if (!strncmp(info->loader, "qemu", 4) || *s == '/' || *s == '(') {
		while (*s && *s != ' ')
			s++;
		while (*s == ' ')
			s++;
	}
	/* Blanks at the end are cut as well, so that an empty command line is empty. */
	for (len = strlen(s); len && s[len - 1] == ' '; len--)
		;
	memmove(cmdline, s, len);
	cmdline[len] = '\0';
}

static void parse_strings(struct boot_info *info, const struct multiboot_reader *reader,
			  const struct multiboot_info *mbi)
{
	bool truncated;

	/* The loader's name comes first, because drop_file_name() asks which loader it was. */
	if (mbi->flags & MBI_LOADER &&
	    !read_string(reader, mbi->boot_loader_name, info->loader, sizeof(info->loader),
			 &truncated))
		boot_problem(info, "the boot loader's name cannot be read");
	if (!(mbi->flags & MBI_CMDLINE))
		return;
	if (!read_string(reader, mbi->cmdline, info->cmdline, sizeof(info->cmdline), &truncated))
		boot_problem(info, "the command line cannot be read");
	else if (truncated)
		boot_problem(info, "the command line is too long, its end is ignored");
	drop_file_name(info);
}

void multiboot_parse(struct boot_info *info, const struct multiboot_reader *reader, u32 magic,
		     u32 info_pa)
{
	struct multiboot_info mbi;

	if (magic != MULTIBOOT_BOOT_MAGIC) {
		boot_problem(info, "not started by a Multiboot loader");
	} else if (!read_pa(reader, info_pa, &mbi, sizeof(mbi))) {
		boot_problem(info, "the Multiboot information cannot be read");
	} else {
		/* Memory comes before the modules, which must lie in it. */
		parse_strings(info, reader, &mbi);
		parse_memory(info, reader, &mbi);
		assume_memory(info);
		if (mbi.flags & MBI_MODULES)
			parse_modules(info, reader, mbi.mods_addr, mbi.mods_count);
	}
	assume_memory(info);
}
