/* SPDX-License-Identifier: MIT */
/* Reads the table of functions that the build has made: function_table.h has its layout. */
#include "trace/tracefs/function_table.h"
#include "kernel/compiler.h"
#include "kernel/lib/string.h"

extern const struct function_table {
	u32 nr, sources, inlined;
	u16 costs[NR_CALL_COSTS];
	u16 files[];
} function_table;

static const u8 *part(u32 offset)
{
	return (const u8 *)&function_table + offset;
}

/* The number at @at, which may be at an odd address. */
static u16 number_at(const u8 *at)
{
	return (u16)(at[0] | at[1] << 8);
}

void function_source_at(unsigned int number, struct function_source *source)
{
	const u8 *at = part(function_table.sources);

	*source = (struct function_source){ .kind = SOURCE_UNKNOWN };
	/* All names before it are needed, because it shares bytes with them. */
	for (; number && *at; number--) {
		size_t rest = strlen((const char *)&at[2]) + 1;

		source->kind = at[0];
		memcpy(source->name + at[1], &at[2], rest);
		at += 2 + rest;
	}
}

void function_source_of(unsigned int index, struct function_source *source)
{
	function_source_at(index < function_table.nr ? function_table.files[index] : 0, source);
}

/*
 * @walk->same is how many bytes of @name the last record's name has at its beginning. A name that
 * shares more with that one goes on like it, and so differs from @name at the same place.
 */
static bool is_named(const char *name, struct function_inlined *walk, size_t shared,
		     const char *rest)
{
	if (shared > walk->same)
		return false;
	walk->same = shared;
	while (*rest && *rest == name[walk->same]) {
		rest++;
		walk->same++;
	}
	return !*rest && !name[walk->same];
}

bool function_inlined_next(const char *name, struct function_inlined *walk)
{
	const u8 *at = walk->next ? walk->next : part(function_table.inlined);
	bool found = false;

	while (!found && (at[0] || at[1])) {
		const char *rest = (const char *)&at[1];

		found = is_named(name, walk, at[0], rest);
		at += 2 + strlen(rest);
		walk->total = number_at(at);
		walk->nr = walk->total ? min(walk->total, (unsigned int)FUNCTION_INLINED_NAMED) : 1;
		at += 2;
		for (unsigned int i = 0; i < walk->nr; i++, at += 2)
			walk->values[i] = number_at(at);
	}
	walk->next = at;
	return found;
}

unsigned int function_call_cost(enum call_cost which)
{
	return function_table.costs[which];
}
