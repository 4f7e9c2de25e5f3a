/* SPDX-License-Identifier: MIT */
/*
 * How the module loader reads, checks and relocates a file, compiled for the ELF files of one
 * architecture (there are two such programs): a module that the test builds in memory, each thing
 * that can be wrong with it, and random damage to files, under the sanitizers.
 */
#include "kernel/lib/elf.h"
#include "kernel/lib/errno.h"
#include "kernel/lib/string.h"
#include "kernel/module/module_elf.h"
#include "tests/host/host.h"
#include "tests/host/tap.h"
#include <stdlib.h>

enum { NONE, TEXT, DATA, RODATA, BSS, SITES, RELOCS, SYMTAB, STRTAB, NAMES, NR };

#define OUTSIDE 0x1000u			/* the symbol "outside" is there, behind the text */
static u8 file[4096];
static size_t size;
static struct elf_header header;
static struct elf_section sections[NR];
static unsigned long values[NR_MODULE_PARTS];
static unsigned long far;		/* added to what others define */
static u8 text_bytes[128];
static size_t text_size;

static const char names[] =
	"\0.text\0.data\0.rodata\0.bss\0__mcount_loc\0.rel.data\0.symtab\0.strtab";
static const char strings[] = "\0function\0variable\0outside\0absent\0_mcount";

static u32 name_of(const char *table, size_t length, const char *name)
{
	for (size_t i = 0; i < length; i++) {
		if (!strcmp(table + i, name) && (!i || !table[i - 1]))
			return (u32)i;
	}
	abort();
}

static void put_section(unsigned int index, const char *name, u32 type, u32 flags,
			const void *data, size_t length)
{
	sections[index] = (struct elf_section){
		.name = name_of(names, sizeof(names), name), .type = type, .flags = flags,
		.offset = (elf_word)size, .size = (elf_word)length, .addralign = 8,
	};
	if (type == SHT_NOBITS)
		return;
	memcpy(file + size, data, length);
	size = ALIGN_UP(size + length, 8);
}

static struct elf_symbol symbol(const char *name, u16 shndx, u32 value, u8 info)
{
	return (struct elf_symbol){
		.name = name_of(strings, sizeof(strings), name), .value = value, .info = info,
		.shndx = shndx,
	};
}

/* Builds a module with absolute pointers in .data: &function, &variable, &outside. */
static void make(void)
{
	static const u8 text[32] = { 1, 2, 3, 4 }, data[32], sites[8];
	struct elf_symbol symbols[5] = {
		[1] = symbol("function", TEXT, 16, 0x12),
		[2] = symbol("variable", DATA, 24, 0x11),
		[3] = symbol("outside", SHN_UNDEF, 0, 0x10),
		[4] = symbol("absent", SHN_UNDEF, 0, 0x20),
	};
	struct elf_reloc relocs[4];
	const u32 absolute = ELF_CLASS == ELFCLASS64 ? 257 : 1;

	/* The two classes put the symbol and the type at different places of the word. */
	for (u32 i = 0; i < 4; i++) {
		memset(&relocs[i], 0, sizeof(relocs[i]));
		relocs[i].offset = i * sizeof(elf_word);
		relocs[i].info = ELF_CLASS == ELFCLASS64 ? (elf_word)((u64)(i + 1) << 32 | absolute)
							 : (elf_word)((i + 1) << 8 | absolute);
	}
	memset(file, 0, sizeof(file));
	size = ALIGN_UP(sizeof(header), 8);
	put_section(TEXT, ".text", SHT_PROGBITS, SHF_ALLOC | SHF_EXECINSTR, text, sizeof(text));
	put_section(DATA, ".data", SHT_PROGBITS, SHF_ALLOC | SHF_WRITE, data, sizeof(data));
	put_section(RODATA, ".rodata", SHT_PROGBITS, SHF_ALLOC, "constant", 9);
	put_section(BSS, ".bss", SHT_NOBITS, SHF_ALLOC | SHF_WRITE, NULL, 100);
	put_section(SITES, "__mcount_loc", SHT_PROGBITS, SHF_ALLOC, sites, sizeof(sites));
	put_section(RELOCS, ".rel.data", ELF_RELOC_SECTION, 0, relocs, sizeof(relocs));
	put_section(SYMTAB, ".symtab", SHT_SYMTAB, 0, symbols, sizeof(symbols));
	put_section(STRTAB, ".strtab", SHT_STRTAB, 0, strings, sizeof(strings));
	put_section(NAMES, ".strtab", SHT_STRTAB, 0, names, sizeof(names));
	sections[RELOCS].info = DATA;
	sections[RELOCS].link = SYMTAB;
	sections[RELOCS].entsize = sizeof(struct elf_reloc);
	sections[SYMTAB].link = STRTAB;
	sections[SYMTAB].entsize = sizeof(struct elf_symbol);
	header = (struct elf_header){
		.ident = { 0x7f, 'E', 'L', 'F', ELF_CLASS, ELFDATA2LSB, 1 }, .type = ET_REL,
		.machine = ELF_MACHINE, .shoff = (elf_word)size,
		.shentsize = sizeof(struct elf_section), .shnum = NR, .shstrndx = NAMES,
	};
}

