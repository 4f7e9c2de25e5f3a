/* SPDX-License-Identifier: MIT */
/* Linux's header for stack traces as addresses. */
#pragma once
#include "kernel/printk.h"
#include "kernel/unwind.h"

/* Ours returns how many there are, Linux's how many it has stored. */
#define stack_trace_save(store, size, skip) ({				\
	unsigned int _size = (size);					\
	unsigned int _nr = (stack_trace_save)((store), _size, (skip));	\
	_nr < _size ? _nr : _size; })

static inline void stack_trace_print(const unsigned long *entries, unsigned int nr, int spaces)
{
	for (unsigned int n = 0; n < nr; n++)
		pr_info("%*c%pS\n", spaces + 1, ' ', (void *)entries[n]);
}
