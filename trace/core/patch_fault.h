/* SPDX-License-Identifier: MIT */
/*
 * Fault injection for the patcher: a write can be made to fail on demand, to show that every site
 * comes back from every half-way state. arch_ftrace_patch() asks before each write. Used with
 * ftrace_lock held, or while nothing else can run.
 */
#pragma once
#include "trace/kernel.h"

extern int ftrace_patch_faults;		/* writes before the one that fails; < 0: none fails */

/* The (n+1)-th write from now on fails, and only that one. With n < 0 none fails. */
static inline void ftrace_patch_fail_after(int n)
{
	WRITE_ONCE(ftrace_patch_faults, n);
}

static __always_inline bool ftrace_patch_fault(void)
{
	return unlikely(ftrace_patch_faults >= 0) && !ftrace_patch_faults--;
}
