/* SPDX-License-Identifier: MIT */
/*
 * Changing live sites on arm64. A site is one aligned word that goes between NOP
 * and BL, which the architecture lets be changed while it is executed (Arm ARM, "Concurrent
 * modification and execution of instructions"); its literal is data, stored in one piece. No breakpoint,
 * no stop: each CPU sees the old or the new word.
 *
 * Order: a literal must be right for the trampoline that reads it. Sites that are enabled get the
 * literal first and then the BL; each is made visible before the next.
 */
#include "arch/arm64/site.h"
#include "arch/arm64/text.h"
#include "kernel/arch.h"
#include "kernel/errno.h"
#include "trace/arch.h"
#include "trace/patch_fault.h"

#define SITES_PER_WINDOW 64

static int write_literal(struct text_window *window, unsigned long dst, unsigned long literal)
{
	unsigned long *alias = text_window_at(window, dst);

	if (!alias || ftrace_patch_fault())
		return -EFAULT;
	WRITE_ONCE(*alias, literal);
	__asm__ volatile("dsb ishst" : : : "memory");
	return 0;
}

/* The word, and the way for instruction fetches to see it (Arm ARM B2.4.4). */
static int write_insn(struct text_window *window, unsigned long dst, u32 insn)
{
	u32 *alias = text_window_at(window, dst);

	if (!alias || ftrace_patch_fault())
		return -EFAULT;
	WRITE_ONCE(*alias, insn);
	__asm__ volatile(
		"dc	cvau, %0\n"
		"dsb	ish\n"
		"ic	ivau, %0\n"
		"dsb	ish\n"
		"isb"
		: : "r"(dst) : "memory");
	return 0;
}

static int write_form(struct text_window *window, unsigned long ip, const struct ftrace_form *from,
		      const struct ftrace_form *to)
{
	int err = 0;

	if (to->literal != from->literal)
		err = write_literal(window, arm64_literal_address(ip), to->literal);
	if (!err && to->insn != from->insn)
		err = write_insn(window, ip, (u32)to->insn);
	return err;
}

int arch_ftrace_patch(struct ftrace_change *changes, unsigned int nr)
{
	struct text_window window;
	unsigned int i;

	text_window_open(&window);
	for (i = 0; i < nr; i++) {
		if (write_form(&window, changes[i].ip, &changes[i].old_form, &changes[i].new_form))
			break;
		if (i % SITES_PER_WINDOW == SITES_PER_WINDOW - 1) {
			text_window_close(&window);
			text_window_open(&window);
		}
	}
	if (i < nr) {
		unsigned int back = i + 1;

		while (back-- > 0)
			write_form(&window, changes[back].ip, &changes[back].new_form,
				   &changes[back].old_form);
	}
	text_window_close(&window);
	return i < nr ? -EFAULT : 0;
}
