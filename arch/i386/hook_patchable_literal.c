/* SPDX-License-Identifier: MIT */
/*
 * hook=patchable with call_ops: `-fpatchable-function-entry=9,4`. The table lists the first of four
 * NOPs before the function, where the literal goes. Five more are the site, behind an endbr32 if
 * there is one; boot makes them one instruction while there is one CPU, one thread and no
 * interrupt.
 */
#include "arch/i386/site.h"
#include "kernel/arch.h"
#include "kernel/lib/errno.h"
#include "trace/arch.h"
#include "trace/core/dispatch.h"

#define NOPS 0x9090909090ULL

unsigned long arch_ftrace_site(unsigned long table_entry)
{
	unsigned long function = table_entry + 4;
	u32 first;

	/* By this the trampolines find the literal, and one store changes it. */
	if (table_entry % 16)
		return 0;
	memcpy(&first, (const void *)function, sizeof(first));
	return first == ENDBR32 ? function + 4 : function;
}

unsigned long arch_ftrace_function(unsigned long ip)
{
	return i386_entry_of_site(ip);
}

int arch_ftrace_init_site(unsigned long ip)
{
	const unsigned long literal = (unsigned long)&ftrace_nothing;
	const u64 nop = NOP5;

	if (i386_site_insn(ip) != NOPS)
		return -EINVAL;
	if (arch_text_write(i386_literal(ip), &literal, sizeof(literal)))
		return -EFAULT;
	return arch_text_write((void *)ip, &nop, FTRACE_INSN_SIZE);
}
