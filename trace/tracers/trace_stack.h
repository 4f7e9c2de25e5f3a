/* SPDX-License-Identifier: MIT */
/*
 * The stack tracer: the deepest stack that any thread, or an interrupt on top of it, has had at the
 * entry of a function. trace/tracefs/stack.c shows it.
 */
#pragma once
#include "trace/ftrace.h"

#define STACK_TRACE_ENTRIES 128

/* One function of the stack, innermost first. */
struct stack_trace_entry {
	unsigned long pc;
	unsigned int depth;		/* bytes that it and all outer ones have on the stack */
};

struct stack_trace_max {
	unsigned long size;		/* bytes; 0: nothing yet */
	unsigned int nr, left_out;	/* functions in `entries`, and further ones */
	struct stack_trace_entry entries[STACK_TRACE_ENTRIES];
};

/* Holds the filter that stack_trace_filter shows: only at these functions is it measured. */
extern struct ftrace_ops stack_trace_ops;
/*
 * Start or stop; what was found stays. Returns 0, or an error of register_ftrace_function() and its
 * counterpart. May sleep.
 */
int trace_stack_set(bool on);
bool trace_stack_is_on(void);
unsigned long trace_stack_max_size(void);
/* Forget it; the next one must be larger than @size bytes. Any context but NMI. */
void trace_stack_set_max_size(unsigned long size);
/* Copy the largest one. Thread context. */
void trace_stack_read(struct stack_trace_max *copy);
int init_stack_trace(void);		/* at boot */
