/* SPDX-License-Identifier: MIT */
/*
 * Events with the arguments of a call, for the options func-args and funcgraph-args, and with a
 * result of two words. trace/output/trace_args.h has the format of the arguments. These paths cost
 * some hundred instructions, so they are apart from those without arguments. Any context, untraced.
 */
#pragma once
#include "trace/output/trace.h"
#include "trace/tracers/fgraph.h"

/* Write a TRACE_FN event with the arguments in @fregs. */
void trace_record_call_args(struct trace_array *tr, unsigned long ip, unsigned long parent_ip,
			    u32 ctx, const struct ftrace_regs *fregs);
/*
 * Write a TRACE_GRAPH_ENT event with them, or without if @fregs is NULL; a TRACE_GRAPH_RETADDR_ENT
 * event if @retaddr, to where the call returns, is not 0.
 */
void trace_record_graph_entry(struct trace_array *tr, const struct ftrace_graph_ent *trace, u32 ctx,
			      const struct ftrace_regs *fregs, unsigned long retaddr);
/* Write a TRACE_GRAPH_RET event with both words of the result in @fregs. */
void trace_record_graph_result(struct trace_array *tr, const struct ftrace_graph_ret *trace,
			       u64 calltime, u64 rettime, u32 ctx, const struct ftrace_regs *fregs);
