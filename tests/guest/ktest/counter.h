/* SPDX-License-Identifier: MIT */
/* A callback that counts and remembers its last call, for tests that need no more than that. */
#pragma once
#include "tests/guest/ktest/ktest.h"
#include "trace/ftrace.h"

struct counter {
	struct ftrace_ops ops;
	unsigned int hits;
	unsigned long ip, parent_ip;
};

void counter_callback(unsigned long ip, unsigned long parent_ip, struct ftrace_ops *op,
		      struct ftrace_regs *fregs);
#define COUNTER { .ops = { .func = counter_callback } }

/*
 * Register the callback for the function named @filter (NULL: leave the filter as it is). Returns
 * the result.
 */
int counter_start(struct counter *c, const char *filter);
/* Unregister the callback and drop its filters. Returns true if that succeeded. */
bool counter_stop(struct counter *c);
/*
 * Call kt_glob_alpha(), _beta() and _gamma() once each. Returns the hits of @c as the digits of a
 * decimal number.
 */
unsigned int counter_globs(struct counter *c);
