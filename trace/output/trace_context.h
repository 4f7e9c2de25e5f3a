/* SPDX-License-Identifier: MIT */
/* What stands before an event's own text: task, CPU, state, time. Used by trace_output.c only. */
#pragma once
#include "trace/output/trace_output.h"

/* "            task-pid     [cpu] flags  seconds: ", or what latency-format has there. */
void trace_print_context(struct trace_seq *s, struct trace_iterator *iter);
/* " seconds.microseconds", or the plain count of a clock that is not in ns. */
void trace_print_time(struct trace_seq *s, const struct trace_iterator *iter, u64 ts);
/* `##### CPU n buffer started ####` where it is due. */
void trace_print_cpu_started(struct trace_seq *s, struct trace_iterator *iter);
