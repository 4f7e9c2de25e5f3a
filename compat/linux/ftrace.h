/* SPDX-License-Identifier: MIT */
/*
 * Linux's header for the function tracer's API. As on Linux, it also includes what clients expect
 * along with it: memory, threads, time.
 */
#pragma once
#include "trace/ftrace.h"
#include "trace/tracers/fgraph.h"
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

/*
 * There is never a struct pt_regs, as on Linux's arm64: the accessors of struct ftrace_regs give
 * everything.
 */
static inline struct pt_regs *ftrace_get_regs(struct ftrace_regs *fregs)
{
	(void)fregs;
	return NULL;
}

struct ftrace_func_entry;

static inline struct ftrace_hash *alloc_ftrace_hash(int size_bits)
{
	(void)size_bits;	/* the hash grows by itself */
	return ftrace_hash_copy(NULL);
}

static inline void free_ftrace_hash(struct ftrace_hash *hash)
{
	ftrace_hash_free(hash);
}

/* Returns something that is not NULL if the entry was added, otherwise NULL. */
static inline struct ftrace_func_entry *
add_ftrace_hash_entry_direct(struct ftrace_hash *hash, unsigned long ip, unsigned long direct)
{
	return ftrace_hash_add_direct(hash, ip, direct) ? NULL : (struct ftrace_func_entry *)hash;
}
