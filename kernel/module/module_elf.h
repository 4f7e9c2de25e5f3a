/* SPDX-License-Identifier: MIT */
/*
 * The part of loading a module that handles the file alone: it checks an ELF relocatable file, lays
 * out its sections, copies them and relocates them. It does not depend on the rest of the kernel,
 * so that it can run on the host, too. Every byte of the file is untrusted. The steps:
 *
 *	module_elf_open()      checks the headers and lays out the sections; sizes are known then
 *	the caller             supplies a buffer and the final address of each part
 *	module_elf_link()      copies the sections into the buffers, and relocates them there
 */
#pragma once
#include "kernel/types.h"

/* The part that a section belongs to. The sites are read once and not kept. */
enum module_part {
	MODULE_TEXT, MODULE_RODATA, MODULE_DATA, MODULE_SITES, NR_MODULE_PARTS
};

struct module_elf_part {
	size_t size;
	u8 *buf;			/* where its contents are assembled */
	unsigned long va;		/* its final address */
};

/* A section that the kernel reads as a table. */
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
	size_t next_site;		/* offset of the next site in the part of sites */
	size_t veneers, next_veneer;	/* offsets of the first and the next veneer in the text */
	struct module_elf_place *places;	/* one for each section */
	struct module_elf_part parts[NR_MODULE_PARTS];
	size_t names_size, strings_size;	/* of section names; of symbol names */
	const char *names, *strings;
	char error[160];		/* what is wrong with the file */
};

/* Finds the address of a symbol that the file does not define; false if there is no such symbol. */
typedef bool (*module_resolve_t)(const char *name, unsigned long *address, void *arg);

/*
 * Check @file and lay it out: 0, -ENOEXEC if it cannot be loaded (elf->error says why), or -ENOMEM.
 * After success module_elf_close() must be called; it frees what was allocated here.
 */
int module_elf_open(struct module_elf *elf, const void *file, size_t size);
void module_elf_close(struct module_elf *elf);
/*
 * Copy and relocate the sections. Every part must have its buffer and address. Returns 0, -ENOENT
 * for an unknown symbol, or -ENOEXEC; elf->error says what is wrong.
 */
int module_elf_link(struct module_elf *elf, module_resolve_t resolve, void *arg);
/*
 * After linking: address and size of section @name; false if no loaded section without code has
 * that name.
 */
bool module_elf_find(const struct module_elf *elf, const char *name,
		     struct module_elf_table *table);
/* Where the @size bytes at @va are in a part's buffer; NULL if they are not all in one part. */
void *module_elf_at(const struct module_elf *elf, unsigned long va, size_t size);
/* Is @va within a section of code, rather than between two of them? */
bool module_elf_in_code(const struct module_elf *elf, unsigned long va);
/* Can @va be called: is it in a section of code, but not in the middle of a function? */
bool module_elf_callable(const struct module_elf *elf, unsigned long va);
/* If symbol @index is a function in the module's text, store its name and address; else false. */
bool module_elf_function(const struct module_elf *elf, u32 index, const char **name,
			 unsigned long *va);
