/* SPDX-License-Identifier: MIT */
/* Who is still inside what was detached: reclaim.c. ftrace_lock held; may sleep. */
#pragma once
#include "trace/arch.h"
#include "trace/core/inside.h"

/*
 * Wait until no thread is inside a callback, or on the way to or from one, by a call that one of
 * the (sorted) @changes' sites began before it was changed; nor in a direct function that one of
 * them takes away. Those that stay are not waited for. @redirects: one of the sites has, or had, a
 * callback that changes where it resumes. Says after a second for whom it waits, and where that one
 * is.
 */
void ftrace_wait_until_left(const struct ftrace_change *changes, unsigned int nr, bool redirects);

/*
 * Wait until it is proven that no thread runs in [start, end), for @ms at most: false if it is not.
 */
bool ftrace_wait_until_quiet(unsigned long start, unsigned long end, unsigned int ms);

/*
 * May the stacks of other threads hold addresses in these? Sets `mentioned` of all for which the
 * contrary is not proven.
 */
void ftrace_find_mentioned(struct ftrace_range *ranges, unsigned int nr);
