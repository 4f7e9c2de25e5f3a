/* SPDX-License-Identifier: MIT */
/* What the patterns of filters mean (docs/reference.md, "Filters"). */
#pragma once
#include "trace/core/hash.h"
#include "trace/kernel.h"

/* The longest pattern that can name anything: a function's name, ":mod:" and a module's. */
#define FTRACE_PATTERN_MAX (KSYM_NAME_LEN + 64)

/*
 * Change @hash by one pattern. 0, -EINVAL (it matches nothing), -ENOMEM. The first takes
 * ftrace_lock; who calls the second holds it.
 */
int ftrace_hash_match(struct ftrace_hash *hash, const char *glob, size_t len);
int ftrace_hash_match_locked(struct ftrace_hash *hash, const char *glob, size_t len);

/*
 * In @hash no pattern waits any more for a module that is there, or for @coming, which has no sites
 * (NULL: there is none): what it named there is in @hash. 0 or -ENOMEM. ftrace_lock held.
 */
int ftrace_hash_settle(struct ftrace_hash *hash, bool exclude, const char *coming);
/*
 * What @filters wait for in modules that are there, or in @coming, which has no sites (or is NULL),
 * is in them from now on. 0 or -ENOMEM; in any case ftrace_filters_resolved() ends it: with an @err
 * they are as they were.
 */
int ftrace_filters_resolve(struct ftrace_ops_hash *filters, const char *coming);
void ftrace_filters_resolved(struct ftrace_ops_hash *filters, int err);
