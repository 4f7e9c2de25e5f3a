/* SPDX-License-Identifier: MIT */
/*
 * The reader of Multiboot 1: what QEMU and GRUB pass, with each field missing or wrong, and
 * information that is random bytes. "Physical memory" is an array.
 */
#include "arch/i386/multiboot.h"
#include "kernel/compiler.h"
#include "tests/host/tap.h"

#define BASE 0x9000u
#define MEMORY 0x4000u

static u8 memory[MEMORY];
static struct boot_info info;

enum {
	INFO = 0x9000, CMDLINE = 0x9100, LOADER = 0x9200, MMAP = 0x9300, MODULES = 0x9800,
	STRINGS = 0x9900,
};
enum { FLAGS = 0, MEM_LOWER = 4, MEM_UPPER = 8, CMDLINE_PTR = 16, MODS_COUNT = 20, MODS_ADDR = 24,
       MMAP_LENGTH = 44, MMAP_ADDR = 48, LOADER_PTR = 64 };
#define F_MEMORY 1u
#define F_CMDLINE 4u
#define F_MODULES 8u
#define F_MMAP 64u
#define F_LOADER 512u

static bool read_memory(const struct multiboot_reader *reader, u64 pa, void *buf, size_t len)
{
	if (pa < BASE || pa >= BASE + MEMORY || len > BASE + MEMORY - pa)
		return false;
	memcpy(buf, memory + pa - BASE, len);
	return true;
}

static const struct multiboot_reader reader = { read_memory };

static void put32(u32 pa, u32 value)
{
	memcpy(memory + pa - BASE, &value, sizeof(value));
}

static void put_string(u32 pa, const char *s)
{
	strcpy((char *)memory + pa - BASE, s);
}

static u32 put_range(u32 pa, u64 start, u64 size, u32 type)
{
	put32(pa, 20);
	memcpy(memory + pa + 4 - BASE, &start, 8);
	memcpy(memory + pa + 12 - BASE, &size, 8);
	put32(pa + 20, type);
	return pa + 24;
}

static void put_module(unsigned int i, u32 start, u32 end, const char *string)
{
	u32 pa = MODULES + 16 * i;

	put32(pa, start);
	put32(pa + 4, end);
	put32(pa + 8, STRINGS + 128 * i);
	put_string(STRINGS + 128 * i, string);
}

/* Builds roughly what QEMU passes. */
static void build_information(void)
{
	u32 end;

	memset(memory, 0, sizeof(memory));
	put32(INFO + FLAGS, F_MEMORY | F_CMDLINE | F_MODULES | F_MMAP | F_LOADER);
	put32(INFO + MEM_LOWER, 639);
	put32(INFO + MEM_UPPER, 130048);
	put32(INFO + CMDLINE_PTR, CMDLINE);
	put_string(CMDLINE, "patchbay.elf ftrace=function quiet");
	put32(INFO + LOADER_PTR, LOADER);
	put_string(LOADER, "qemu");
	put32(INFO + MMAP_ADDR, MMAP);
	end = put_range(MMAP, 0, 0x9fc00, 1);
	end = put_range(end, 0x9fc00, 0x400, 2);
	end = put_range(end, 0x100000, 0x7ee0000, 1);
	put32(INFO + MMAP_LENGTH, end - MMAP);
	put32(INFO + MODS_COUNT, 1);
	put32(INFO + MODS_ADDR, MODULES);
	put_module(0, 0x400000, 0x400123, "/boot/script with words");
}

static void parse(void)
{
	memset(&info, 0, sizeof(info));
	info.nr_reserved = 1;
	info.reserved[0] = (struct boot_range){ 0x100000, 0x200000 };
	multiboot_parse(&info, &reader, MULTIBOOT1_BOOT_MAGIC, INFO);
}

static bool has_problem(const char *words)
{
	for (unsigned int i = 0; i < info.nr_problems; i++) {
		if (strstr(info.problems[i], words))
			return true;
	}
	return false;
}

