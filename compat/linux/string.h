/* SPDX-License-Identifier: MIT */
/* Linux's header for our memory and string routines. */
#pragma once
#include "kernel/lib/string.h"
#include "kernel/mm/mm.h"

/* Returns *@s, cut at the first character of @ends, and sets *@s behind that, or to NULL. */
static inline char *strsep(char **s, const char *ends)
{
	char *begin = *s, *end;

	if (!begin)
		return NULL;
	for (end = begin; *end && !strchr(ends, *end); end++)
		;
	*s = *end ? end + 1 : NULL;
	*end = '\0';
	return begin;
}
