/* SPDX-License-Identifier: MIT */
/* The restartable sequences of the trampolines, as exception code sees them. */
#pragma once
#include "kernel/compiler.h"
#include "trace/arch.h"

extern const char __ftrace_text_start[], __ftrace_text_end[];

/* The same for *@pc in a trampoline. */
void restart_in_trampoline(unsigned long *pc);

/*
 * If *@pc, where an exception has interrupted a thread, is in a sequence, the thread will start it
 * again. Every handler calls this that returns to what it has interrupted, at any time before it
 * does, because a sequence is over with a single store: whatever happens in between, an NMI too,
 * finds it not begun or complete.
 */
static __always_inline void restart_sequence(unsigned long *pc)
{
	unsigned long start = (unsigned long)__ftrace_text_start;

	if (FTRACE_HAVE_ARGS &&
	    unlikely(*pc - start < (unsigned long)__ftrace_text_end - start))
		restart_in_trampoline(pc);
}
