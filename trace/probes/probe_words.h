/* SPDX-License-Identifier: MIT */
/* Names in the lines that people write: those of C. */
#pragma once
#include "kernel/lib/ctype.h"
#include "kernel/types.h"

static inline bool probe_starts_name(char c)
{
	return isalpha(c) || c == '_';
}

/* How many bytes of @text are a name. */
static inline size_t probe_name_len(const char *text)
{
	size_t len = 0;

	while (probe_starts_name(text[len]) || (len && isdigit(text[len])))
		len++;
	return len;
}

/* The first byte of @text that is one of @set, or its end. */
static inline char *probe_find_any(char *text, const char *set)
{
	for (; *text; text++)
		for (const char *c = set; *c; c++)
			if (*c == *text)
				return text;
	return text;
}

static inline bool probe_good_name(const char *text)
{
	size_t len = probe_name_len(text);

	return len && !text[len];
}