TEST(what_qemu_passes)
{
	build_information();
	parse();
	EXPECT(!info.nr_problems);
	EXPECT_STREQ(info.cmdline, "ftrace=function quiet");
	EXPECT_STREQ(info.loader, "qemu");
	EXPECT_EQ(info.nr_memory, 2);
	EXPECT_EQ(info.memory[1].start, 0x100000);
	EXPECT_EQ(info.memory[1].size, 0x7ee0000);
	EXPECT_EQ(info.nr_modules, 1);
	EXPECT_EQ(info.modules[0].start, 0x400000);
	EXPECT_EQ(info.modules[0].size, 0x123);
	EXPECT_STREQ(info.modules[0].name, "script");
	EXPECT_EQ(info.nr_reserved, 2);
	EXPECT_EQ(info.reserved[1].start, 0x400000);
}

TEST(what_grub_passes)
{
	build_information();
	put_string(LOADER, "GRUB 2.06-13+deb12u1");
	put_string(CMDLINE, "ftrace=function  quiet  ");
	parse();
	EXPECT(!info.nr_problems);
	EXPECT_STREQ(info.cmdline, "ftrace=function  quiet");
	put_string(CMDLINE, "/boot/patchbay.elf a=b");
	parse();
	EXPECT_STREQ(info.cmdline, "a=b");
	put_string(CMDLINE, "");
	parse();
	EXPECT_STREQ(info.cmdline, "");
}

TEST(not_multiboot)
{
	build_information();
	memset(&info, 0, sizeof(info));
	multiboot_parse(&info, &reader, 0x36d76280, INFO);
	EXPECT(has_problem("not started by a Multiboot loader"));
	EXPECT_EQ(info.nr_memory, 1);
	memset(&info, 0, sizeof(info));
	multiboot_parse(&info, &reader, MULTIBOOT1_BOOT_MAGIC, 0xffffffff);
	EXPECT(has_problem("cannot be read"));
	EXPECT_EQ(info.nr_memory, 1);
}

TEST(without_memory_map)
{
	build_information();
	put32(INFO + FLAGS, F_MEMORY);
	parse();
	EXPECT(!info.nr_problems);
	EXPECT_EQ(info.nr_memory, 2);
	EXPECT_EQ(info.memory[0].size, 639 * 1024);
	EXPECT_EQ(info.memory[1].start, 0x100000);
	EXPECT_EQ(info.memory[1].size, 130048ull * 1024);
	put32(INFO + FLAGS, 0);
	parse();
	EXPECT(has_problem("no memory map"));
	EXPECT_EQ(info.nr_memory, 1);
}

/* Each thing that is wrong is reported, and what is assumed instead is good enough for the rest. */
TEST(modules_without_memory_map)
{
	build_information();
	put32(INFO + FLAGS, F_MODULES);
	put32(INFO + MODS_COUNT, 2);
	put_module(0, 0x400000, 0x401000, "script");
	put_module(1, 0x1800000, 0x2000001, "x");
	parse();
	EXPECT(has_problem("no memory map"));
	EXPECT(has_problem("a Multiboot module is not in free memory"));
	EXPECT_EQ(info.nr_problems, 2);
	EXPECT_EQ(info.nr_modules, 1);
	EXPECT_STREQ(info.modules[0].name, "script");
}

TEST(malformed_memory_maps)
{
	static const u32 sizes[] = { 0, 19, 257, 0x7fffffff, 0xffffffff, 0xfffffffc };
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(sizes); i++) {
		build_information();
		put32(MMAP + 24, sizes[i]);
		parse();
		EXPECT(has_problem("memory map is malformed"));
		EXPECT(info.nr_memory >= 1);
	}
	build_information();
	put32(INFO + MMAP_LENGTH, 30);
	parse();
	EXPECT(has_problem("malformed"));
	build_information();
	put32(INFO + MMAP_LENGTH, 0xffffffff);
	parse();
	EXPECT(has_problem("malformed"));
	build_information();
	put32(INFO + MMAP_ADDR, 0xfffffff0);
	parse();
	EXPECT(has_problem("malformed"));
	build_information();
	put_range(MMAP + 48, ~0ull - 100, 0x1000, 1);
	parse();
	EXPECT(has_problem("has no end"));
	EXPECT_EQ(info.nr_memory, 1);
}

