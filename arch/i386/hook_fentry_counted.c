/* SPDX-License-Identifier: MIT */
/*
 * hook=fentry with a GCC that counts calls: `-pg -mfentry -mrecord-mcount`. The table lists the
 * calls of __fentry__; in front of each is what was the counter, and then the function's entry.
 */
#include "arch/i386/counted.h"
#include "trace/arch.h"

void __fentry__(void);

unsigned long arch_ftrace_site(unsigned long table_entry)
{
	return table_entry;
}

/* What is no site has no counter in front of it: the unwinder asks of any instruction. */
unsigned long arch_ftrace_function(unsigned long ip)
{
	unsigned long counter = ip - FTRACE_INSN_SIZE;

	if (i386_site_insn(counter) == NOP5 || i386_is_counted_call(ip, __fentry__))
		return i386_entry_of_site(counter);
	return i386_entry_of_site(ip);
}

int arch_ftrace_init_site(unsigned long ip)
{
	return i386_init_counted_site(ip, __fentry__);
}
