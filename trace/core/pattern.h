/* SPDX-License-Identifier: MIT */
/* What the patterns of filters mean (docs/reference.md, "Filters"). Thread context; may sleep. */
#pragma once
#include "trace/core/hash.h"
#include "trace/kernel.h"

/* The longest pattern that can name anything: a function's name, ":mod:" and a module's. */
#define FTRACE_PATTERN_MAX (KSYM_NAME_LEN + 64)

/*
 * Change @hash as one pattern of @len bytes asks. Returns 0, -EINVAL if the pattern matches
 * nothing, or -ENOMEM. ftrace_hash_match() takes ftrace_lock; for the other one the caller holds
 * it.
 */
int ftrace_hash_match(struct ftrace_hash *hash, const char *glob, size_t len);
int ftrace_hash_match_locked(struct ftrace_hash *hash, const char *glob, size_t len);

/*
 * Apply every pattern in @hash that waits for a module which is there, or for the module @coming,
 * which has no sites (NULL if there is no such module). @exclude: @hash is a notrace filter.
 * Returns 0, or -ENOMEM with only some of the patterns applied. The caller holds ftrace_lock.
 */
int ftrace_hash_settle(struct ftrace_hash *hash, bool exclude, const char *coming);
/*
 * Replace those hashes of @filters that wait for a module which is there, or for @coming as above,
 * by copies in which these patterns are applied. Returns 0 or -ENOMEM. In both cases
 * ftrace_filters_resolved() must be called afterwards: with an @err of 0 it keeps the copies, with
 * any other it puts the old hashes back. The caller holds ftrace_lock.
 */
int ftrace_filters_resolve(struct ftrace_ops_hash *filters, const char *coming);
void ftrace_filters_resolved(struct ftrace_ops_hash *filters, int err);
