/* SPDX-License-Identifier: MIT */
/* What trampolines call: the functions that run a set (dispatch.c). */
#pragma once
#include "trace/core/set.h"

/* The func of a set with @nr callbacks and (not 0) a direct trampoline. */
ftrace_func_t ftrace_dispatch_func(unsigned int nr, unsigned long direct);

/* ops->assist.func: run ops->func under the core's recursion protection. */
void ftrace_assist(unsigned long ip, unsigned long parent_ip, struct ftrace_ops *op,
		   struct ftrace_regs *fregs);

/* Nothing attached: what literals of idle sites name. */
extern struct ftrace_callable ftrace_nothing;
