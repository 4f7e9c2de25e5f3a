/* SPDX-License-Identifier: MIT */
/* How many sets the tracer's core keeps, for tests of all kinds. */
#pragma once
#include "trace/core/set.h"

/* @unused: those that no record names, which wait until no thread is inside. ftrace_lock held. */
static inline void count_sets(unsigned int *total, unsigned int *unused)
{
	*total = *unused = 0;
	for (unsigned int i = 1; i < ftrace_nr_set_slots; i++) {
		const struct ftrace_set *set = ftrace_set_at(i);

		*total += set != NULL;
		*unused += set && !set->nr_sites;
	}
}
