/* SPDX-License-Identifier: MIT */
/*
 * The list of registered ops, and what each ops has: filters, a direct function. Everything here
 * except ftrace_keep_filters() and ftrace_drop_filters() is for the core's own files, which hold
 * ftrace_lock.
 */
#pragma once
#include "trace/core/hash.h"

/* Returns the filters of @ops: its own, or those that it shares with others. */
static inline struct ftrace_ops_hash *ftrace_ops_filters(struct ftrace_ops *ops)
{
	return ops->func_hash ? ops->func_hash : &ops->local_hash;
}

/* Returns the next registered ops after @ops; the first for NULL, and NULL after the last. */
struct ftrace_ops *ftrace_ops_next(struct ftrace_ops *ops);
/*
 * Does the same, and goes on to the kept ops that are not registered: together these are all ops
 * whose filters change when modules come and go.
 */
struct ftrace_ops *ftrace_ops_next_looked_after(struct ftrace_ops *ops);
/* Put @ops on the list as the latest registered one. */
void ftrace_ops_list_add(struct ftrace_ops *ops);

/*
 * What a message about @ops names, by "%ps": its callback or its direct function; or the ops, if it
 * has neither, because each of its functions has an address of its own.
 */
const void *ftrace_ops_subject(const struct ftrace_ops *ops);
/* Log why a call for @ops is refused. Returns @err. */
int ftrace_refuse(const struct ftrace_ops *ops, const char *why, int err);
/*
 * May @addr be called as the @what of @ops? Returns 0; or -EINVAL, and then the log says why not.
 */
int ftrace_check_code(const struct ftrace_ops *ops, const char *what, unsigned long addr);
/*
 * May @ops have @filters while it is registered? Returns 0, -EINVAL, or -EBUSY for a direct call,
 * whose filters cannot be changed. The reason is logged.
 */
int ftrace_ops_check_filters(const struct ftrace_ops *ops, const struct ftrace_ops_hash *filters);
/*
 * Returns the direct function that @ops calls at @ip when its filters are @filters; 0 if it is no
 * direct ops.
 */
static inline unsigned long ftrace_ops_direct(const struct ftrace_ops *ops,
					      const struct ftrace_ops_hash *filters,
					      unsigned long ip)
{
	unsigned long own;

	if (!(ops->flags & FTRACE_OPS_FL_DIRECT))
		return 0;
	own = ftrace_hash_direct(filters->filter_hash, ip);
	return own ? own : ops->direct_call;
}
/* Free the filters of @ops, which is not registered. */
void ftrace_filters_free(struct ftrace_ops *ops);

/*
 * Look after the filters of @ops: from now on they lose the functions of a module that goes, even
 * while @ops is not registered, because something else may be at these addresses later. Owners of
 * other ops should set the filters after the module came. drop ends that, and frees the filters of
 * @ops, which is not registered: before its memory goes. Both take ftrace_lock.
 */
void ftrace_keep_filters(struct ftrace_ops *ops);
void ftrace_drop_filters(struct ftrace_ops *ops);
/*
 * Remove the @nr sites of @recs from the filters of every ops that is registered or kept. They are
 * in address order, and no other site lies between them.
 */
void ftrace_forget_sites(const struct dyn_ftrace *recs, unsigned int nr);
