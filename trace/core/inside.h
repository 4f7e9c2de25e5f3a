/* SPDX-License-Identifier: MIT */
/*
 * Is a thread inside something that is about to be removed? inside.c has the rule, and explains why
 * it is enough. The two ftrace_look_*() are for inspect_threads(), which calls them with interrupts
 * off (kernel/inspect.h).
 */
#pragma once
#include "trace/arch.h"
#include "trace/kernel.h"

/* What is about to be removed. Only members that are set are searched for. */
struct ftrace_search {
	/* Calls of the tracer's code that these sites began; sorted by address. */
	const struct ftrace_change *changes;
	unsigned int nr;
	bool directs;		/* also the direct functions that the changes take away */
	bool redirects;		/* some site has or had an IPMODIFY callback */
	unsigned long start, end;	/* code in [start, end) */
	bool nameless;		/* code that has no symbol */
	/* Results: about the last thread that was not proven to be outside. */
	unsigned long where;
	bool runs;
};

/* Look at one thread for an inspection; @arg is a struct ftrace_search. */
enum inspect_result ftrace_look_inside(struct task_struct *task, unsigned long sp, void *arg);
/* Returns a search for threads in the direct function at @address. */
struct ftrace_search ftrace_search_function(unsigned long address);

/* Memory that is simply kept as long as some stack has an address in it. */
struct ftrace_range {
	unsigned long start, end;
	bool mentioned;
};
struct ftrace_ranges {
	struct ftrace_range *range;
	unsigned int nr;
	unsigned long low, high;	/* all of them lie in between */
};
/*
 * Look at one thread for an inspection; @arg is a struct ftrace_ranges. Sets `mentioned` of each
 * range that the thread's stack has an address in.
 */
enum inspect_result ftrace_look_for_mentions(struct task_struct *task, unsigned long sp, void *arg);
