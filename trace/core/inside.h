/* SPDX-License-Identifier: MIT */
/* Is a thread inside what goes? The rule, and why it is enough, is in inside.c. */
#pragma once
#include "trace/arch.h"
#include "trace/kernel.h"

/* What goes. Only what is set is looked for. */
struct ftrace_search {
	/* The tracer's code, in calls of these sites; sorted by address. */
	const struct ftrace_change *changes;
	unsigned int nr;
	bool directs;		/* and in the direct functions that the changes take away */
	bool redirects;		/* some callback of these sites may change where they resume */
	unsigned long start, end;	/* code in [start, end) */
	bool nameless;		/* code that has no symbol */
	/* About the latest thread that was not outside. */
	unsigned long where;
	bool runs;
};

/* For an inspection; @arg is a struct ftrace_search. */
enum inspect_result ftrace_look_inside(struct task_struct *task, unsigned long sp, void *arg);
/* The search for threads in the direct function at @address. */
struct ftrace_search ftrace_search_function(unsigned long address);

/* Memory that may simply be kept as long as some stack has an address in it. */
struct ftrace_range {
	unsigned long start, end;
	bool mentioned;
};
struct ftrace_ranges {
	struct ftrace_range *range;
	unsigned int nr;
	unsigned long low, high;	/* all of them lie in between */
};
/* For an inspection; @arg is a struct ftrace_ranges. Sets `mentioned` of those that are. */
enum inspect_result ftrace_look_for_mentions(struct task_struct *task, unsigned long sp, void *arg);
/*
 * The end of the stack that @task uses from @sp up; 0 if that is not a stack that is known to be
 * its own, and then nothing there may be read.
 */
unsigned long ftrace_stack_end(const struct task_struct *task, unsigned long sp);
