/* SPDX-License-Identifier: MIT */
/*
 * Sets: how the core sees what is attached to sites. Only trace/core and the ports' trace code
 * include this.
 */
#pragma once
#include "trace/core/dispatch.h"
#include "trace/core/records.h"

/*
 * Returns the set with @index, which must be less than ftrace_nr_set_slots; NULL for 0 or if there
 * is none.
 */
struct ftrace_set *ftrace_set_at(unsigned int index);
extern unsigned int ftrace_nr_set_slots;

static inline struct ftrace_set *dyn_ftrace_set(const struct dyn_ftrace *rec)
{
	return ftrace_set_at(rec->flags & FTRACE_FL_SET_MASK);
}

/*
 * Find or make the set that has all that @old has, and @ops too, or not @ops any more. A direct
 * @ops calls @direct; @old may have the same ops with another address. A set that was made here
 * counts as unused until ftrace_set_get(). NULL, as @old or *@result, means that nothing is
 * attached. Returns 0, -ENOMEM, or -EBUSY if @old has a direct function or an IPMODIFY callback
 * already. The caller holds ftrace_lock.
 */
int ftrace_set_with(struct ftrace_set *old, struct ftrace_ops *ops, unsigned long direct,
		    struct ftrace_set **result);
int ftrace_set_without(struct ftrace_set *old, struct ftrace_ops *ops, struct ftrace_set **result);

/*
 * Count one record more, or one less, that names @set. NULL does nothing. The caller holds
 * ftrace_lock.
 */
void ftrace_set_get(struct ftrace_set *set);
void ftrace_set_put(struct ftrace_set *set);
/*
 * Free the sets that no record names and that no thread can be inside (reclaim.c). Unused sets that
 * have to stay for now will not be found again by ftrace_set_with() and _without(). The caller
 * holds ftrace_lock; may sleep.
 */
void ftrace_sets_reclaim(void);

/*
 * Returns the trampoline that the set's ops brings with it, which does what ops->func does, or goes
 * on to the port's own trampoline; 0 if there is none, or it cannot do all that the set is for.
 */
static inline unsigned long ftrace_set_own_trampoline(const struct ftrace_set *set)
{
	const unsigned int unfit = FTRACE_SET_REGS | FTRACE_SET_IPMODIFY | FTRACE_SET_ASSIST;

	return set->nr_calls == 1 && !set->direct && !(set->flags & unfit) ?
		set->ops[0]->trampoline : 0;
}
