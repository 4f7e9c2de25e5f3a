/* SPDX-License-Identifier: MIT */
/*
 * The reader of Multiboot 2's tags: what GRUB passes under UEFI, with tags in another order, that
 * lie about their size or are cut off, and bytes that are random. "Physical memory" is an array.
 */
#include "arch/i386/multiboot.h"
#include "kernel/compiler.h"
#include "tests/host/tap.h"

#define BASE 0x9000u
#define MEMORY 0x4000u

enum { CMDLINE = 1, LOADER = 2, MODULE = 3, SIZES = 4, MMAP = 6, OLD_RSDP = 14, NEW_RSDP = 15 };

static u8 memory[MEMORY];
static u32 used;			/* by the information so far */
static struct boot_info info;

static bool read_memory(const struct multiboot_reader *reader, u64 pa, void *buf, size_t len)
{
	if (pa < BASE || pa >= BASE + MEMORY || len > BASE + MEMORY - pa)
		return false;
	memcpy(buf, memory + pa - BASE, len);
	return true;
}

static const struct multiboot_reader reader = { read_memory };

static void put32(u32 at, u32 value)
{
	memcpy(memory + at, &value, sizeof(value));
}

static void begin(void)
{
	memset(memory, 0, sizeof(memory));
	used = 8;
}

/* Returns where the tag is. */
static u32 put_tag(u32 type, const void *content, u32 size)
{
	u32 at = used;

	put32(at, type);
	put32(at + 4, 8 + size);
	memcpy(memory + at + 8, content, size);
	used += ALIGN_UP(8 + size, 8u);
	return at;
}

static u32 put_string(u32 type, const char *s)
{
	return put_tag(type, s, (u32)strlen(s) + 1);
}

static u32 put_module(u32 start, u32 end, const char *string)
{
	u8 content[64] = { 0 };

	memcpy(content, &start, 4);
	memcpy(content + 4, &end, 4);
	strcpy((char *)content + 8, string);
	return put_tag(MODULE, content, 9 + (u32)strlen(string));
}

static u32 put_map(void)
{
	static const struct {
		u32 entry_size, version;
		struct { u64 base, size; u32 type, reserved; } entries[3];
	} map = { 24, 0, {
		{ 0, 0x9fc00, 1, 0 }, { 0x9fc00, 0x400, 2, 0 }, { 0x100000, 0x7ee0000, 1, 0 } } };

	return put_tag(MMAP, &map, sizeof(map));
}

static void put_rsdp(u32 type, u32 size)
{
	u8 content[64];

	for (u32 i = 0; i < size; i++)
		content[i] = (u8)(type + i);
	put_tag(type, content, size);
}

static void end(void)
{
	put_tag(0, "", 0);
	put32(0, used);
}

static void parse(void)
{
	memset(&info, 0, sizeof(info));
	info.nr_reserved = 1;
	info.reserved[0] = (struct boot_range){ 0x100000, 0x200000 };
	multiboot_parse(&info, &reader, MULTIBOOT2_BOOT_MAGIC, BASE);
}

static bool has_problem(const char *words)
{
	for (unsigned int i = 0; i < info.nr_problems; i++) {
		if (strstr(info.problems[i], words))
			return true;
	}
	return false;
}

/* Modules come first, although they must lie in memory that is told of later. */
static void build_information(void)
{
	begin();
	put_module(0x400000, 0x400123, "script and words");
	put_string(CMDLINE, "ftrace=function  quiet ");
	put_string(LOADER, "GRUB 2.06-13+deb12u2");
	put_map();
	put_rsdp(NEW_RSDP, 36);
	put_rsdp(OLD_RSDP, 20);
	end();
}

TEST(what_grub_passes)
{
	build_information();
	parse();
	EXPECT_EQ(info.nr_problems, 0);
	EXPECT_STREQ(info.cmdline, "ftrace=function  quiet");
	EXPECT_STREQ(info.loader, "GRUB 2.06-13+deb12u2");
	EXPECT_EQ(info.nr_memory, 2);
	EXPECT_EQ(info.memory[1].start, 0x100000);
	EXPECT_EQ(info.memory[1].size, 0x7ee0000);
	EXPECT_EQ(info.nr_modules, 1);
	EXPECT_EQ(info.modules[0].start, 0x400000);
	EXPECT_EQ(info.modules[0].size, 0x123);
	EXPECT_STREQ(info.modules[0].name, "script");
	EXPECT_EQ(info.nr_reserved, 2);
	EXPECT_EQ(info.acpi_rsdp_size, 36);
	EXPECT_EQ(info.acpi_rsdp[35], NEW_RSDP + 35);
}

TEST(rsdp)
{
	begin();
	put_map();
	put_rsdp(OLD_RSDP, 20);
	end();
	parse();
	EXPECT_EQ(info.acpi_rsdp_size, 20);
	EXPECT_EQ(info.acpi_rsdp[0], OLD_RSDP);
	begin();
	put_rsdp(OLD_RSDP, 20);
	put_rsdp(NEW_RSDP, 60);		/* of a newer one the part that we know is kept */
	end();
	parse();
	EXPECT_EQ(info.acpi_rsdp_size, 36);
	EXPECT_EQ(info.acpi_rsdp[0], NEW_RSDP);
}

