/* SPDX-License-Identifier: MIT */
/*
 * hook=patchable with call_ops: `-fpatchable-function-entry=4,2`. The table lists the first of two
 * NOPs before the function, where the literal goes. Two more follow at the entry, behind a `bti c`
 * if there is one; boot makes the first `mov x9, x30`, and the second is the site.
 */
#include "arch/arm64/site.h"
#include "kernel/arch.h"
#include "kernel/lib/errno.h"
#include "trace/core/dispatch.h"

unsigned long arch_ftrace_site(unsigned long table_entry)
{
	unsigned long function = table_entry + 8;
	u32 first;

	if (table_entry & 7)
		return 0;
	memcpy(&first, (const void *)function, sizeof(first));
	return first == INSN_BTI_C ? function + 8 : function + 4;
}

unsigned long arch_ftrace_function(unsigned long ip)
{
	return arm64_literal_address(ip) + 8;
}

int arch_ftrace_init_site(unsigned long ip)
{
	const u32 expected[2] = { INSN_NOP, INSN_NOP };
	const u32 entry = INSN_MOV_X9_X30;
	const unsigned long literal = (unsigned long)&ftrace_nothing, start = arm64_literal_address(ip);
	size_t size = ip - start;		/* from the literal to the site */
	char code[sizeof(literal) + 8];

	if (memcmp((const void *)(ip - 4), expected, sizeof(expected)))
		return -EINVAL;
	if (!arm64_trampolines_reach(ip))
		return -ERANGE;
	/* With the landing pad that may be between the two, in one go: a window is not cheap. */
	memcpy(code, (const void *)start, size);
	memcpy(code, &literal, sizeof(literal));
	memcpy(code + size - sizeof(entry), &entry, sizeof(entry));
	return arch_text_write((void *)start, code, size);
}
