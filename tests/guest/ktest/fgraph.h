/* SPDX-License-Identifier: MIT */
/* What the tests of the function graph share: a user that notes what it is told. */
#pragma once
#include "tests/guest/ktest/ktest.h"
#include "trace/tracers/fgraph.h"

#define KT_GRAPH_EVENTS 64

struct kt_graph_event {
	struct fgraph_ops *gops;
	unsigned long func, value;	/* the first argument, or the result */
	int depth;
	bool returns;
};
extern struct kt_graph_event kt_graph_events[KT_GRAPH_EVENTS];
extern unsigned int kt_graph_nr_events;		/* those beyond the array are only counted */
extern struct task_struct *kt_graph_caller;	/* whose calls are noted */

int kt_graph_entry(struct ftrace_graph_ent *trace, struct fgraph_ops *gops,
		   struct ftrace_regs *fregs);
void kt_graph_return(struct ftrace_graph_ret *trace, struct fgraph_ops *gops,
		     struct ftrace_regs *fregs);
/* Register @gops, with these two where it has no functions, for the functions that match @glob. */
bool kt_graph_start(struct ktest *t, struct fgraph_ops *gops, const char *glob);
void kt_graph_stop(struct ktest *t, struct fgraph_ops *gops);
