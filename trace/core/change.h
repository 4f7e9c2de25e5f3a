/* SPDX-License-Identifier: MIT */
/* Finding one of the changes that arch_ftrace_patch() was given. */
#pragma once
#include "trace/arch.h"

static inline int ftrace_compare_change(const void *key, const void *element)
{
	unsigned long ip = *(const unsigned long *)key;
	const struct ftrace_change *change = element;

	return (ip > change->ip) - (ip < change->ip);
}

/*
 * Returns the change of the site at @ip among the @nr @changes, which are sorted by address, or
 * NULL if none is for that site. Any context.
 */
static __always_inline const struct ftrace_change *
ftrace_change_at(const struct ftrace_change *changes, unsigned int nr, unsigned long ip)
{
	return __inline_bsearch(&ip, changes, nr, sizeof(*changes), ftrace_compare_change);
}
