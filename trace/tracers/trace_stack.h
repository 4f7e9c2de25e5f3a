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

/* The stack is measured at the functions in the filter of this ops, stack_trace_filter. */
extern struct ftrace_ops stack_trace_ops;
/*
 * Start or stop the tracer; what it has found stays. Returns 0, or an error of
 * register_ftrace_function() and its counterpart. May sleep.
 */
int trace_stack_set(bool on);
bool trace_stack_is_on(void);
unsigned long trace_stack_max_size(void);
/* Forget the deepest stack; the next one must have more than @size bytes. Any context but NMI. */
void trace_stack_set_max_size(unsigned long size);
/* Copy the deepest stack that was seen. Thread context. */
void trace_stack_read(struct stack_trace_max *copy);
int init_stack_trace(void);		/* at boot */
