/* SPDX-License-Identifier: MIT */
/*
 * Changing live sites on arm64. A site is one aligned word that goes between NOP
 * and BL, which the architecture lets be changed while it is executed (Arm ARM, "Concurrent
 * modification and execution of instructions"); its literal is data, stored in one piece. No breakpoint,
 * no stop: each CPU sees the old or the new word.
 *
 * Order: a literal must be right for the trampoline that reads it. Sites that are enabled get the
 * literal first and then the BL; arch_text_write() makes each visible before the next.
 */
#include "kernel/arch.h"
#include "kernel/errno.h"
#include "trace/arch.h"

static unsigned long literal_address(unsigned long ip)
{
	return ((ip + 4) & ~7UL) - 16;
}

static int write_form(unsigned long ip, const struct ftrace_form *from, const struct ftrace_form *to)
{
	u32 insn = (u32)to->insn;

	if (to->literal != from->literal &&
	    arch_text_write((void *)literal_address(ip), &to->literal, sizeof(to->literal)))
		return -EFAULT;
	if (to->insn != from->insn && arch_text_write((void *)ip, &insn, sizeof(insn)))
		return -EFAULT;
	return 0;
}

int arch_ftrace_patch(struct ftrace_change *changes, unsigned int nr)
{
	unsigned int i;

	for (i = 0; i < nr; i++)
		if (write_form(changes[i].ip, &changes[i].old_form, &changes[i].new_form))
			break;
	if (i == nr)
		return 0;
	for (i++; i-- > 0;)
		write_form(changes[i].ip, &changes[i].new_form, &changes[i].old_form);
	return -EFAULT;
}
