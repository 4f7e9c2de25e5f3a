/* SPDX-License-Identifier: MIT */
/*
 * A set that is only a direct call needs no trampoline: its sites call the direct trampoline, or
 * a stub of two instructions and an address when that is out of a BL's reach.
 */
#include "arch/arm64/site.h"
#include "kernel/arch.h"
#include "kernel/errno.h"
#include "kernel/smp.h"
#include "trace/set.h"
#include "trace/stub.h"

#define INSN_LDR_X17_8 0x58000051u	/* ldr x17, . + 8 */
#define INSN_BR_X17 0xd61f0220u

extern const char _text[], _etext[];

static bool bl_reaches(unsigned long from, unsigned long to)
{
	long offset = (long)(to - from);

	return offset >= -BRANCH_REACH && offset < BRANCH_REACH;
}

int arm64_direct_prepare(struct ftrace_set *set)
{
	struct {
		u32 insn[2];
		u64 target;
	} code = { { INSN_LDR_X17_8, INSN_BR_X17 }, set->direct };

	if (bl_reaches((unsigned long)_text, set->direct) &&
	    bl_reaches((unsigned long)_etext, set->direct))
		return 0;
	set->stub = ftrace_stub_alloc();
	if (!set->stub)
		return -ENOMEM;
	if (arch_text_write((void *)set->stub, &code, sizeof(code))) {
		ftrace_stub_free(set->stub);
		return -ENOMEM;
	}
	smp_sync_cores();	/* before a site leads there: nobody has fetched what was there before */
	return 0;
}
