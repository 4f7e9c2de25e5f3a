/* SPDX-License-Identifier: MIT */
/* Registered ops, for the core's own files. ftrace_lock held. */
#pragma once
#include "trace/ftrace.h"

/* May a registered @ops have @filters? 0, -EINVAL, or -EBUSY (a direct call's sites are fixed). */
int ftrace_ops_check_filters(const struct ftrace_ops *ops, const struct ftrace_ops_hash *filters);
/* Attach and put on the list; everything but checks. Errors of ftrace_update_ops(). */
int ftrace_ops_start(struct ftrace_ops *ops);
int ftrace_ops_stop(struct ftrace_ops *ops);
