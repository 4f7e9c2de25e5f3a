/* SPDX-License-Identifier: MIT */
/*
 * What the files of the tracer function_graph set: thread context; may sleep. And what it and the
 * ports' graph_trace_caller and graph_trace_return (trace/arch.h) know of each other besides the
 * events, struct graph_frame and struct ring_buffer_per_cpu.
 */
#pragma once
#include "trace/ftrace.h"
#include "trace/tracers/fgraph.h"

extern struct fgraph_ops graph_trace_ops;
/*
 * What the trampolines put into `first` (bits 0-31) and `users` (bits 32-47) of a frame; 0 while
 * the tracer is off.
 */
extern u64 graph_trace_mark;

/* Holds the filters that set_graph_function and set_graph_notrace show. */
extern struct ftrace_ops trace_graph_filters;
/* Calls that are as deep or deeper are not traced; 0: all are. */
extern unsigned int trace_graph_max_depth;
extern unsigned long tracing_thresh;	/* ns; not 0: only returns of calls that took so long */
/* To be called after a change of one of the two. Any context. */
void trace_graph_sync(void);
/*
 * Trace only what functions in @hash call and they themselves (an empty @hash: everything); or,
 * with @exclude, nothing of that. @hash belongs to this afterwards. Returns 0 or -ENOMEM.
 */
int trace_graph_set_filter(bool exclude, struct ftrace_hash *hash);

/*
 * For latency tracers, which have a user of the function graph, and decide which calls they record:
 * what the two ends of a call do for them. set_graph_function and its kin hold for them as well;
 * tracing_thresh is about something else there. return: without @record only the state is kept.
 * mark: a call of the function at @ip that took no time. Any context.
 */
int trace_graph_inside_entry(struct ftrace_graph_ent *trace, struct fgraph_ops *gops);
void trace_graph_inside_return(struct ftrace_graph_ret *trace, struct fgraph_ops *gops,
			       struct ftrace_regs *fregs, bool record);
void trace_graph_mark(unsigned long ip, u32 ctx);
