/* SPDX-License-Identifier: MIT */
/* The function tracer's restartable sequence, as exception code sees it: ftrace_function.S. */
#pragma once
#include "kernel/compiler.h"
#include "trace/arch.h"
#include <asm/ptrace.h>

extern const char function_trace_by_priority[];

/*
 * If @regs are those of a thread in the sequence, it will start again. Every handler calls this
 * that returns to what it has interrupted, at any time before it does, because the sequence is over
 * with a single store: whatever happens in between, an NMI too, finds it not begun or complete.
 */
static __always_inline void arm64_restart_sequence(struct pt_regs *regs)
{
	unsigned long start = (unsigned long)function_trace_by_priority;

	if (FTRACE_HAVE_ARGS &&
	    unlikely(regs->pc - start < (unsigned long)function_trace_committed - start))
		regs->pc = (unsigned long)function_trace_caller;
}
