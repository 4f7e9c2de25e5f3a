/* SPDX-License-Identifier: MIT */
/*
 * Function graph: what is told of both ends of a call. Names and contracts are Linux's. Each user
 * is a struct fgraph_ops with filters of its own, those of its `ops` (ftrace_set_filter(&gops->ops,
 * ...)), and is called for the functions that they match. It works with hook=mcount as well, where
 * the entry gets no struct ftrace_regs.
 */
#pragma once
#include "trace/ftrace.h"

struct fgraph_ops;

#define FGRAPH_MAX_USERS 16
#define FGRAPH_MAX_DATA_SIZE (32 * sizeof(long))

struct ftrace_graph_ent {
	unsigned long func;		/* the site of the function */
	int depth;			/* how many calls that somebody follows are around it */
};

struct ftrace_graph_ret {
	unsigned long func;
	int depth;
	unsigned int overrun;		/* of this thread: calls that had no room on its stack */
};

/*
 * entry: a function begins. Returns nonzero if its return is to be told as well. return: it has
 * returned. @fregs has its result, which may be changed; its other registers are not known, except
 * for the frame pointer and where it returns to. Both run in any context, with the interrupt state
 * of the function, and for each call in the thread that makes it. What they call is not traced by
 * any user of the function graph. They must not sleep.
 */
typedef int (*trace_func_graph_ent_t)(struct ftrace_graph_ent *trace, struct fgraph_ops *gops,
				      struct ftrace_regs *fregs);
typedef void (*trace_func_graph_ret_t)(struct ftrace_graph_ret *trace, struct fgraph_ops *gops,
				       struct ftrace_regs *fregs);

struct fgraph_ops {
	trace_func_graph_ent_t entryfunc;	/* NULL: every return is told */
	trace_func_graph_ret_t retfunc;		/* NULL: nobody is told of returns */
	struct ftrace_ops ops;			/* for its filters and FTRACE_OPS_FL_PERMANENT */
	void *private;				/* for the owner alone */
	int idx;				/* while registered: 0..FGRAPH_MAX_USERS - 1 */
	u16 user_bit;				/* 1 << idx; fgraph.c's own */
};

/*
 * register: 0; -EINVAL without any function; -ENOSPC if there are FGRAPH_MAX_USERS; -ENOMEM; -EBUSY
 * if it is registered; or another error of register_ftrace_function(). unregister: 0, and then
 * nobody is in its functions any more and they are not called again, although functions that they
 * have seen begin are still open; or an error of unregister_ftrace_function(), and it goes on.
 */
int register_ftrace_graph(struct fgraph_ops *gops);
int unregister_ftrace_graph(struct fgraph_ops *gops);

/*
 * reserve: for an entryfunc that will return nonzero: returns @size_bytes bytes, aligned for a
 * long, that go with this call until its return; NULL if there is no room, or the size is 0 or more
 * than FGRAPH_MAX_DATA_SIZE. What they hold at first is not known. retrieve: for both: returns what
 * this user has reserved for this call last, and stores its size; NULL if there is nothing.
 * retrieve_parent: of the nearest call for which this user has reserved something, but at least
 * @depth calls further out. @idx is gops->idx.
 */
void *fgraph_reserve_data(int idx, int size_bytes);
void *fgraph_retrieve_data(int idx, int *size_bytes);
void *fgraph_retrieve_parent_data(int idx, int *size_bytes, int depth);
/*
 * For both functions of a user: where the function returns to. true_parent: for any callback,
 * which got @parent_ip and @fregs: the same, although @parent_ip may be return_to_handler() because
 * a user has hidden the address, of this function or of one that has ended with a call of it. Any
 * context.
 */
unsigned long fgraph_return_address(void);
unsigned long fgraph_true_parent(unsigned long parent_ip, const struct ftrace_regs *fregs);
/*
 * False while there is no user and no call is open whose return address is hidden. So whoever knows
 * of each change need not ask fgraph_true_parent(): function_trace_sync() is called at each.
 */
extern bool fgraph_may_hide;
/*
 * Wait until no thread is in @function of a user any more that was there before: what it has read
 * may be freed then. May sleep.
 */
void fgraph_wait_until_left(const void *function);
/*
 * Returns a word that the running thread has for @gops, 0 at first; NULL if the thread is not
 * traced because there was no memory when it began. Any context.
 */
unsigned long *fgraph_get_task_var(struct fgraph_ops *gops);