TEST(memory_maps_that_overlap_themselves)
{
	u32 end;

	build_information();
	end = put_range(MMAP, 0x3ff000, 0x2000, 2);
	end = put_range(end, 0x100000, 0x7ee0000, 1);
	end = put_range(end, 0xfffc0000, 0x40000, 2);
	put32(INFO + MMAP_LENGTH, end - MMAP);
	parse();
	EXPECT(has_problem("overlaps itself"));
	EXPECT_EQ(info.nr_reserved, 2);
	EXPECT_EQ(info.reserved[1].start, 0x3ff000);
	/* The module that build_information() builds is in it. */
	EXPECT(has_problem("a Multiboot module is not in free memory"));
	EXPECT_EQ(info.nr_modules, 0);
	/* This one goes up to the end of the address space. */
	build_information();
	put_range(MMAP + 24, 0x2000000, ~0ull - 100, 2);
	parse();
	EXPECT(has_problem("overlaps itself"));
	EXPECT_EQ(info.nr_reserved, 3);
}

TEST(more_ranges_than_there_is_room_for)
{
	u32 at = MMAP;
	unsigned int i;

	build_information();
	put32(INFO + FLAGS, F_MMAP);
	for (i = 0; i < BOOT_MAX_RANGES + 5; i++)
		at = put_range(at, i * 0x100000ull, 0x1000, 1);
	put32(INFO + MMAP_LENGTH, at - MMAP);
	parse();
	EXPECT(has_problem("too many ranges"));
	EXPECT_EQ(info.nr_memory, BOOT_MAX_RANGES);
}

TEST(modules_must_lie_in_free_memory)
{
	static const struct {
		u32 start, end;
	} bad[] = {
		{ 0x500000, 0x400000 }, { 0x80000000, 0x80001000 }, { 0x150000, 0x160000 },
		{ 0x2fffff, 0x300001 }, { 0x7fdffff, 0x7fe0001 }, { 0x9fbff, 0x9fc01 },
	};
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(bad); i++) {
		build_information();
		put_module(0, bad[i].start, bad[i].end, "x");
		parse();
		EXPECT(has_problem("module"));
		EXPECT_EQ(info.nr_modules, 0);
		EXPECT_EQ(info.nr_reserved, 1);
	}
}

TEST(more_modules_than_there_is_room_for)
{
	unsigned int i;

	build_information();
	for (i = 0; i < 6; i++)
		put_module(i, 0x400000 + i * 0x1000, 0x400800 + i * 0x1000, "m");
	put32(INFO + MODS_COUNT, 6);
	parse();
	EXPECT(has_problem("too many"));
	EXPECT_EQ(info.nr_modules, BOOT_MAX_MODULES);
	put32(INFO + MODS_COUNT, 0xffffffff);
	put32(INFO + MODS_ADDR, 0xffffffff);
	parse();
	EXPECT(info.nr_problems);
	EXPECT_EQ(info.nr_modules, 0);
}

TEST(long_strings_are_cut)
{
	build_information();
	put32(INFO + CMDLINE_PTR, 0xa000);
	memset(memory + 0x1000, 'x', 0x2fff);
	parse();
	EXPECT(has_problem("too long"));
	EXPECT(strlen(info.cmdline) < BOOT_CMDLINE_SIZE);
	/* There is no terminator before the end of memory. */
	put32(INFO + CMDLINE_PTR, BASE + MEMORY - 100);
	memset(memory + MEMORY - 100, 'x', 100);
	parse();
	EXPECT(has_problem("cannot be read"));
	/* Control characters could control the terminal. */
	build_information();
	put_string(CMDLINE, "k a\033[2Jb\nc");
	parse();
	EXPECT_STREQ(info.cmdline, "a [2Jb c");
}

TEST(random_information)
{
	unsigned int round, i;

	for (round = 0; round < 3000; round++) {
		build_information();
		/* Change some bytes, or all of them. */
		for (i = tap_below(2) ? tap_below(30) : 3000; i; i--)
			memory[tap_below(0xa00)] = (u8)tap_random();
		if (tap_below(2))
			put32(INFO + 4 * tap_below(18),
			      tap_below(2) ? tap_random() : BASE + tap_below(MEMORY));
		parse();
		EXPECT(info.nr_memory >= 1 && info.nr_memory <= BOOT_MAX_RANGES);
		EXPECT(info.nr_reserved <= BOOT_MAX_RANGES && info.nr_modules <= BOOT_MAX_MODULES);
		EXPECT(memchr(info.cmdline, 0, sizeof(info.cmdline)) != NULL);
		EXPECT(memchr(info.loader, 0, sizeof(info.loader)) != NULL);
		for (i = 0; i < info.nr_modules; i++)
			EXPECT(strnlen(info.modules[i].name, 64) < 64);
	}
}
