/* SPDX-License-Identifier: MIT */
/*
 * What the function tracer and the ports' function_trace_caller (trace/arch.h) know of each other:
 * the event, struct ring_buffer_per_cpu, and these.
 */
#pragma once
#include "trace/ftrace.h"
#include "trace/output/trace_event.h"
#include "trace/ring_buffer/ring_buffer_write.h"

extern struct ftrace_ops function_trace_ops;

/* Its func while recording is off: does nothing, so that the trampoline need not even call it. */
void function_trace_off(unsigned long ip, unsigned long parent_ip, struct ftrace_ops *op,
			struct ftrace_regs *fregs);

#define FUNCTION_TRACE_MAX_DEPTH 15	/* a deeper preempt count has no room in the event */
