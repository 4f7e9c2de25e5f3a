/* SPDX-License-Identifier: MIT */
/*
 * What the build knows of the image's functions: the files that they are from, and what the
 * compiler has inlined. tools/classify.py makes the table from the debug information. If it is
 * empty, nothing is known. A table, little endian:
 *
 *	u32 nr			functions, in the order of kallsyms_at()
 *	u32 sources, inlined	where these begin, in bytes from the table's start
 *	u16 costs[]		enum call_cost; 0 where the options are not the default ones
 *	u16 files[nr]		the number of each function's file, from 1 on; 0 if none is known
 *	sources			for each file: u8 kind; its name. A kind of 0 ends the list
 *	inlined			for each function: its name; u16 into how many it is inlined; u16
 *				for each of the first 8 of these. If it is inlined into 0, it is a
 *				weak function that lost, and one u16 is its file. An empty name ends
 *				the list
 *
 * Names are in strcmp()'s order, and each begins with a byte that tells how many bytes it shares
 * with the one before it; only the others follow, with a terminator.
 */
#pragma once
#include "kernel/types.h"

enum source_kind {
	SOURCE_UNKNOWN,		/* a library's, or assembly inside of a C file */
	SOURCE_TRACED,		/* C, compiled with sites */
	SOURCE_UNTRACED,	/* C, without */
	SOURCE_ASSEMBLY,	/* makes its sites itself, if any */
};

/* What a call may cost, in instructions: the cases of tools/ceilings with these names. */
enum call_cost {
	COST_OPS_1, COST_OPS_1_REGS, COST_OPS_1_RECURSION, COST_OPS_2, COST_OPS_10, COST_DIRECT,
	COST_DIRECT_PLUS_OPS_1, COST_TRACER_FUNCTION, COST_TRACER_GRAPH, NR_CALL_COSTS,
};

#define FUNCTION_SOURCE_LEN 96		/* tools/classify.py refuses longer names of files */
#define FUNCTION_INLINED_NAMED 8

struct function_source {
	enum source_kind kind;
	char name[FUNCTION_SOURCE_LEN];
};

/* One function that is inlined, or a weak one that lost: then @total is 0. */
struct function_inlined {
	unsigned int total, nr;
	u16 values[FUNCTION_INLINED_NAMED];	/* indices for kallsyms_at(); or the file */
	const u8 *next;
	size_t same;
};

/* The file of the function that kallsyms_at() has at @index. */
void function_source_of(unsigned int index, struct function_source *source);
/* The file with a number, of a weak function that lost. */
void function_source_at(unsigned int number, struct function_source *source);
/* The next record of the functions called @name; *@walk is 0 at first. False if there is none. */
bool function_inlined_next(const char *name, struct function_inlined *walk);
unsigned int function_call_cost(enum call_cost which);
