/* SPDX-License-Identifier: MIT */
/* What trampolines call: a set, and the functions that run it (dispatch.c). */
#pragma once
#include "trace/ftrace.h"

#define FTRACE_SET_REGS 1u	/* some ops wants SAVE_REGS */
#define FTRACE_SET_IPMODIFY 2u
#define FTRACE_SET_ASSIST 4u	/* one callback, with FTRACE_OPS_FL_RECURSION; no direct call */
#define FTRACE_SET_RETIRED 8u	/* unused, and not to be used again: its ops may be gone */

struct ftrace_set {
	struct ftrace_callable call;	/* first: runs all below, then sets the direct caller */
	unsigned int nr_calls;
	unsigned int nr_ops;		/* callbacks and the direct ops: its sites' count */
	unsigned int flags;		/* FTRACE_SET_* */
	unsigned int index;		/* in the records of its sites; 0 is "nothing attached" */
	unsigned int nr_sites;		/* records that name it, pending changes included */
	unsigned long direct;		/* direct trampoline, 0 = none */
	struct ftrace_ops *direct_ops;
	struct ftrace_callable *target;	/* what the trampoline is to call for this set */
	unsigned long stub;		/* the port's */
	struct ftrace_set *hash_next;
	struct ftrace_ops **ops;	/* nr_calls of them, in calling order: behind calls[] */
	/*
	 * calls[nr_calls] runs first, calls[1] last; calls[0] is NULL. Down and up to a sentinel is
	 * the shortest loop for both a counter and a pointer.
	 */
	struct ftrace_callable *calls[];
};

/* The func of a set with @nr callbacks and (not 0) a direct trampoline. */
ftrace_func_t ftrace_dispatch_func(unsigned int nr, unsigned long direct);

/* ops->assist.func: run ops->func under the core's recursion protection. */
void ftrace_assist(unsigned long ip, unsigned long parent_ip, struct ftrace_ops *op,
		   struct ftrace_regs *fregs);

/* Nothing attached: what literals of idle sites name. */
extern struct ftrace_callable ftrace_nothing;