/* Writes the headers and sections as they are now into the file. */
static void finish(void)
{
	memcpy(file, &header, sizeof(header));
	memcpy(file + size, sections, sizeof(sections));
	size += sizeof(sections);
}

static bool resolve(const char *name, unsigned long *address, void *arg)
{
	*address = *(unsigned long *)arg + OUTSIDE + far;
	return !strcmp(name, "outside") || !strcmp(name, "_mcount");
}

/* Loads @length bytes, which lie at the end of an allocation, as the kernel would. */
static int load(const u8 *bytes, size_t length, char *error)
{
	u8 *copy = malloc(length ? length : 1);
	struct module_elf elf;
	unsigned long va, base = 0xf8000000u;
	const char *name;
	int err;

	memcpy(copy, bytes, length);
	err = module_elf_open(&elf, copy, length);
	for (unsigned int i = 0; !err && i < NR_MODULE_PARTS; i++) {
		elf.parts[i].buf = calloc(1, elf.parts[i].size ? elf.parts[i].size : 1);
		elf.parts[i].va = base + i * 0x1000000u;
	}
	if (!err) {
		struct module_elf_table table;

		/* Every reader runs, whatever the file is: the sanitizers watch them. */
		err = module_elf_link(&elf, resolve, &base);
		for (u32 i = 0; !err && i < elf.nr_symbols; i++)
			module_elf_function(&elf, i, &name, &va);
		module_elf_find(&elf, ".module_table", &table);
		text_size = elf.parts[MODULE_TEXT].size;
		memcpy(text_bytes, elf.parts[MODULE_TEXT].buf, min(text_size, sizeof(text_bytes)));
		for (unsigned int i = 0; i < NR_MODULE_PARTS; i++) {
			memcpy(&values[i], elf.parts[i].buf,
			       min(sizeof(values[i]), elf.parts[i].size));
			free(elf.parts[i].buf);
		}
		module_elf_close(&elf);
	}
	memcpy(error, elf.error, sizeof(elf.error));
	free(copy);
	return err;
}

static void expect_error(const char *expected)
{
	char error[sizeof(((struct module_elf *)0)->error)];

	finish();
	EXPECT_EQ(load(file, size, error), -ENOEXEC);
	if (!strstr(error, expected))
		tap_fail(__FILE__, __LINE__, "\"%s\", expected \"%s\"", error, expected);
	EXPECT_EQ(host_allocations(), 0);
}

TEST(a_good_file)
{
	char error[160];
	elf_word first;

	make();
	finish();
	EXPECT_EQ(load(file, size, error), 0);
	EXPECT_STREQ(error, "");
	memcpy(&first, &values[MODULE_DATA], sizeof(first));
	EXPECT_EQ(first, 0xf8000000u + 16);		/* &function: text comes first */
	EXPECT_EQ(host_allocations(), 0);
}

static void set_reloc(unsigned int index, u32 offset, u32 type, u32 symbol_index)
{
	struct elf_reloc *reloc = (struct elf_reloc *)(file + sections[RELOCS].offset) + index;

	reloc->offset = offset;
	reloc->info = ELF_CLASS == ELFCLASS64 ? (elf_word)((u64)symbol_index << 32 | type) :
						(elf_word)(symbol_index << 8 | type);
}

