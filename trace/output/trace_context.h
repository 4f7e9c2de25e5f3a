/* SPDX-License-Identifier: MIT */
/*
 * The part of a line before the event's own text: thread, CPU, state and time. For trace_output.c
 * alone. It only formats, so it may be called wherever trace_find_cmdline() may.
 */
#pragma once
#include "trace/output/trace_output.h"

/* Append the five characters for the state of the CPU. */
void trace_print_state(struct trace_seq *s, const struct trace_entry *entry);
/* Returns the character that tells how long a time is: ' ' up to 10 us. */
char trace_delay_mark(u64 ns);
/* "            task-pid     [cpu] flags  seconds: ", or the form of option latency-format. */
void trace_print_context(struct trace_seq *s, struct trace_iterator *iter);
/* " seconds.microseconds", or the plain count of a clock that is not in ns. */
void trace_print_time(struct trace_seq *s, const struct trace_iterator *iter, u64 ts);
/*
 * Print `##### CPU n buffer started ####` if iter's event is the first one of a CPU, and events
 * were lost.
 */
void trace_print_cpu_started(struct trace_seq *s, struct trace_iterator *iter);
