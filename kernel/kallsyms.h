/* SPDX-License-Identifier: MIT */
/*
 * The kernel's own symbol table: every function, sorted by address, made from
 * the linked image by tools/symbols.py and verified against the final link.
 * Lookups are untraced, lock-free, and safe in any context. docs/how-it-works.md tells why nobody
 * reads a name that is gone.
 */
#pragma once
#include "kernel/types.h"

#define KSYM_NAME_LEN 512		/* Linux's; longer names are refused, not cut */
#define KSYM_SYMBOL_LEN (KSYM_NAME_LEN + 128)	/* with offset, size and module */

/* A function, and where in it an address lies. */
struct ksym {
	const char *name;
	const char *module;		/* "" for the kernel */
	unsigned long size, offset;
};

/*
 * The function that contains @addr; false if none does. Any context, with interrupts off; the
 * strings are good until they are on again, because they go with their module.
 */
bool kallsyms_lookup(unsigned long addr, struct ksym *sym);
/*
 * Without names, so any context: either may be NULL. And with a copy in @name[KSYM_NAME_LEN]: 0,
 * -ERANGE.
 */
bool kallsyms_lookup_size_offset(unsigned long addr, unsigned long *size, unsigned long *offset);
int lookup_symbol_name(unsigned long addr, char *name);
/* Start of function @name, or 0. Walks all symbols: not for hot paths. */
unsigned long kallsyms_lookup_name(const char *name);
/* Name and address of symbol @index in address order; false past the end. */
bool kallsyms_at(unsigned int index, const char **name, unsigned long *addr);
unsigned int kallsyms_count(void);
/* "name+0xoff/0xsize" (%pS); the bare hexadecimal address when unknown. Returns the length. */
int sprint_symbol(char *buf, unsigned long addr);
/* The same for a return address (%pB), which may be right behind the function that called. */
int sprint_backtrace(char *buf, unsigned long addr);
/* "name" (%ps). */
int sprint_symbol_no_offset(char *buf, unsigned long addr);
/*
 * Any of them, by the letter of its %p, straight to where it goes: length and NUL as snprintf()'s.
 */
int snprint_symbol(char *buf, size_t size, unsigned long addr, char letter);
/* Is @addr in kernel or module text, as an instruction address? */
bool kernel_text_address(unsigned long addr);

/* What modules may use: a global function or variable of the kernel. False: there is none. */
bool kallsyms_exported(const char *name, unsigned long *addr);
/*
 * As kallsyms_at(), for the functions of modules; in no order. The names are as
 * kallsyms_lookup()'s.
 */
bool kallsyms_module_at(unsigned int index, const char **name, unsigned long *addr,
			const char **modname);

/*
 * Generated text (trampolines, stubs) gets names through this list: symbol
 * lookups fall back to it. @entry is owned by the caller and stays until removed. When remove
 * returns, no reader is at it any more. Thread context, interrupts on.
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
