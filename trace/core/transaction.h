/* SPDX-License-Identifier: MIT */
/*
 * One transaction over sites, as its parts pass it on: update_collect.c fills it, update_apply.c
 * carries it out, and update.c begins and ends it. Nobody else includes this. The caller of
 * everything here holds ftrace_lock; may sleep.
 */
#pragma once
#include "trace/core/ops_list.h"
#include "trace/core/records.h"
#include "trace/core/set.h"

/*
 * How a site's set changes: from @old to the set that has the ops too (@with; a direct ops with the
 * address @direct), or to the one that does not have it.
 */
struct ftrace_step {
	struct ftrace_set *old;
	bool with;
	unsigned long direct;
};

struct ftrace_update {
	struct ftrace_change *changes;
	unsigned int nr, capacity;
	bool on;	/* the switch afterwards: if false, every site becomes a NOP */
	struct ftrace_ops *ops;		/* NULL: no set changes */
	bool redirects;	/* some site has or gets an IPMODIFY callback */
	bool shared;	/* move all registered ops whose filters are @from, not only @ops */
	const struct ftrace_ops_hash *from, *to;
	/*
	 * The step that was worked out last, and its result: neighbouring sites mostly have the
	 * same set.
	 */
	bool has_last;
	struct ftrace_step last;
	struct ftrace_set *last_new;
};

/*
 * Returns the next of the ops that @u moves after @ops; the first for NULL, and NULL after the
 * last.
 */
static inline struct ftrace_ops *ftrace_update_next_moved(const struct ftrace_update *u,
							  struct ftrace_ops *ops)
{
	if (!u->shared)
		return ops ? NULL : u->ops;
	do {
		ops = ftrace_ops_next(ops);
	} while (ops && ftrace_ops_filters(ops) != u->from);
	return ops;
}

/*
 * Allocate the list of changes and fill it: with all sites where the filters differ, with those in
 * @group that the filters match, or with all to which anything is attached. Makes the new sets
 * too. Returns 0 or an error of ftrace_update_ops(). In both cases ftrace_update_end() must follow,
 * which frees the list.
 */
int ftrace_update_collect(struct ftrace_update *u);
int ftrace_update_collect_group(struct ftrace_update *u, const struct ftrace_group *group);
int ftrace_update_collect_attached(struct ftrace_update *u);
void ftrace_update_end(struct ftrace_update *u);

/*
 * Verify that each site holds what it should, patch all, and then change the records. Returns 0;
 * or -EINVAL or -EFAULT, which is logged, with every site as it was and nobody inside what was to
 * come.
 */
int ftrace_update_apply(struct ftrace_update *u);

/* What the site of @rec holds according to the record. */
static inline struct ftrace_form ftrace_current_form(const struct dyn_ftrace *rec, unsigned long ip)
{
	return arch_ftrace_form(ip, rec->flags & FTRACE_FL_ENABLED ? dyn_ftrace_set(rec) : NULL);
}

/* What site @ip is to hold if its set is @set. */
static inline struct ftrace_form ftrace_wanted_form(const struct ftrace_update *u, unsigned long ip,
						    const struct ftrace_set *set)
{
	return arch_ftrace_form(ip, u->on ? set : NULL);
}

/*
 * Returns the direct function that a site loses when its set @from is replaced by @to; 0 if it
 * loses none.
 */
static inline unsigned long ftrace_direct_unless_kept(const struct ftrace_set *from,
						      const struct ftrace_set *to)
{
	return from && (!to || to->direct != from->direct) ? from->direct : 0;
}
