/* SPDX-License-Identifier: MIT */
/*
 * The prototypes of traced functions. tools/prototypes.py makes a table of them from the debug
 * information: one for the image, and each module brings its own. A module's table is untrusted, so
 * it is checked when the module is loaded, and everything that is read from it is bounded. Lookups
 * are untraced, take no lock, and are for any context, with interrupts off as for
 * kallsyms_lookup(): a module's table is freed with it.
 *
 * A table, little endian:
 *
 *	u32 size, nr		bytes of all of it; number of functions
 *	u32 prototypes, types, enums, strings: where these begin, in bytes from the table's start
 *	u32 keys[nr]		of the functions, ascending: the offset from _text; in a module
 *				ksym_hash() of the name
 *	u16 starts[nr]		of each function's prototype, in words behind `prototypes`
 *	u16 prototypes[]	the type of the result; the number of arguments, with bit 15 set if
 *				more may follow; and for each argument its name and type
 *	u16 types[][3]		kind, size in bytes, and where an enum's enumerators begin
 *	u16 enums[]		their number; for each the value's low and high half, and its name
 *	char strings[]		names, each with a terminator; named by their offset
 */
#pragma once
#include "trace/arch.h"

enum prototype_kind {
	PROTOTYPE_VOID, PROTOTYPE_BOOL, PROTOTYPE_CHAR, PROTOTYPE_SIGNED, PROTOTYPE_UNSIGNED,
	PROTOTYPE_POINTER, PROTOTYPE_STRING, PROTOTYPE_ENUM_SIGNED, PROTOTYPE_ENUM_UNSIGNED,
	PROTOTYPE_STRUCTURE,
};

struct prototype_table;

struct prototype_type {
	u16 kind;		/* enum prototype_kind, unless the table is damaged */
	u16 size;
	u16 enumerators;
};

struct prototype {
	const struct prototype_table *table;
	unsigned int start, nr_args;
	bool variadic;
	struct prototype_type result;
};

struct prototype_arg {
	const char *name;
	struct prototype_type type;
	unsigned int word, nr_words;	/* which words of the arguments it is */
};

/* Goes through the arguments of one prototype in their order. */
struct prototype_walk {
	const struct prototype *prototype;
	unsigned int next;
	struct ftrace_arg_walk words;
};

/* Find the prototype of the traced function whose site is at @ip. False if there is none. */
bool prototype_find(struct prototype *prototype, unsigned long ip);
/* Begin a walk; get the next argument. next returns false when there are no more. */
void prototype_walk_start(struct prototype_walk *walk, const struct prototype *prototype);
bool prototype_walk_next(struct prototype_walk *walk, struct prototype_arg *arg);
/* How many words of the arguments they take, from the first on, and at most @most. */
unsigned int prototype_words(const struct prototype *prototype, unsigned int most);
/* The enumerator of an enum with this value, as it is in 32 bits; NULL if there is none. */
const char *prototype_enumerator(const struct prototype *prototype,
				 const struct prototype_type *type, u32 value);
