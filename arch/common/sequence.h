/* SPDX-License-Identifier: MIT */
/* The function tracer's restartable sequence, as exception code sees it: ftrace_function.S. */
#pragma once
#include "kernel/compiler.h"
#include "trace/arch.h"

/* Its first instruction, and the one at which it starts again. */
extern const char function_trace_sequence[], function_trace_restart[];

/*
 * If *@pc, where an exception has interrupted a thread, is in the sequence, the thread will start
 * it again. Every handler calls this that returns to what it has interrupted, at any time before it
 * does, because the sequence is over with a single store: whatever happens in between, an NMI too,
 * finds it not begun or complete.
 */
static __always_inline void restart_sequence(unsigned long *pc)
{
	unsigned long start = (unsigned long)function_trace_sequence;

	if (FTRACE_HAVE_ARGS &&
	    unlikely(*pc - start < (unsigned long)function_trace_committed - start))
		*pc = (unsigned long)function_trace_restart;
}
