/* SPDX-License-Identifier: MIT */
/*
 * The kernel's own symbol table: every function, sorted by address, made from
 * the linked image by tools/symbols.py and verified against the final link.
 * Lookups are untraced, lock-free, and safe in any context.
 */
#pragma once
#include "kernel/types.h"

#define KSYM_NAME_LEN 128
#define KSYM_SYMBOL_LEN (KSYM_NAME_LEN + 64)

/*
 * The function that contains @addr: its name, and when not NULL its size and
 * @addr's offset in it, and its module ("" for the kernel). NULL if none does.
 */
const char *kallsyms_lookup(unsigned long addr, unsigned long *size,
			    unsigned long *offset, const char **modname);
/* Start of function @name, or 0. Walks all symbols: not for hot paths. */
unsigned long kallsyms_lookup_name(const char *name);
/* Name and address of symbol @index in address order; false past the end. */
bool kallsyms_at(unsigned int index, const char **name, unsigned long *addr);
unsigned int kallsyms_count(void);
/* "name+0xoff/0xsize" (%pS); the bare hexadecimal address when unknown. Returns the length. */
int sprint_symbol(char *buf, unsigned long addr);
/* "name" (%ps). */
int sprint_symbol_no_offset(char *buf, unsigned long addr);
/* Is @addr in kernel or module text, as an instruction address? */
bool kernel_text_address(unsigned long addr);

/* What modules may use: a global function or variable of the kernel. False: there is none. */
bool kallsyms_exported(const char *name, unsigned long *addr);
/* As kallsyms_at(), for the functions of modules; in no order. */
bool kallsyms_module_at(unsigned int index, const char **name, unsigned long *addr,
			const char **modname);

/*
 * Generated text (trampolines, stubs) gets names through this list: symbol
 * lookups fall back to it. @entry is owned by the caller and stays until removed.
 */
struct ksym_range {
	unsigned long start, size;
	const char *name;
	struct ksym_range *next;
	const char *module;		/* NULL: the kernel's own */
	const struct ksym_table *table;	/* NULL: the range is one symbol */
};
/* A module's functions in address order, with offsets from the range's start. */
struct ksym_table {
	unsigned int nr;
	const struct ksym_entry {
		u32 offset, size;
		const char *name;
	} *entries;
};
void kallsyms_add_range(struct ksym_range *entry);
void kallsyms_remove_range(struct ksym_range *entry);
/* Boot's end: init text is given back, addresses in it are nothing any more. */
void kallsyms_drop_init(void);
