/* SPDX-License-Identifier: MIT */
/*
 * hook=mcount: `-pg`. The compiler calls _mcount behind the prologue; tools/symbols.py lists the
 * calls by the linked image's relocations, the module loader by the file's. Boot makes them NOPs.
 * Whose they are is arch/common/site_mcount.c's business.
 */
#include "arch/arm64/site.h"
#include "kernel/arch.h"
#include "kernel/lib/errno.h"

void _mcount(void);

int arch_ftrace_init_site(unsigned long ip)
{
	const u32 nop = INSN_NOP;

	if (ip % sizeof(nop) ||
	    *(const u32 *)ip != arm64_branch_insn(INSN_BL, ip, (unsigned long)_mcount))
		return -EINVAL;
	if (!arm64_trampolines_reach(ip))
		return -ERANGE;
	return arch_text_write((void *)ip, &nop, sizeof(nop));
}
