/* SPDX-License-Identifier: MIT */
/* Counts the sets that the tracer's core keeps, for tests of all kinds. */
#pragma once
#include "trace/core/set.h"

/*
 * @unused counts those that no record names, and that are kept until no thread is inside. The
 * caller holds ftrace_lock.
 */
static inline void count_sets(unsigned int *total, unsigned int *unused)
{
	*total = *unused = 0;
	for (unsigned int i = 1; i < ftrace_nr_set_slots; i++) {
		const struct ftrace_set *set = ftrace_set_at(i);

		*total += set != NULL;
		*unused += set && !set->nr_sites;
	}
}
