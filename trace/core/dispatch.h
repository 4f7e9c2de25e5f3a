/* SPDX-License-Identifier: MIT */
/* What trampolines call: sets, and the functions that run them (dispatch.c). */
#pragma once
#include "trace/ftrace.h"

#define FTRACE_SET_REGS 1u	/* some callback has SAVE_REGS */
#define FTRACE_SET_IPMODIFY 2u
#define FTRACE_SET_ASSIST 4u	/* one callback, with FTRACE_OPS_FL_RECURSION; no direct call */
#define FTRACE_SET_RETIRED 8u	/* unused, and not to be found again: its ops may be freed */

struct ftrace_set {
	struct ftrace_callable call;	/* must be first; its func runs everything in the set */
	unsigned int nr_calls;
	unsigned int nr_ops;		/* callbacks, and one for a direct ops */
	unsigned int flags;		/* FTRACE_SET_* */
	unsigned int index;		/* in the records of its sites; 0 is "nothing attached" */
	unsigned int nr_sites;		/* records that name it, pending changes included */
	unsigned long direct;		/* the direct function; 0 = none */
	struct ftrace_ops *direct_ops;
	struct ftrace_callable *target;	/* what the trampoline is to call for this set */
	unsigned long stub;		/* the address of the port's stub; 0 = none */
	struct ftrace_set *hash_next;
	struct list_head unused;	/* in a list while no record names it */
	struct ftrace_ops **ops;	/* nr_calls of them in calling order; behind calls[] */
	/*
	 * calls[nr_calls] runs first and calls[1] last; calls[0] is NULL. Going down to a sentinel
	 * is the shortest loop, whether it counts or moves a pointer.
	 */
	struct ftrace_callable *calls[];
};

/* Returns the func for a set with @nr callbacks and, if @direct is not 0, a direct function. */
ftrace_func_t ftrace_dispatch_func(unsigned int nr, unsigned long direct);

/* The func of ops->assist: runs ops->func under the core's recursion protection. Any context. */
void ftrace_assist(unsigned long ip, unsigned long parent_ip, struct ftrace_ops *op,
		   struct ftrace_regs *fregs);

/* A callable that does nothing. The literals of idle sites point to it. */
extern struct ftrace_callable ftrace_nothing;
