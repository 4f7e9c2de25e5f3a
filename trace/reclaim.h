/* SPDX-License-Identifier: MIT */
/* Who is still inside what was detached: reclaim.c. ftrace_lock held; may sleep. */
#pragma once
#include "trace/arch.h"

/*
 * Wait until no thread is inside a call that one of the (sorted) @changes began before it was made, nor in a
 * direct function that one of them takes away. Says after a second for whom it waits.
 */
void ftrace_wait_until_left(const struct ftrace_change *changes, unsigned int nr);

/* Wait until no thread runs in [start, end), for @ms at most: false if one still does. */
bool ftrace_wait_until_quiet(unsigned long start, unsigned long end, unsigned int ms);

/*
 * For tests, about this thread, whose stack is in use from @sp up: would a change of the site at
 * @ip that takes @direct away (0: none) wait for it; would memory in [start, start + size) be kept?
 */
bool ftrace_stack_shows_call(unsigned long ip, unsigned long direct, unsigned long sp);
bool ftrace_stack_mentions(unsigned long start, size_t size, unsigned long sp);

/* Do the stacks of other threads hold addresses in these? Sets `mentioned` of those that are. */
struct ftrace_range {
	unsigned long start, end;
	bool mentioned;
};
void ftrace_find_mentioned(struct ftrace_range *ranges, unsigned int nr);
