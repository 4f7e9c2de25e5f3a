/* SPDX-License-Identifier: MIT */
/* Registering and taking back, for the core's own files. ftrace_lock held. */
#pragma once
#include "trace/core/ops_list.h"

/*
 * @ops gets the filters of @owner, which is there for good: ftrace_ops_set_global_filter(). Takes
 * the lock.
 */
void ftrace_ops_share_filters(struct ftrace_ops *ops, struct ftrace_ops *owner);
/* Attach and put on the list; everything but checks. Errors of ftrace_update_ops(). */
int ftrace_ops_start(struct ftrace_ops *ops);
int ftrace_ops_stop(struct ftrace_ops *ops);
/*
 * What is refused in builds whose sites make no struct ftrace_regs: -EOPNOTSUPP, and the log says
 * so.
 */
int ftrace_needs_args(const char *what);
/*
 * Sites are gone: direct ops that had an address for each, and have none left, are taken back.
 * Nobody could name what to take back any more.
 */
void ftrace_ops_drop_idle(void);
