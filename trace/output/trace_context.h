/* SPDX-License-Identifier: MIT */
/*
 * What stands before an event's own text: task, CPU, state and time. For trace_output.c alone. All
 * of it only formats: any context that looking up a thread's name allows.
 */
#pragma once
#include "trace/output/trace_output.h"

/* "            task-pid     [cpu] flags  seconds: ", or the form of option latency-format. */
void trace_print_context(struct trace_seq *s, struct trace_iterator *iter);
/* " seconds.microseconds", or the plain count of a clock that is not in ns. */
void trace_print_time(struct trace_seq *s, const struct trace_iterator *iter, u64 ts);
/*
 * `##### CPU n buffer started ####`, if iter's event is the first one of a CPU whose earlier ones
 * are lost.
 */
void trace_print_cpu_started(struct trace_seq *s, struct trace_iterator *iter);
