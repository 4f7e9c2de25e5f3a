/* SPDX-License-Identifier: MIT */
/*
 * Reads tables of prototypes. Whatever is not in a table reads as 0, or as an empty string, so that
 * a damaged table gives wrong text and does no other harm. Untraced.
 */
#include "trace/output/prototypes.h"
#include "kernel/kallsyms.h"
#include "kernel/lib/sort.h"
#include "kernel/lib/string.h"
#include "kernel/lockdep.h"
#include "kernel/trace_hooks.h"

#define PROTOTYPE_VARIADIC 0x8000u

/* At any address, because objcopy, which puts it into a module, aligns nothing. */
struct prototype_table {
	u32 size, nr;
	u32 prototypes, types, enums, strings;
	u32 keys[];
} __packed;

bool trace_prototypes_valid(const void *data, size_t size)
{
	const struct prototype_table *table = data;
	const char *bytes = data;
	const u32 parts[] = { table->prototypes, table->types, table->enums };

	/* The size comes first, because the rest reads what the size covers. */
	if (size < sizeof(*table) || table->size != size ||
	    table->nr > (size - sizeof(*table)) / (sizeof(u32) + sizeof(u16)))
		return false;
	for (unsigned int i = 0; i < ARRAY_SIZE(parts); i++)
		if (parts[i] > size)
			return false;
	/* With a terminator at the end of all, every string has one. */
	return table->strings < size && !bytes[size - 1];
}

/* Word @index of a part that begins at byte @start. */
static u16 word_at(const struct prototype_table *table, u32 start, u32 index)
{
	u32 at = start + index * (u32)sizeof(u16);
	u16 word;

	if (at > table->size - sizeof(word))
		return 0;
	memcpy(&word, (const char *)table + at, sizeof(word));
	return word;
}

static const char *string_at(const struct prototype_table *table, u16 offset)
{
	return offset < table->size - table->strings ?
	       (const char *)table + table->strings + offset : "";
}

static struct prototype_type type_at(const struct prototype_table *table, u32 index)
{
	return (struct prototype_type){
		word_at(table, table->types, 3 * index),
		word_at(table, table->types, 3 * index + 1),
		word_at(table, table->types, 3 * index + 2),
	};
}

/* For the search: compares *@key with a key of a table, which may be at any address. */
static int compare_keys(const void *key, const void *element)
{
	u32 wanted = *(const u32 *)key, here;

	memcpy(&here, element, sizeof(here));
	return wanted < here ? -1 : wanted > here;
}

bool prototype_find(struct prototype *prototype, unsigned long ip)
{
	const struct prototype_table *table;
	const char *found;
	u32 key, index;
	u16 args;

	assert_irqs_off();
	table = kallsyms_prototypes(ip, &key);
	if (!table)
		return false;
	found = __inline_bsearch(&key, table->keys, table->nr, sizeof(key), compare_keys);
	if (!found)
		return false;
	/* The starts follow the keys, in the same order. */
	index = (u32)(found - (const char *)table->keys) / (u32)sizeof(key);
	prototype->table = table;
	prototype->start = word_at(table, sizeof(*table) + table->nr * (u32)sizeof(u32), index);
	prototype->result = type_at(table, word_at(table, table->prototypes, prototype->start));
	args = word_at(table, table->prototypes, prototype->start + 1);
	prototype->nr_args = args & ~PROTOTYPE_VARIADIC;
	prototype->variadic = args & PROTOTYPE_VARIADIC;
	return true;
}

void prototype_walk_start(struct prototype_walk *walk, const struct prototype *prototype)
{
	walk->prototype = prototype;
	walk->next = 0;
	arch_ftrace_args_start(&walk->words, prototype->variadic,
			       prototype->result.kind == PROTOTYPE_STRUCTURE);
}

bool prototype_walk_next(struct prototype_walk *walk, struct prototype_arg *arg)
{
	const struct prototype *prototype = walk->prototype;
	const struct prototype_table *table = prototype->table;
	u32 at = prototype->start + 2 + 2 * walk->next;

	if (walk->next == prototype->nr_args)
		return false;
	walk->next++;
	arg->name = string_at(table, word_at(table, table->prototypes, at));
	arg->type = type_at(table, word_at(table, table->prototypes, at + 1));
	arg->word = arch_ftrace_arg_words(&walk->words, arg->type.size,
					  arg->type.kind == PROTOTYPE_STRUCTURE, &arg->nr_words);
	return true;
}

unsigned int prototype_words(const struct prototype *prototype, unsigned int most)
{
	struct prototype_walk walk;
	struct prototype_arg arg;
	unsigned int nr = 0;

	prototype_walk_start(&walk, prototype);
	while (nr < most && prototype_walk_next(&walk, &arg)) {
		/* An empty structure is nowhere. */
		if (arg.nr_words)
			nr = max(nr, arg.word + arg.nr_words);
	}
	return min(nr, most);
}

const char *prototype_enumerator(const struct prototype *prototype,
				 const struct prototype_type *type, u32 value)
{
	const struct prototype_table *table = prototype->table;
	u32 at = type->enumerators + 1u, nr = word_at(table, table->enums, type->enumerators);

	for (; nr; nr--, at += 3) {
		u32 low = word_at(table, table->enums, at);

		if ((low | (u32)word_at(table, table->enums, at + 1) << 16) == value)
			return string_at(table, word_at(table, table->enums, at + 2));
	}
	return NULL;
}
