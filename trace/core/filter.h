/* SPDX-License-Identifier: MIT */
/*
 * Editing the filters of an ops, for the tracer's files and commands: a copy is changed pattern by
 * pattern (trace/core/pattern.h) and then installed at once. Thread context; takes ftrace_lock.
 */
#pragma once
#include "trace/kernel.h"

struct ftrace_hash;
struct ftrace_ops;

/* A copy of the filter that @ops has now, or of its notrace filter (@exclude); NULL: no memory. */
struct ftrace_hash *ftrace_filter_copy(struct ftrace_ops *ops, bool exclude);
/*
 * @hash becomes the one or the other. Errors of ftrace_set_filter(); @hash is consumed either way.
 */
int ftrace_hash_install(struct ftrace_ops *ops, bool exclude, struct ftrace_hash *hash);
/* @ops gets the filters of @owner, which is there for good: ftrace_ops_set_global_filter(). */
void ftrace_ops_share_filters(struct ftrace_ops *ops, struct ftrace_ops *owner);
