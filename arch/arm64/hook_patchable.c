/* SPDX-License-Identifier: MIT */
/*
 * hook=patchable without call_ops: `-fpatchable-function-entry=2`. The table lists the first of two
 * NOPs at the entry, behind a `bti c` if there is one; boot makes that `mov x9, x30`, and the
 * second is the site.
 */
#include "arch/arm64/site.h"
#include "kernel/arch.h"
#include "kernel/lib/errno.h"

unsigned long arch_ftrace_site(unsigned long table_entry)
{
	return table_entry + 4;
}

unsigned long arch_ftrace_function(unsigned long ip)
{
	u32 before;

	memcpy(&before, (const void *)(ip - 8), sizeof(before));
	return before == INSN_BTI_C ? ip - 8 : ip - 4;
}

int arch_ftrace_init_site(unsigned long ip)
{
	const u32 expected[2] = { INSN_NOP, INSN_NOP };
	const u32 entry = INSN_MOV_X9_X30;

	if (memcmp((const void *)(ip - 4), expected, sizeof(expected)))
		return -EINVAL;
	if (!arm64_trampolines_reach(ip))
		return -ERANGE;
	return arch_text_write((void *)(ip - 4), &entry, sizeof(entry));
}