/* With hook=mcount on arm64, calls of _mcount are sites; jumps to it and other calls are not. */
static void make_calls(void)
{
	const u32 call = ELF_CLASS == ELFCLASS64 ? 283 : 2, jump = call == 283 ? 282 : 2;
	struct elf_symbol *symbols;

	make();
	sections[SITES].flags = 0;
	sections[RELOCS].info = TEXT;
	symbols = (struct elf_symbol *)(file + sections[SYMTAB].offset);
	symbols[4] = symbol("_mcount", SHN_UNDEF, 0, 0x10);
	set_reloc(0, 0, call, 3);
	set_reloc(1, 4, jump, 4);
	set_reloc(2, 12, call, 4);
	set_reloc(3, 16, call, 1);
}

TEST(sites_by_relocation)
{
	char error[160];

	make_calls();
	finish();
	values[MODULE_SITES] = 0;
	EXPECT_EQ(load(file, size, error), 0);
	EXPECT_EQ(values[MODULE_SITES], ELF_CLASS == ELFCLASS64 ? 0xf8000000u + 12 : 0);
	EXPECT_EQ(host_allocations(), 0);
}

static u32 text_word(size_t at)
{
	u32 word;

	memcpy(&word, text_bytes + at, sizeof(word));
	return word;
}

/* Returns where the branch at @at of the text leads: a place in the text. */
static size_t branch_target(size_t at)
{
	return at + (size_t)((s64)(s32)(text_word(at) << 6) >> 4);
}

/*
 * Calls and jumps to targets out of reach go through a veneer in the module's text, one for each
 * target.
 */
TEST(far_branches)
{
	char error[160];
	u64 target;
	size_t veneer;

	if (ELF_CLASS != ELFCLASS64)
		return;
	make_calls();
	set_reloc(1, 4, 282, 3);		/* a jump to the target of reloc 0 */
	finish();
	far = 1ul << 32;
	EXPECT_EQ(load(file, size, error), 0);
	veneer = branch_target(0);
	EXPECT(veneer >= 32 && !(veneer % 8) && veneer + 16 <= text_size);
	EXPECT_EQ(branch_target(4), veneer);
	EXPECT(branch_target(12) == veneer);	/* _mcount, which this test puts there, too */
	EXPECT_EQ(branch_target(16), 16);	/* function is near */
	EXPECT_EQ(text_word(veneer), 0x58000050);		/* ldr x16, . + 8 */
	EXPECT_EQ(text_word(veneer + 4), 0xd61f0200);		/* br x16 */
	memcpy(&target, text_bytes + veneer + 8, sizeof(target));
	EXPECT_EQ(target, 0xf8000000u + OUTSIDE + far);
	EXPECT_EQ(text_word(veneer + 16), 0);
	make_calls();
	set_reloc(0, 0, 280, 3);		/* a conditional branch has none */
	expect_error("does not reach");
	far = 0;
	EXPECT_EQ(host_allocations(), 0);
}

TEST(wrong_headers)
{
	make();
	header.ident[0] = 0;
	expect_error("not an ELF file");
	make();
	header.machine = 62;
	expect_error("another machine (ELF machine 62");
	make();
	header.ident[4] ^= 3;
	expect_error("another machine");
	make();
	header.type = 2;
	expect_error("not a relocatable file");
	make();
	header.shoff = (elf_word)-8;
	expect_error("truncated");
	make();
	header.shstrndx = NR;
	expect_error("no section names");
	make();
	header.shnum = 0;
	expect_error("no section headers");
}

TEST(wrong_sections)
{
	/* Each time one thing is wrong in a file that is good otherwise. */
	make();
	sections[TEXT].offset = (elf_word)-16;
	expect_error("section .text ends behind the file");
	make();
	sections[DATA].size = (elf_word)-1;
	expect_error("section .data ends behind the file");
	make();
	sections[BSS].size = 0x7fffffff;
	expect_error("section .bss: too large");
	make();
	sections[DATA].addralign = 3;
	expect_error("section .data: alignment");
	make();
	sections[DATA].flags |= SHF_EXECINSTR;
	expect_error("writable and executable");
	make();
	sections[BSS].flags = SHF_ALLOC | SHF_EXECINSTR;
	expect_error("executable, but without contents");
	make();
	sections[RODATA].name = 4000;
	expect_error("its name is not in the file");
	make();
	sections[SYMTAB].type = SHT_PROGBITS;
	expect_error("no symbol table");
	make();
	sections[SYMTAB].entsize = 7;
	expect_error("wrong size");
	make();
	sections[SYMTAB].link = 77;
	expect_error("string table 77");
}

