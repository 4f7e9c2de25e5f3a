/* SPDX-License-Identifier: MIT */
/*
 * hook=fentry: `-pg -mfentry -mrecord-mcount -mnop-mcount`. The table lists the sites, which are
 * NOPs already; in objects that were compiled without the last, as modules may be, calls of
 * __fentry__.
 */
#include "arch/i386/site.h"
#include "kernel/arch.h"
#include "kernel/lib/errno.h"
#include "trace/arch.h"

void __fentry__(void);

unsigned long arch_ftrace_site(unsigned long table_entry)
{
	return table_entry;
}

unsigned long arch_ftrace_function(unsigned long ip)
{
	return i386_entry_of_site(ip);
}

int arch_ftrace_init_site(unsigned long ip)
{
	const u64 nop = NOP5;
	u64 insn = i386_site_insn(ip);

	if (insn == NOP5)
		return 0;
	if (insn != i386_call_insn(ip, (unsigned long)__fentry__))
		return -EINVAL;
	return arch_text_write((void *)ip, &nop, FTRACE_INSN_SIZE);
}
