/* SPDX-License-Identifier: MIT */
/*
 * The ops that there are, and what each one has: filters, a direct function. All but
 * ftrace_keep_filters() is for the core's own files, which hold ftrace_lock.
 */
#pragma once
#include "trace/core/hash.h"

/* What counts as the filters of @ops: its own, or those it shares. */
static inline struct ftrace_ops_hash *ftrace_ops_filters(struct ftrace_ops *ops)
{
	return ops->func_hash ? ops->func_hash : &ops->local_hash;
}

/* The registered ops behind @ops; NULL gives the first, and ends it. */
struct ftrace_ops *ftrace_ops_next(struct ftrace_ops *ops);
/*
 * As ftrace_ops_next(), but goes on to kept ones that are not registered: all whose filters modules
 * change.
 */
struct ftrace_ops *ftrace_ops_next_looked_after(struct ftrace_ops *ops);
/* The latest on the list. */
void ftrace_ops_list_add(struct ftrace_ops *ops);

/* Say in the log why a call on @ops is refused; @err is returned. */
int ftrace_refuse(const struct ftrace_ops *ops, const char *why, int err);
/* May the @what of @ops be called at @addr? 0; else -EINVAL, and the log says why not. */
int ftrace_check_code(const struct ftrace_ops *ops, const char *what, unsigned long addr);
/* May a registered @ops have @filters? 0, -EINVAL, or -EBUSY (a direct call's sites are fixed). */
int ftrace_ops_check_filters(const struct ftrace_ops *ops, const struct ftrace_ops_hash *filters);
/* What @ops calls directly at @ip when it has @filters; 0 if it is no direct ops. */
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
/* Free the filters of an @ops that is not registered. */
void ftrace_filters_free(struct ftrace_ops *ops);

/*
 * @ops stays for good. From now on its filters lose what goes with a module even while it is not
 * registered, because something else may be at that address tomorrow. All other ops should set
 * their filters after the module came. Takes ftrace_lock.
 */
void ftrace_keep_filters(struct ftrace_ops *ops);
/* Drop @ip from the filters of every ops that is registered, or kept. */
void ftrace_forget_site(unsigned long ip);