TEST(wrong_relocations)
{
	struct elf_reloc *relocs = (struct elf_reloc *)(file + 0);

	make();
	relocs = (struct elf_reloc *)(file + sections[RELOCS].offset);
	relocs[0].info |= 0xff;
	expect_error("is not supported");
	make();
	relocs[0].offset = 32;
	expect_error("behind its end");
	make();
	relocs[0].offset = 31;
	expect_error("behind its end");
	make();
	relocs[0].info = (elf_word)-1;
	expect_error("is not there");
	make();
	sections[RELOCS].info = 99;
	expect_error("section 99");
	make();
	sections[RELOCS].link = 0;
	expect_error("make no sense");
	make();
	sections[RELOCS].type = ELF_RELOC_SECTION == SHT_REL ? SHT_RELA : SHT_REL;
	expect_error("wrong format");
}

TEST(wrong_symbols)
{
	struct elf_symbol *symbols;
	char error[160];

	make();
	symbols = (struct elf_symbol *)(file + sections[SYMTAB].offset);
	symbols[1].shndx = SHN_COMMON;
	expect_error("-fno-common");
	make();
	symbols[1].shndx = 1000;
	expect_error("is in section 1000");
	make();
	symbols[1].shndx = SYMTAB;
	expect_error("not loaded");
	make();
	symbols[4].info = 0x10;		/* not weak any more */
	finish();
	EXPECT_EQ(load(file, size, error), -ENOENT);
	EXPECT_STREQ(error, "unknown symbol absent");
}

/* There are two sections of code with a gap between them, a function in the first, and data. */
TEST(what_can_be_called)
{
	unsigned long text = 0x1000000, data = 0x2000000;
	struct elf_symbol *symbols;
	struct module_elf elf;

	make();
	sections[RODATA].flags |= SHF_EXECINSTR;
	symbols = (struct elf_symbol *)(file + sections[SYMTAB].offset);
	symbols[1].size = 8;
	finish();
	if (!EXPECT_EQ(module_elf_open(&elf, file, size), 0))
		return;
	elf.parts[MODULE_TEXT].va = text;
	elf.parts[MODULE_DATA].va = data;
	EXPECT(module_elf_callable(&elf, text) && module_elf_callable(&elf, text + 16));
	EXPECT(module_elf_callable(&elf, text + 24) && module_elf_callable(&elf, text + 31));
	EXPECT(module_elf_callable(&elf, text + 32) && module_elf_callable(&elf, text + 40));
	EXPECT(!module_elf_callable(&elf, text + 17) && !module_elf_callable(&elf, text + 23));
	EXPECT(!module_elf_callable(&elf, text + 41) && !module_elf_callable(&elf, text + 48));
	EXPECT(!module_elf_callable(&elf, text - 1) && !module_elf_callable(&elf, data));
	EXPECT(!module_elf_callable(&elf, 0) && !module_elf_callable(&elf, ~0ul));
	module_elf_close(&elf);
	EXPECT_EQ(host_allocations(), 0);
}

TEST(every_truncation_is_an_error)
{
	char error[160];

	make();
	finish();
	for (size_t length = 0; length < size && !tap_failed(); length++) {
		EXPECT(load(file, length, error) < 0);
		EXPECT(error[0] != '\0');
	}
	EXPECT_EQ(host_allocations(), 0);
}

TEST(no_memory)
{
	char error[160];

	make();
	finish();
	host_fail_after(0);
	EXPECT_EQ(load(file, size, error), -ENOMEM);
	host_fail_after(-1);
	EXPECT_EQ(host_allocations(), 0);
}

TEST(random_damage)
{
	char error[160];

	for (unsigned int i = 0; i < 60000 && !tap_failed(); i++) {
		if (i % 2)
			make();
		else
			make_calls();
		finish();
		for (u32 n = 1 + tap_below(6); n; n--)
			file[tap_below((u32)size)] = tap_below(4) ? (u8)tap_random() : 0xff;
		load(file, tap_below(8) ? size : tap_below((u32)size), error);
	}
	EXPECT_EQ(host_allocations(), 0);
}
