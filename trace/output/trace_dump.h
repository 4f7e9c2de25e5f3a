/* SPDX-License-Identifier: MIT */
/*
 * The trace in the log. ftrace_dump_on_oops: which buffers are written to it when the kernel
 * panics; traceoff_on_warning: recording stops at a warning.
 */
#pragma once
#include "kernel/types.h"

enum ftrace_dump_mode { DUMP_NONE, DUMP_ALL, DUMP_ORIG };
extern enum ftrace_dump_mode ftrace_dump_on_oops;
extern bool traceoff_on_warning;

/*
 * Stop recording and write the buffer of @cpu, or of each CPU (RING_BUFFER_ALL_CPUS), to the log, a
 * little later, by a thread: who asks for it, in any context, may hold any lock. The events stay in
 * the buffer. Ignored while another one is to come. Called between arm and disarm, which make and
 * end that thread. Each disarm is for one arm, and returns when what was asked for is in the log.
 * arm: 0 or an error of kthread_create(). Thread context; may sleep.
 */
void trace_dump_from(int cpu);
int trace_dump_arm(void);
void trace_dump_disarm(void);
