/* SPDX-License-Identifier: MIT */
/* Who is still inside what was detached: reclaim.c. ftrace_lock held; may sleep. */
#pragma once
#include "trace/arch.h"

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
 * About this thread, whose stack is in use from @sp up: would a change of the site at @ip that takes
 * @direct away (0: none) wait for it (@redirects: as above); would memory in [start, start + size)
 * be kept?
 */
bool ftrace_stack_shows_call(unsigned long ip, unsigned long direct, bool redirects,
			     unsigned long sp);
bool ftrace_stack_mentions(unsigned long start, size_t size, unsigned long sp);

/*
 * May the stacks of other threads hold addresses in these? Sets `mentioned` of all for which the
 * contrary is not proven.
 */
struct ftrace_range {
	unsigned long start, end;
	bool mentioned;
};
void ftrace_find_mentioned(struct ftrace_range *ranges, unsigned int nr);
