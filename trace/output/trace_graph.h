/* SPDX-License-Identifier: MIT */
/* A trace of the tracer function_graph as text: trace_graph.c. It only formats. */
#pragma once
#include "trace/output/trace_output.h"

/* Append the legend of the columns. */
void trace_print_graph_header(struct trace_seq *s, const struct trace_iterator *iter);
/* Append the event as a call, a return, or a comment. */
void trace_print_graph_line(struct trace_seq *s, struct trace_iterator *iter);
/* Append a duration as in its column, with "us" and at least nine characters before that. */
void trace_print_graph_duration(struct trace_seq *s, u64 ns);