TEST(sizes_instead_of_a_map)
{
	static const u32 sizes[] = { 639, 130048 };

	begin();
	put_tag(SIZES, sizes, sizeof(sizes));
	end();
	parse();
	EXPECT_EQ(info.nr_problems, 0);
	EXPECT_EQ(info.nr_memory, 2);
	EXPECT_EQ(info.memory[1].size, 130048 * 1024ull);
	begin();
	put_tag(SIZES, sizes, 4);
	end();
	parse();
	EXPECT(has_problem("assuming 32 MiB"));
}

TEST(tags_that_lie)
{
	static const u32 sizes[] = { 0, 1, 7, 0x10000, 0x7fffffff, 0xfffffff9, 0xffffffff };

	for (unsigned int i = 0; i < ARRAY_SIZE(sizes); i++) {
		build_information();
		put32(12, sizes[i]);
		parse();
		EXPECT(has_problem("has no end"));
		EXPECT_EQ(info.nr_modules, 0);
		EXPECT_EQ(info.nr_memory, 1);
	}
	/* Too short, although the end follows. */
	begin();
	put32(put_tag(LOADER, "", 0) + 4, 7);
	end();
	parse();
	EXPECT(has_problem("has no end"));
	build_information();
	put32(0, used - 8);		/* the end itself is missing */
	parse();
	EXPECT(has_problem("has no end"));
	EXPECT_EQ(info.nr_modules, 1);
	build_information();
	put32(0, 0xffffffff);		/* only the end ends it */
	parse();
	EXPECT_EQ(info.nr_problems, 0);
	memset(&info, 0, sizeof(info));
	multiboot_parse(&info, &reader, MULTIBOOT2_BOOT_MAGIC, 0xfffffffc);
	EXPECT(has_problem("cannot be read"));
}

TEST(maps_that_lie)
{
	u32 at;

	for (u32 entry = 0; entry < 24; entry++) {
		begin();
		at = put_map();
		put32(at + 8, entry);
		end();
		parse();
		EXPECT(has_problem("memory map is malformed"));
		EXPECT_EQ(info.nr_memory, 1);
	}
	begin();
	put_tag(MMAP, "abc", 4);
	end();
	parse();
	EXPECT(has_problem("memory map is malformed"));
	/* The last entry is cut off. */
	begin();
	at = put_map();
	put32(at + 4, 8 + 8 + 24 * 2 + 20);
	end();
	parse();
	EXPECT(has_problem("memory map is malformed"));
	EXPECT_EQ(info.nr_memory, 1);
}

TEST(modules)
{
	begin();
	put_map();
	put_module(0x400000, 0x400123, "a");
	put_module(0x400100, 0x400200, "over the first");
	put_module(0x500100, 0x500000, "backwards");
	put_module(0x100000, 0x100010, "over the kernel");
	put_module(0x500000, 0x500000, "/boot/empty");
	put_tag(MODULE, "abc", 4);
	end();
	parse();
	EXPECT_EQ(info.nr_modules, 2);
	EXPECT_STREQ(info.modules[1].name, "empty");
	EXPECT(has_problem("not in free memory"));
	EXPECT(has_problem("a Multiboot module is malformed"));
	begin();
	put_map();
	for (u32 i = 0; i < BOOT_MAX_MODULES + 2; i++)
		put_module(0x400000 + i * 0x1000, 0x400100 + i * 0x1000, "m");
	end();
	parse();
	EXPECT_EQ(info.nr_modules, BOOT_MAX_MODULES);
	EXPECT(has_problem("too many Multiboot modules"));
}

TEST(strings_without_an_end)
{
	char text[3000];

	memset(text, 'x', sizeof(text));
	begin();
	put_tag(CMDLINE, "abcdef", 6);
	put_tag(LOADER, "GRUB", 4);
	put_map();
	end();
	parse();
	EXPECT_STREQ(info.cmdline, "abcdef");
	EXPECT_STREQ(info.loader, "GRUB");
	begin();
	put_tag(CMDLINE, text, sizeof(text));
	end();
	parse();
	EXPECT(has_problem("too long"));
	EXPECT_EQ(strlen(info.cmdline), BOOT_CMDLINE_SIZE - 1);
}

TEST(random_information)
{
	unsigned int round, i;

	for (round = 0; round < 3000; round++) {
		build_information();
		for (i = tap_below(2) ? tap_below(30) : 300; i; i--)
			memory[tap_below(used)] = (u8)tap_random();
		parse();
		EXPECT(info.nr_memory >= 1 && info.nr_memory <= BOOT_MAX_RANGES);
		EXPECT(info.nr_reserved <= BOOT_MAX_RANGES && info.nr_modules <= BOOT_MAX_MODULES);
		EXPECT(memchr(info.cmdline, 0, sizeof(info.cmdline)) != NULL);
		EXPECT(memchr(info.loader, 0, sizeof(info.loader)) != NULL);
		EXPECT(info.acpi_rsdp_size <= sizeof(info.acpi_rsdp));
	}
}
