/* SPDX-License-Identifier: MIT */
/* What the files of the tracer function_graph set. Thread context; may sleep. */
#pragma once
#include "trace/ftrace.h"

/* Holds the filters that set_graph_function and set_graph_notrace show. */
extern struct ftrace_ops trace_graph_filters;
/* Calls that are as deep or deeper are not traced; 0: all are. */
extern unsigned int trace_graph_max_depth;
extern unsigned long tracing_thresh;	/* ns; not 0: only returns of calls that took so long */
/*
 * Trace only what functions in @hash call and they themselves (an empty @hash: everything); or,
 * with @exclude, nothing of that. @hash belongs to this afterwards. Returns 0 or -ENOMEM.
 */
int trace_graph_set_filter(bool exclude, struct ftrace_hash *hash);
