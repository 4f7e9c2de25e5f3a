/* SPDX-License-Identifier: MIT */
/*
 * Changing live sites on arm64. A site is one aligned word that goes between NOP and BL, which the
 * architecture allows to be changed while it is executed (Arm ARM B2.2.5, "Concurrent modification
 * and execution of instructions"); its literal is data, stored in one piece. So no breakpoint is
 * needed and no CPU has to stop: each sees the old or the new word. Cache maintenance reaches all
 * CPUs, because it is broadcast to the inner shareable domain. What they have fetched before does
 * not outlive their next ISB.
 *
 * A literal must be right for whatever trampoline reads it. So the literal of a site is written
 * first and its BL second, and each is visible to all CPUs before the next write.
 */
#include "arch/arm64/site.h"
#include "arch/common/patch.h"
#include "kernel/arch.h"
#include "kernel/lib/errno.h"
#include "kernel/smp.h"
#include "trace/arch.h"
#include "trace/core/patch_fault.h"

static const struct ftrace_form *form_to_write(const struct ftrace_change *change, bool undo)
{
	return undo ? &change->old_form : &change->new_form;
}

static int write_literal(struct text_window *window, const struct ftrace_change *change, bool undo)
{
	unsigned long *alias;

	if (change->old_form.literal == change->new_form.literal)
		return 0;
	alias = text_window_at(window, arm64_literal_address(change->ip));
	if (!alias || ftrace_patch_fault())
		return -EFAULT;
	WRITE_ONCE(*alias, form_to_write(change, undo)->literal);
	/*
	 * Who finds the set through the literal needs no barrier, because what it reads there
	 * depends on the address; and text_window_at() had one between the set's making and this
	 * store. A CPU that sees the BL which is written next must see this literal.
	 */
	__asm__ volatile("dsb ishst" : : : "memory");
	return 0;
}

/* The word, written and then visible to instruction fetches (Arm ARM B2.4.4). Asks for no fault. */
static int rewrite_insn(struct text_window *window, const struct ftrace_change *change, bool undo)
{
	u32 *alias;

	if (change->old_form.insn == change->new_form.insn)
		return 0;
	alias = text_window_at(window, change->ip);
	if (!alias)
		return -EFAULT;
	WRITE_ONCE(*alias, (u32)form_to_write(change, undo)->insn);
	/* The barriers keep the order: the cleaned word first, then the fetch that finds it. */
	__asm__ volatile(
		"dc	cvau, %0\n"
		"dsb	ish\n"
		"ic	ivau, %0\n"
		"dsb	ish\n"
		"isb"
		: : "r"(change->ip) : "memory");
	return 0;
}

static int write_insn(struct text_window *window, const struct ftrace_change *change, bool undo)
{
	if (change->old_form.insn != change->new_form.insn && ftrace_patch_fault())
		return -EFAULT;
	return rewrite_insn(window, change, undo);
}

static int write_site(struct text_window *window, const struct ftrace_change *change, bool undo)
{
	int err;

	/* Back in the opposite order, so that no BL ever leads to a literal that does not fit. */
	if (undo) {
		err = write_insn(window, change, undo);
		return err ? err : write_literal(window, change, undo);
	}
	err = write_literal(window, change, undo);
	return err ? err : write_insn(window, change, undo);
}

const struct ftrace_change *arch_ftrace_patch(const struct ftrace_change *changes, unsigned int nr)
{
	const struct ftrace_change *failed = patch_write_all(changes, nr, write_site, false);

	/* The failed site itself may have its new literal already. */
	if (failed) {
		nr = (unsigned int)(failed - changes) + 1;
		patch_write_all(changes, nr, write_site, true);
	}
	/* A CPU that has fetched an old word may still execute it; after this, none does. */
	smp_sync_cores();
	if (qemu_misses_writes()) {
		patch_write_all(changes, nr, rewrite_insn, failed != NULL);
		smp_sync_cores();
	}
	return failed;
}
