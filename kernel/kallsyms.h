/* SPDX-License-Identifier: MIT */
/*
 * Symbol lookup. The kernel's own table has every function, sorted by address; tools/symbols.py
 * makes it from the linked image, and the build verifies it against the final link. Lookups are
 * untraced, lock-free, and safe in any context. docs/how-it-works.md explains why a reader never
 * sees a name that was freed.
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
 * Find the function that contains @addr; false if none does. Any context, but with interrupts off:
 * the strings in *@sym may be freed with their module as soon as interrupts are on again.
 */
bool kallsyms_lookup(unsigned long addr, struct ksym *sym);
/*
 * The size of the function that contains @addr, and the offset of @addr in it; either pointer may
 * be NULL. False if no function does. Any context, interrupts on or off.
 */
bool kallsyms_lookup_size_offset(unsigned long addr, unsigned long *size, unsigned long *offset);
/* Copy the name of the function that contains @addr to @name[KSYM_NAME_LEN]: 0 or -ERANGE. */
int lookup_symbol_name(unsigned long addr, char *name);
/* The start of function @name, or 0; of several the kernel's own, and of these the first. */
unsigned long kallsyms_lookup_name(const char *name);
/*
 * Call @fn(@data, start) for each function @name of the kernel and of modules until it returns
 * nonzero; returns that, or 0. Interrupts are off meanwhile. (Linux: the kernel's own only.)
 */
int kallsyms_on_each_match_symbol(int (*fn)(void *data, unsigned long addr), const char *name,
				  void *data);
/* Name and address of symbol @index in address order; false past the end. */
bool kallsyms_at(unsigned int index, const char **name, unsigned long *addr);
unsigned int kallsyms_count(void);
/*
 * Write "name+0xoff/0xsize" (as %pS), or the hexadecimal address if no symbol contains it, to
 * @buf[KSYM_SYMBOL_LEN]. Returns the length.
 */
int sprint_symbol(char *buf, unsigned long addr);
/* The same, but only "name" (as %ps). */
int sprint_symbol_no_offset(char *buf, unsigned long addr);
/*
 * The form that %p@letter has ('S', 'B' or 's'), in a buffer of any size; cut, terminated and
 * counted as snprintf() does. 'B' is for a return address, which lies just behind its function when
 * the call is the function's last instruction.
 */
int snprint_symbol(char *buf, size_t size, unsigned long addr, char letter);
/* Does @addr lie in the kernel's text, a module's text or generated code? Any context. */
bool kernel_text_address(unsigned long addr);

/* The address of @name, a global function or variable that modules may use; false if none is. */
bool kallsyms_exported(const char *name, unsigned long *addr);
/*
 * The same as kallsyms_at() for the functions of all modules, in no particular order. Interrupts
 * are off, and the names are valid only until they are on again, as for kallsyms_lookup().
 */
bool kallsyms_module_at(unsigned int index, const char **name, unsigned long *addr,
			const char **modname);
/*
 * The table of prototypes (trace/output/prototypes.h) that may have the function that contains
 * @addr, and the function's key in it; NULL if there is no table. Any context, but with interrupts
 * off, as for kallsyms_lookup().
 */
const void *kallsyms_prototypes(unsigned long addr, u32 *key);

/*
 * A range of text outside the kernel's image: a trampoline, a stub, or a module. Lookups search the
 * list of these for addresses that are not in the image. @entry belongs to the caller and must stay
 * until it is removed; when kallsyms_remove_range() returns, no reader uses it any more. Thread
 * context, interrupts on.
 */
struct ksym_range {
	unsigned long start, size;
	const char *name;
	struct ksym_range *next;
	const char *module;		/* NULL: the kernel's own */
	const struct ksym_table *table;	/* NULL: the range is one symbol */
	const void *prototypes;		/* of the table's functions; NULL: not known */
};
/*
 * A module's functions in address order, with offsets from the range's start. Functions whose names
 * have the same ksym_hash() & (nr_heads - 1), which is an index of heads[], are in a chain: heads[]
 * has the number of the first one, and each has that of the next. Numbers count from 1, and 0 ends
 * the chain.
 */
struct ksym_table {
	unsigned int nr, nr_heads;
	const struct ksym_entry {
		u32 offset, size, next;
		const char *name;
	} *entries;
	const u32 *heads;
};

static inline u32 ksym_hash(const char *name)
{
	u32 hash = 0;

	for (; *name; name++)
		hash = hash * 33 + (unsigned char)*name;
	return hash ^ hash >> 16;
}

void kallsyms_add_range(struct ksym_range *entry);
void kallsyms_remove_range(struct ksym_range *entry);
/* At the end of boot: init text is freed, and lookups stop finding symbols in it. */
void kallsyms_drop_init(void);
