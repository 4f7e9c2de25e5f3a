/* SPDX-License-Identifier: MIT */
/*
 * Fault injection for the patcher: a write that fails on demand, so that it
 * can be shown that every site comes back from every half-way state. Each write of
 * arch_ftrace_patch() asks first. Used under ftrace_lock, or while nobody else can run.
 */
#pragma once
#include "trace/kernel.h"

extern int ftrace_patch_faults;		/* writes until one fails; below 0: none does */

/* The (n+1)-th write from now on fails, and no other; n < 0: none. */
static inline void ftrace_patch_fail_after(int n)
{
	WRITE_ONCE(ftrace_patch_faults, n);
}

static __always_inline bool ftrace_patch_fault(void)
{
	return unlikely(ftrace_patch_faults >= 0) && !ftrace_patch_faults--;
}
