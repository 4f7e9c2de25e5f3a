/* SPDX-License-Identifier: MIT */
/*
 * A set that is only a direct call needs no trampoline: its sites call the direct trampoline, or
 * a stub of two instructions and an address when that is out of a BL's reach.
 */
#include <asm/memory.h>
#include "arch/arm64/site.h"
#include "trace/core/set.h"

/*
 * Sites lie between KERNEL_BASE and EXECMEM_END, in the kernel and in modules, and a set is for all
 * of them. A BL reaches from anywhere in that range to anywhere in it; from one of its ends it
 * reaches nothing beyond the other.
 */
_Static_assert(EXECMEM_END - KERNEL_BASE == BRANCH_REACH, "all of the text is a BL's reach");

static bool all_sites_reach(unsigned long addr)
{
	return addr >= KERNEL_BASE && addr < EXECMEM_END;
}

int arm64_direct_prepare(struct ftrace_set *set)
{
	return all_sites_reach(set->direct) ? 0 : arm64_stub_make(set, NULL, set->direct);
}
