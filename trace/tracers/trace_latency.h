/* SPDX-License-Identifier: MIT */
/*
 * What latency tracers share: the longest time that was seen, with the buffer that led to it, which
 * becomes the snapshot; the options that they set; and the function tracer inside.
 */
#pragma once
#include "trace/ftrace.h"
#include "trace/output/trace.h"

/* Is a time of @delta ns to be kept? By tracing_thresh if that is set, or if it is the longest. */
bool trace_reports_latency(const struct trace_array *tr, u64 delta);
/*
 * Keep it: this CPU's buffer becomes its snapshot. Its events from @start on are what led to it;
 * @task had to wait. Returns false, with nothing kept, if another CPU has seen a longer one, or the
 * buffer could not be exchanged just now. Interrupts are off.
 */
bool trace_update_max(struct trace_array *tr, const struct task_struct *task, u64 start,
		      u64 delta);
u64 trace_max_latency(struct trace_array *tr);		/* ns */
void trace_set_max_latency(struct trace_array *tr, u64 ns);

/*
 * A tracer of them starts: it sets the options latency-format and overwrite, and traces functions
 * by @func if function-trace is set. stop: the options become what they were. Both return 0, or an
 * error of register_ftrace_function() and its counterpart, with nothing changed. flag_changed: for
 * struct tracer. trace_types_lock is held; may sleep.
 */
int trace_latency_start(struct trace_array *tr, ftrace_func_t func);
int trace_latency_stop(struct trace_array *tr);
int trace_latency_flag_changed(struct trace_array *tr, u32 flag, bool set);

int init_wakeup_trace(void);		/* at boot; trace_sched_wakeup.c */
