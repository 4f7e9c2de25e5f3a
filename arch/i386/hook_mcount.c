/* SPDX-License-Identifier: MIT */
/*
 * hook=mcount: `-pg -mrecord-mcount -mnop-mcount`. The table lists the sites, which are behind the
 * prologue, and NOPs already; in objects that were compiled without the last, as modules may be, calls
 * of mcount. Whose they are is arch/common/mcount.c's business.
 */
#include "arch/i386/site.h"
#include "kernel/arch.h"
#include "kernel/lib/errno.h"

void mcount(void);

int arch_ftrace_init_site(unsigned long ip)
{
	const u64 nop = NOP5;
	u64 insn = i386_site_insn(ip);

	if (insn == NOP5)
		return 0;
	if (insn != i386_call_insn(ip, (unsigned long)mcount))
		return -EINVAL;
	return arch_text_write((void *)ip, &nop, FTRACE_INSN_SIZE);
}
