/* SPDX-License-Identifier: MIT */
/* The function tracer's restartable sequence, as exception code sees it: ftrace_function.S. */
#pragma once
#include "kernel/compiler.h"
#include "trace/arch.h"
#include <asm/ptrace.h>

extern const char function_trace_restart[];

/*
 * If @regs are those of a thread in the sequence, it will start again. Every handler calls this
 * that returns to what it has interrupted, at any time before it does, because the sequence is over
 * with a single store: whatever happens in between, an NMI too, finds it not begun or complete.
 */
static __always_inline void i386_restart_sequence(struct pt_regs *regs)
{
	unsigned long start = (unsigned long)function_trace_restart;

	if (FTRACE_HAVE_ARGS &&
	    unlikely(regs->ip - start < (unsigned long)function_trace_committed - start))
		regs->ip = start;
}
