/* SPDX-License-Identifier: MIT */
/* What the patterns of filters mean: pattern.c. ftrace_lock held. */
#pragma once
#include "trace/core/hash.h"

/*
 * In @hash no pattern waits any more for a module that is there, or for @coming, which has no sites
 * (NULL: there is none): what it named there is in @hash. 0 or -ENOMEM. ftrace_lock held.
 */
int ftrace_hash_settle(struct ftrace_hash *hash, bool exclude, const char *coming);
/* ftrace_hash_match() for who holds ftrace_lock. */
int ftrace_hash_match_locked(struct ftrace_hash *hash, const char *glob, size_t len);
/*
 * What @filters wait for in modules that are there, or in @coming, which has no sites (or is NULL),
 * is in them from now on. 0 or -ENOMEM; in any case ftrace_filters_resolved() ends it: with an @err
 * they are as they were.
 */
int ftrace_filters_resolve(struct ftrace_ops_hash *filters, const char *coming);
void ftrace_filters_resolved(struct ftrace_ops_hash *filters, int err);
