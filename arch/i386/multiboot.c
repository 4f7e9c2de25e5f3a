/* SPDX-License-Identifier: MIT */
/*
 * From a Multiboot loader's information to a struct boot_info: which version it is, and what both
 * versions share (multiboot1.c and multiboot2.c have the rest). Everything that is read is
 * untrusted: each structure is copied before it is looked at, and every loop is bounded by what
 * struct boot_info has room for or by a constant.
 */
#include "arch/i386/multiboot_internal.h"
#include "kernel/compiler.h"
#include "kernel/lib/string.h"

/* Assumed if there is no usable memory map at all: every machine that gets this far has it. */
#define FALLBACK_MEMORY_START 0x100000u
#define FALLBACK_MEMORY_SIZE 0x1f00000u

bool multiboot_read_string(const struct multiboot_reader *reader, u64 pa, u64 max, char *buf,
			   size_t size, bool *truncated)
{
	size_t len = 0;
	char c;

	*truncated = false;
	/* Byte by byte: behind the end of the string there need not be any memory. */
	for (;; len++) {
		if (len < max && !reader->read(reader, pa + len, &c, 1))
			break;
		if (len >= max || !c) {
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

void multiboot_add_memory(struct boot_info *info, u64 base, u64 size)
{
	if (!size)
		return;
	if (base + size < base)
		boot_problem(info, "a range of the Multiboot memory map has no end");
	else if (!add_range(info->memory, &info->nr_memory, base, size))
		boot_problem(info, "the Multiboot memory map has too many ranges");
}

void multiboot_add_hole(struct boot_info *info, u64 base, u64 size)
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

void multiboot_add_sizes(struct boot_info *info, u32 lower, u32 upper)
{
	if (info->nr_memory)
		return;
	if (lower && lower <= 640)
		add_range(info->memory, &info->nr_memory, 0, lower * 1024ull);
	if (upper)
		add_range(info->memory, &info->nr_memory, 0x100000, upper * 1024ull);
}

void multiboot_assume_memory(struct boot_info *info)
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

void multiboot_add_module(struct boot_info *info, u32 start, u32 end, const char *string)
{
	struct boot_module *module = &info->modules[info->nr_modules];
	u32 size = end - start;

	if (end < start) {
		boot_problem(info, "a Multiboot module is malformed");
		return;
	}
	if (info->nr_modules == BOOT_MAX_MODULES) {
		boot_problem(info, "too many Multiboot modules");
		return;
	}
	/* An empty module takes no memory, so that its address may be anything. */
	if (size && (!boot_is_memory(info, start, size) || overlaps_reserved(info, start, size))) {
		boot_problem(info, "a Multiboot module is not in free memory: not used");
		return;
	}
	/* Reserved at once, so that no later module may lie over this one. */
	if (size && !add_range(info->reserved, &info->nr_reserved, start, size)) {
		boot_problem(info, "too many Multiboot modules");
		return;
	}
	module->start = start;
	module->size = size;
	set_module_name(module, string);
	info->nr_modules++;
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

void multiboot_read_loader(struct boot_info *info, const struct multiboot_reader *reader, u64 pa,
			   u64 max)
{
	bool truncated;

	if (!multiboot_read_string(reader, pa, max, info->loader, sizeof(info->loader), &truncated))
		boot_problem(info, "the boot loader's name cannot be read");
}

void multiboot_read_cmdline(struct boot_info *info, const struct multiboot_reader *reader, u64 pa,
			    u64 max)
{
	bool truncated;

	if (!multiboot_read_string(reader, pa, max, info->cmdline, sizeof(info->cmdline),
				   &truncated))
		boot_problem(info, "the command line cannot be read");
	else if (truncated)
		boot_problem(info, "the command line is too long, its end is ignored");
	drop_file_name(info);
}

void multiboot_parse(struct boot_info *info, const struct multiboot_reader *reader, u32 magic,
		     u32 info_pa)
{
	if (magic == MULTIBOOT1_BOOT_MAGIC)
		multiboot1_parse(info, reader, info_pa);
	else if (magic == MULTIBOOT2_BOOT_MAGIC)
		multiboot2_parse(info, reader, info_pa);
	else
		boot_problem(info, "not started by a Multiboot loader");
	multiboot_assume_memory(info);
}
