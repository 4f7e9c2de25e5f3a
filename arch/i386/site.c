/* SPDX-License-Identifier: MIT */
/*
 * Sites at the entry of their function, behind an endbr32 if there is one.
 *
 * hook=fentry: the table lists the sites, NOPs already (or, without -mnop-mcount, calls of
 * __fentry__, with a counter in front where GCC counts calls: then the kernel's own are two NOPs
 * since before anything ran, see boot.S).
 *
 * hook=patchable: five one-byte NOPs. With call_ops four more are before the function, where the
 * literal goes, and the table lists the first of those.
 */
#include "arch/i386/site.h"
#include "kernel/arch.h"
#include "kernel/lib/errno.h"
#include "trace/arch.h"
#include "trace/core/dispatch.h"

#define NOPS 0x9090909090ULL

void __fentry__(void);

unsigned long arch_ftrace_site(unsigned long table_entry)
{
	unsigned long function = table_entry + LITERAL_SIZE;
	u32 first;

	if (!SITES_HAVE_LITERALS)
		return table_entry;
	/* By its alignment the trampolines find the literal, and one store can change it. */
	if (table_entry % LITERAL_ALIGN)
		return 0;
	memcpy(&first, (const void *)function, sizeof(first));
	return first == ENDBR32 ? function + sizeof(first) : function;
}

unsigned long arch_ftrace_function(unsigned long ip)
{
	unsigned long counter = ip - FTRACE_INSN_SIZE;

	/* The unwinder asks about any instruction, and only a site has a counter before it. */
	if (SITES_ARE_COUNTED &&
	    (i386_site_insn(counter) == NOP5 || i386_is_compiled_call(ip, __fentry__)))
		return i386_entry_of_site(counter);
	return i386_entry_of_site(ip);
}

/*
 * A CPU could be stopped between one-byte NOPs, so they become one instruction now, while there is
 * one CPU, one thread and no interrupt (in a module: while nobody can call it).
 */
static int init_patchable_site(unsigned long ip)
{
	const unsigned long literal = (unsigned long)&ftrace_nothing;
	const u64 nop = NOP5;

	if (i386_site_insn(ip) != NOPS)
		return -EINVAL;
	if (SITES_HAVE_LITERALS && arch_text_write(i386_literal(ip), &literal, sizeof(literal)))
		return -EFAULT;
	return arch_text_write((void *)ip, &nop, FTRACE_INSN_SIZE);
}

int arch_ftrace_init_site(unsigned long ip)
{
	return HOOK_PATCHABLE ? init_patchable_site(ip) : i386_init_called_site(ip, __fentry__);
}
