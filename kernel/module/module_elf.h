/* SPDX-License-Identifier: MIT */
/*
 * The part of loading a module that looks at the file, and at nothing else: it checks
 * an ELF relocatable file, lays its sections out, copies and relocates them. Pure:
 * it needs nothing of the kernel. Every byte of the file is untrusted.
 *
 *	module_elf_open()      headers checked, sections laid out: sizes are known
 *	the caller             memory and final addresses for the parts
 *	module_elf_link()      sections copied into the parts' buffers, and relocated there
 */
#pragma once
#include "kernel/types.h"

/* What becomes of a section. SITES are read once and not kept. */
enum module_part {
	MODULE_TEXT, MODULE_RODATA, MODULE_DATA, MODULE_SITES, NR_MODULE_PARTS
};

struct module_elf_part {
	size_t size;
	u8 *buf;			/* where it is put together */
	unsigned long va;		/* where it will lie */
};

/* A place of the file's sections that the kernel looks into. */
struct module_elf_table {
	unsigned long va;
	size_t size;
};

struct elf_section;
struct elf_symbol;
struct module_elf_place {
	enum module_part part;
	bool loaded;
	size_t offset;			/* in its part */
};

struct module_elf {
	const u8 *file;
	size_t size;
	u32 nr_sections, symtab, nr_symbols;
	size_t next_site;		/* in the part of sites: where the next one goes */
	size_t veneers, next_veneer;	/* behind all text: the first, and the next free one */
	struct module_elf_place *places;	/* one a section */
	struct module_elf_part parts[NR_MODULE_PARTS];
	size_t names_size, strings_size;	/* of section names; of symbol names */
	const char *names, *strings;
	char error[160];		/* what is wrong with the file */
};

/* Address of what other files define; false if there is no such thing. */
typedef bool (*module_resolve_t)(const char *name, unsigned long *address, void *arg);

/* 0, -ENOEXEC (not such a file; elf->error says why), -ENOMEM. close frees what open took. */
int module_elf_open(struct module_elf *elf, const void *file, size_t size);
void module_elf_close(struct module_elf *elf);
/* 0, -ENOENT (a symbol that nobody has), -ENOEXEC. The parts have buffers and addresses. */
int module_elf_link(struct module_elf *elf, module_resolve_t resolve, void *arg);
/* The section @name once linked: address and size; false if there is none that is loaded. */
bool module_elf_find(const struct module_elf *elf, const char *name,
		     struct module_elf_table *table);
/* Buffer of the @size bytes at @va; NULL if they are not inside one part. */
void *module_elf_at(const struct module_elf *elf, unsigned long va, size_t size);
/*
 * Is @va in the contents of a section of code, not between two? And can it be called, because it
 * is, and is not within a function that starts elsewhere?
 */
bool module_elf_in_code(const struct module_elf *elf, unsigned long va);
bool module_elf_callable(const struct module_elf *elf, unsigned long va);
/* Symbol @index, if it is a function in the module's text. */
bool module_elf_function(const struct module_elf *elf, u32 index, const char **name,
			 unsigned long *va);

/*
 * The port's (arch/ARCH/reloc.c): apply one relocation of @type at @where, which has @room bytes
 * and will be at @place, to the symbol at @value. 0, -EINVAL (no such type), -ERANGE (out of its
 * reach), -ENOEXEC (no room).
 */
int arch_module_relocate(u32 type, u8 *where, size_t room, unsigned long place,
			 unsigned long value, s64 addend);
/*
 * Also there: can a branch of @type that does not reach @target go by a veneer? If so, its code,
 * which may lie at any multiple of its size.
 */
#define MODULE_VENEER_SIZE 16
bool arch_module_veneer(u32 type, u64 target, u8 veneer[MODULE_VENEER_SIZE]);
/*
 * Also there, for hook=mcount with compilers that list no sites: is a relocation of @type to
 * @name, which the file does not define, one?
 */
bool arch_module_site(u32 type, const char *name);
