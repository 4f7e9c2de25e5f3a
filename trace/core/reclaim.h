/* SPDX-License-Identifier: MIT */
/*
 * Waiting for threads that are still inside what was detached: reclaim.c. Called with ftrace_lock
 * held, except for the two that say so. May sleep.
 */
#pragma once
#include "trace/arch.h"
#include "trace/core/inside.h"

/*
 * Wait until no thread is inside a callback, or on the way to or from one, by a call that one of
 * the (sorted) @changes' sites began before it was changed, nor in a direct function that one of
 * them takes away. Callbacks that stay attached are not waited for. @redirects: one of the sites
 * has, or had, an IPMODIFY callback. After a second the log says for which thread this waits, and
 * where that thread was last seen.
 */
void ftrace_wait_until_left(const struct ftrace_change *changes, unsigned int nr, bool redirects);

/*
 * Wait until no thread is inside the function at @address. The caller need not hold ftrace_lock.
 */
void ftrace_wait_until_function_left(unsigned long address);

/*
 * Wait until it is proven that no thread runs in [start, end), for at most @ms milliseconds.
 * Returns false, with a line in the log, if it was not proven in that time. The caller need not
 * hold ftrace_lock.
 */
bool ftrace_wait_until_quiet(unsigned long start, unsigned long end, unsigned int ms);

/*
 * Set `mentioned` of each range in which a stack of another thread may have an address, that is, of
 * all for which the contrary is not proven. The ranges are memory of sets and stubs: a thread that
 * is known to rest outside of all calls is not asked.
 */
void ftrace_find_mentioned(struct ftrace_range *ranges, unsigned int nr);
