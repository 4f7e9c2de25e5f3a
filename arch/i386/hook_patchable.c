/* SPDX-License-Identifier: MIT */
/*
 * hook=patchable: `-fpatchable-function-entry=5`. The table lists the sites: five one-byte NOPs,
 * between which a CPU could be stopped, so boot makes them one instruction while there is
 * one CPU, one thread and no interrupt.
 */
#include "arch/i386/site.h"
#include "kernel/arch.h"
#include "kernel/lib/errno.h"
#include "trace/arch.h"

#define NOPS 0x9090909090ULL

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

	if (i386_site_insn(ip) != NOPS)
		return -EINVAL;
	return arch_text_write((void *)ip, &nop, FTRACE_INSN_SIZE);
}
