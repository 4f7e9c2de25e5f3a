/* SPDX-License-Identifier: MIT */
/*
 * hook=patchable: two NOPs at the entry of a function, behind a `bti c` if there is one. Boot makes
 * the first `mov x9, x30`, and the second is the site. The table lists the first, or with call_ops
 * the first of two more before the function, where the literal goes.
 */
#include "arch/arm64/site.h"
#include "kernel/arch.h"
#include "kernel/lib/errno.h"
#include "trace/core/dispatch.h"

unsigned long arch_ftrace_site(unsigned long table_entry)
{
	unsigned long function = table_entry + LITERAL_SIZE;
	u32 first;

	if (!SITES_HAVE_LITERALS)
		return table_entry + 4;
	/* One store is to change the literal: it must not be in two halves. */
	if (table_entry % LITERAL_SIZE)
		return 0;
	memcpy(&first, (const void *)function, sizeof(first));
	return first == INSN_BTI_C ? function + 8 : function + 4;
}

unsigned long arch_ftrace_function(unsigned long ip)
{
	u32 before;

	if (SITES_HAVE_LITERALS)
		return arm64_literal_address(ip) + LITERAL_SIZE;
	memcpy(&before, (const void *)(ip - 8), sizeof(before));
	return before == INSN_BTI_C ? ip - 8 : ip - 4;
}

int arch_ftrace_init_site(unsigned long ip)
{
	const u32 expected[2] = { INSN_NOP, INSN_NOP };
	const u32 entry = INSN_MOV_X9_X30;
	const unsigned long literal = (unsigned long)&ftrace_nothing;
	unsigned long start = SITES_HAVE_LITERALS ? arm64_literal_address(ip) : ip - sizeof(entry);
	size_t size = ip - start;	/* from the literal, or what becomes the mov, to the site */
	char code[sizeof(literal) + 8];

	if (memcmp((const void *)(ip - 4), expected, sizeof(expected)))
		return -EINVAL;
	if (!arm64_trampolines_reach(ip))
		return -ERANGE;
	/* With the landing pad that may be between the two, in one go: a window is not cheap. */
	memcpy(code, (const void *)start, size);
	if (SITES_HAVE_LITERALS)
		memcpy(code, &literal, sizeof(literal));
	memcpy(code + size - sizeof(entry), &entry, sizeof(entry));
	return arch_text_write((void *)start, code, size);
}
