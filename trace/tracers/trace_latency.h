/* SPDX-License-Identifier: MIT */
/*
 * What latency tracers share: the longest time that was seen, with the buffer that led to it, which
 * becomes the snapshot; the options that they set; and what is called meanwhile, as the tracer
 * function shows it, or with the option display-graph as function_graph does.
 */
#pragma once
#include "trace/ftrace.h"
#include "trace/output/trace.h"

/* Is a time of @delta ns to be kept? By tracing_thresh if that is set, or if it is the longest. */
bool trace_reports_latency(const struct trace_array *tr, u64 delta);
/*
 * Keep it: this CPU's buffer becomes its snapshot. @seen has the time, when it began, which is that
 * of the first event that led to it, and the places if there are such; @task is who had to wait, or
 * made others wait. Returns false, with nothing kept, if another CPU has seen a longer one, or the
 * buffer could not be exchanged just now. Interrupts are off.
 */
bool trace_update_max(struct trace_array *tr, const struct task_struct *task,
		      const struct trace_max *seen);
u64 trace_max_latency(struct trace_array *tr);		/* ns */
void trace_set_max_latency(struct trace_array *tr, u64 ns);

/*
 * How a tracer of them records what is called inside, and which further options it sets. Both
 * functions may be called in any context.
 */
struct latency_inside {
	ftrace_func_t function;
	bool (*is_inside)(void);	/* with display-graph: is this call recorded? */
	u32 flags;
};

/* Record @ip, a place in a function, as if it were called. Any context. */
void trace_latency_mark(struct trace_array *tr, unsigned long ip, unsigned long parent_ip);
/*
 * A tracer of them starts: it sets the options latency-format and overwrite, and traces functions
 * by @inside if function-trace is set. stop: the options become what they were. Both return 0, or
 * an error of register_ftrace_function() and its kin, with nothing changed. flag_changed: for
 * struct tracer; a change of display-graph begins anew. trace_types_lock is held; may sleep.
 */
int trace_latency_start(struct trace_array *tr, const struct latency_inside *inside);
int trace_latency_stop(struct trace_array *tr);
int trace_latency_flag_changed(struct trace_array *tr, u32 flag, bool set);

int init_wakeup_trace(void);		/* at boot; trace_sched_wakeup.c */
int init_irqsoff_trace(void);		/* at boot; trace_irqsoff.c */
