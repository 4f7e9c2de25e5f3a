/* SPDX-License-Identifier: MIT */
/* The types that an argument of a dynamic event may have. Names and formats are Linux's. */
#include "kernel/lib/string.h"
#include "trace/probes/probe.h"

#define NUMBERS(bits, wide)								\
	{ "u" #bits, "u" #bits, "%" wide "u", PRINT_UNSIGNED, (bits) / 8, false },	\
	{ "s" #bits, "s" #bits, "%" wide "d", PRINT_SIGNED, (bits) / 8, false },	\
	{ "x" #bits, "u" #bits, "0x%" wide "x", PRINT_HEX, (bits) / 8, false }
#define TEXT(name, is_symbol)								\
	{ name, "char", "\\\"%s\\\"", PRINT_TEXT, sizeof(u32), is_symbol }

static const struct probe_type types[] = {
	NUMBERS(8, ""), NUMBERS(16, ""), NUMBERS(32, ""), NUMBERS(64, "L"),
	{ "char", "char", "'%c'", PRINT_CHAR, 1, false },
	{ "symbol", "unsigned long", "%pS", PRINT_SYMBOL, sizeof(long), false },
	TEXT("string", false),
	/* There is one address space: a text of a user's lies where any other does. */
	TEXT("ustring", false),
	TEXT("symstr", true),
};

const struct probe_type *probe_type_find(const char *name)
{
	for (unsigned int i = 0; i < ARRAY_SIZE(types); i++)
		if (!strcmp(types[i].name, name))
			return &types[i];
	return NULL;
}

const struct probe_type *probe_type_number(char kind, unsigned int size)
{
	for (unsigned int i = 0; i < ARRAY_SIZE(types); i++)
		if (types[i].name[0] == kind && types[i].size == size &&
		    types[i].print <= PRINT_HEX)
			return &types[i];
	return NULL;
}
