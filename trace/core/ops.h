/* SPDX-License-Identifier: MIT */
/* Registered ops, for the core's own files. ftrace_lock held. */
#pragma once
#include "trace/core/hash.h"

/* What counts as the filters of @ops: its own, or those it shares. */
static inline struct ftrace_ops_hash *ftrace_ops_filters(struct ftrace_ops *ops)
{
	return ops->func_hash ? ops->func_hash : &ops->local_hash;
}
/*
 * @ops gets the filters of @owner, which is there for good: ftrace_ops_set_global_filter(). Takes
 * the lock.
 */
void ftrace_ops_share_filters(struct ftrace_ops *ops, struct ftrace_ops *owner);
/* May a registered @ops have @filters? 0, -EINVAL, or -EBUSY (a direct call's sites are fixed). */
int ftrace_ops_check_filters(const struct ftrace_ops *ops, const struct ftrace_ops_hash *filters);
/* Attach and put on the list; everything but checks. Errors of ftrace_update_ops(). */
int ftrace_ops_start(struct ftrace_ops *ops);
int ftrace_ops_stop(struct ftrace_ops *ops);
/* The registered ops behind @ops; NULL gives the first, and ends it. */
struct ftrace_ops *ftrace_ops_next(struct ftrace_ops *ops);
/* Say in the log why a call on @ops is refused; @err is returned. */
int ftrace_refuse(const struct ftrace_ops *ops, const char *why, int err);
/* May the @what of @ops be called at @addr? 0; else -EINVAL, and the log says why not. */
int ftrace_check_code(const struct ftrace_ops *ops, const char *what, unsigned long addr);
/*
 * What is refused in builds whose sites make no struct ftrace_regs: -EOPNOTSUPP, and the log says
 * so.
 */
int ftrace_needs_args(const char *what);
/* What @ops calls directly at @ip when it has @filters; 0 if it is no direct ops. */
static inline unsigned long ftrace_ops_direct(const struct ftrace_ops *ops,
					      const struct ftrace_ops_hash *filters, unsigned long ip)
{
	unsigned long own;

	if (!(ops->flags & FTRACE_OPS_FL_DIRECT))
		return 0;
	own = ftrace_hash_direct(filters->filter_hash, ip);
	return own ? own : ops->direct_call;
}
/*
 * Sites are gone: direct ops that had an address for each, and have none left, are taken back.
 * Nobody could name what to take back any more.
 */
void ftrace_ops_drop_idle(void);
/* Free the filters of an @ops that is not registered. */
void ftrace_filters_free(struct ftrace_ops *ops);
/*
 * As ftrace_ops_next(), but goes on to kept ones that are not registered: all whose filters modules
 * change.
 */
struct ftrace_ops *ftrace_ops_next_looked_after(struct ftrace_ops *ops);
/*
 * What @filters wait for in modules that are there, or in @coming, which has no sites (or is NULL),
 * is in them from now on. 0 or -ENOMEM; in any case ftrace_filters_resolved() ends it: with an @err
 * they are as they were.
 */
int ftrace_filters_resolve(struct ftrace_ops_hash *filters, const char *coming);
void ftrace_filters_resolved(struct ftrace_ops_hash *filters, int err);
