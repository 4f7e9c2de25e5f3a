/* SPDX-License-Identifier: MIT */
/*
 * A set that is only a direct call needs no trampoline: its sites call the direct trampoline, or
 * a stub of two instructions and an address when that is out of a BL's reach.
 */
#include <asm/memory.h>
#include "arch/arm64/site.h"
#include "kernel/arch.h"
#include "kernel/lib/errno.h"
#include "kernel/smp.h"
#include "trace/core/set.h"
#include "trace/core/stub.h"

#define INSN_LDR_X17_8 0x58000051u	/* ldr x17, . + 8 */
#define INSN_BR_X17 0xd61f0220u

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
	struct {
		u32 insn[2];
		u64 target;
	} code = { { INSN_LDR_X17_8, INSN_BR_X17 }, set->direct };

	if (all_sites_reach(set->direct))
		return 0;
	set->stub = ftrace_stub_alloc();
	if (!set->stub)
		return -ENOMEM;
	if (arch_text_write((void *)set->stub, &code, sizeof(code))) {
		ftrace_stub_free(set->stub);
		return -ENOMEM;
	}
	smp_sync_cores(); /* before a site leads there: nobody has fetched what was there before */
	return 0;
}
