/* SPDX-License-Identifier: MIT */
/*
 * Sets: the core's own view of what is attached to sites. Shared by trace/core and the ports' trace
 * code; nobody else includes it.
 *
 * A set is everything attached to a site: immutable, interned, shared by all
 * sites that have the same things attached (docs/design.md, "Sets"). The word that a site
 * hands its trampoline is a callable: the ops itself when a set has exactly one plain ops, else the
 * set.
 */
#pragma once
#include "trace/core/dispatch.h"
#include "trace/core/records.h"

/* The set with @index, which is less than ftrace_nr_set_slots; NULL if there is none, as for 0. */
struct ftrace_set *ftrace_set_at(unsigned int index);
extern unsigned int ftrace_nr_set_slots;

static inline struct ftrace_set *dyn_ftrace_set(const struct dyn_ftrace *rec)
{
	return ftrace_set_at(rec->flags & FTRACE_FL_SET_MASK);
}

/*
 * The set that is @old plus or minus @ops; a direct @ops calls @direct, and may be in @old with
 * another. Made if it does not exist yet, and then unused until ftrace_set_get(). NULL old or
 * result means "nothing". 0, -ENOMEM, -EBUSY (a second direct function or IPMODIFY). ftrace_lock
 * held.
 */
int ftrace_set_with(struct ftrace_set *old, struct ftrace_ops *ops, unsigned long direct,
		    struct ftrace_set **result);
int ftrace_set_without(struct ftrace_set *old, struct ftrace_ops *ops, struct ftrace_set **result);

/* One more or one less record names @set (NULL is fine). */
void ftrace_set_get(struct ftrace_set *set);
void ftrace_set_put(struct ftrace_set *set);
/*
 * Free the sets that no record names and no thread can be inside (reclaim.c). Those that have to
 * stay are not found any more.
 */
void ftrace_sets_reclaim(void);
