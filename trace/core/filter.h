/* SPDX-License-Identifier: MIT */
/*
 * Editing the filters of an ops, for the tracer's files and commands: a copy is changed pattern by
 * pattern (trace/core/pattern.h) and then installed at once. Thread context; takes ftrace_lock.
 */
#pragma once
#include "trace/kernel.h"

struct ftrace_hash;
struct ftrace_ops;

/*
 * Returns a copy of the filter that @ops has now, or of its notrace filter (@exclude); NULL if
 * there is no memory.
 */
struct ftrace_hash *ftrace_filter_copy(struct ftrace_ops *ops, bool exclude);
/*
 * Make @hash the filter or the notrace filter of @ops. Returns 0 or an error of
 * ftrace_set_filter(). @hash belongs to @ops afterwards, or was freed after an error.
 */
int ftrace_hash_install(struct ftrace_ops *ops, bool exclude, struct ftrace_hash *hash);
/*
 * From now on @ops uses the filters of @owner, which must never be freed: see
 * ftrace_ops_set_global_filter().
 */
void ftrace_ops_share_filters(struct ftrace_ops *ops, struct ftrace_ops *owner);
