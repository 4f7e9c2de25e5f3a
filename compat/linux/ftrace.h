/* SPDX-License-Identifier: MIT */
/*
 * Linux name of the function tracer's API, with all that clients get by it there: memory, threads,
 * time.
 */
#pragma once
#include "trace/ftrace.h"
#include <linux/init.h>
#include <linux/kallsyms.h>
#include <linux/kconfig.h>
#include <linux/kernel.h>
#include <linux/ktime.h>
#include <linux/linkage.h>
#include <linux/list.h>
#include <linux/mutex.h>
#include <linux/ptrace.h>
#include <linux/sched.h>
#include <linux/slab.h>
#include <linux/spinlock.h>
#include <linux/string.h>
#include <linux/trace_recursion.h>
#include <linux/types.h>
#include <linux/wait.h>

/* Never a struct pt_regs, as on Linux's arm64: accessors of struct ftrace_regs have it all. */
static inline struct pt_regs *ftrace_get_regs(struct ftrace_regs *fregs)
{
	(void)fregs;
	return NULL;
}

struct ftrace_func_entry;

static inline struct ftrace_hash *alloc_ftrace_hash(int size_bits)
{
	(void)size_bits;	/* it grows */
	return ftrace_hash_copy(NULL);
}

static inline void free_ftrace_hash(struct ftrace_hash *hash)
{
	ftrace_hash_free(hash);
}

/* NULL, or something that is not. */
static inline struct ftrace_func_entry *
add_ftrace_hash_entry_direct(struct ftrace_hash *hash, unsigned long ip, unsigned long direct)
{
	return ftrace_hash_add_direct(hash, ip, direct) ? NULL : (struct ftrace_func_entry *)hash;
}
