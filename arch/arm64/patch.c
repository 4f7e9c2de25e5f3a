/* SPDX-License-Identifier: MIT */
/*
 * Changing live sites on arm64. A site is one aligned word that goes between NOP
 * and BL, which the architecture lets be changed while it is executed (Arm ARM, "Concurrent
 * modification and execution of instructions"); its literal is data, stored in one piece. No
 * breakpoint, no stop: each CPU sees the old or the new word. Cache maintenance reaches all
 * CPUs (it is broadcast to the inner shareable domain); what they have fetched before does not
 * outlive their next ISB.
 *
 * Order: a literal must be right for the trampoline that reads it. Sites that are enabled get the
 * literal first and then the BL; each is made visible before the next.
 */
#include "arch/arm64/site.h"
#include "arch/common/text.h"
#include "kernel/arch.h"
#include "kernel/lib/errno.h"
#include "kernel/smp.h"
#include "trace/arch.h"
#include "trace/core/patch_fault.h"

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
static void store_insn(u32 *alias, unsigned long dst, u32 insn)
{
	WRITE_ONCE(*alias, insn);
	__asm__ volatile(
		"dc	cvau, %0\n"
		"dsb	ish\n"
		"ic	ivau, %0\n"
		"dsb	ish\n"
		"isb"
		: : "r"(dst) : "memory");
}

static int write_insn(struct text_window *window, unsigned long dst, u32 insn)
{
	u32 *alias = text_window_at(window, dst);

	if (!alias || ftrace_patch_fault())
		return -EFAULT;
	store_insn(alias, dst, insn);
	return 0;
}

/*
 * @undo: in the opposite order, so that a literal never stands where its trampoline does not fit.
 */
static int write_form(struct text_window *window, unsigned long ip, const struct ftrace_form *from,
		      const struct ftrace_form *to, bool undo)
{
	int err = 0;

	if (undo && to->insn != from->insn)
		err = write_insn(window, ip, (u32)to->insn);
	if (!err && to->literal != from->literal)
		err = write_literal(window, arm64_literal_address(ip), to->literal);
	if (!err && !undo && to->insn != from->insn)
		err = write_insn(window, ip, (u32)to->insn);
	return err;
}

/*
 * QEMU (7.2, several threads) can miss a write to code that another CPU translates at that very
 * moment: the translation of what was there outlives the interrupt that synchronises. Once all CPUs
 * have taken that interrupt, writing the same word again ends it.
 * @undone: what stands there is the old form again.
 */
static void write_again(const struct ftrace_change *changes, unsigned int nr, bool undone)
{
	struct text_window window;
	unsigned int i;

	text_window_open(&window);
	for (i = 0; i < nr; i++) {
		u32 *alias = text_window_at(&window, changes[i].ip);
		const struct ftrace_form *form =
			undone ? &changes[i].old_form : &changes[i].new_form;

		if (alias && changes[i].new_form.insn != changes[i].old_form.insn)
			store_insn(alias, changes[i].ip, (u32)form->insn);
		if (i % SITES_PER_WINDOW == SITES_PER_WINDOW - 1) {
			text_window_close(&window);
			text_window_open(&window);
		}
	}
	text_window_close(&window);
	smp_sync_cores();
}

const struct ftrace_change *arch_ftrace_patch(const struct ftrace_change *changes, unsigned int nr)
{
	struct text_window window;
	unsigned int i;

	text_window_open(&window);
	for (i = 0; i < nr; i++) {
		if (write_form(&window, changes[i].ip, &changes[i].old_form, &changes[i].new_form,
			       false))
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
				   &changes[back].old_form, true);
	}
	text_window_close(&window);
	/* Who has fetched an old word may still execute it; after this, nobody does. */
	smp_sync_cores();
	if (nr_cpus_online > 1)
		write_again(changes, min(i + 1, nr), i < nr);
	return i < nr ? &changes[i] : NULL;
}
