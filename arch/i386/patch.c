/* SPDX-License-Identifier: MIT */
/*
 * Changing live sites on i386: five bytes that no store can replace at once. In
 * three rounds for any number of sites (docs/reference.md, "Patching"): int3 over every first
 * byte; the four bytes behind it; the new first bytes. Between rounds every CPU executes
 * a serialising instruction, so that none runs a mix. A CPU that meets an int3 behaves as if it had
 * executed the new instruction. A site's literal, where there is one, is data: it goes before the
 * instruction, and suits the old one too (set.h).
 */
#include "arch/common/text.h"
#include "arch/i386/site.h"
#include "kernel/arch.h"
#include "kernel/lib/errno.h"
#include "kernel/lockdep.h"
#include "kernel/smp.h"
#include "trace/arch.h"
#include "trace/core/change.h"
#include "trace/core/patch_fault.h"
#include "trace/core/records.h"
#include <asm/ptrace.h>

#define INT3 0xcc

/* What is being patched, for the int3 handler. nr is written last and read first. */
static const struct ftrace_change *active;
static unsigned int nr_active;

#define SITES_PER_WINDOW 64

enum round { LITERALS, INT3_BYTES, TAILS, FIRST_BYTES };

/* Is there anything to do? (A set of one stub can turn into the same stub.) */
static bool changes_in(const struct ftrace_change *change, enum round round)
{
	if (round == LITERALS)
		return change->old_form.literal != change->new_form.literal;
	return change->old_form.insn != change->new_form.insn;
}

static int write_byte(struct text_window *window, unsigned long dst, u8 byte)
{
	u8 *alias = text_window_at(window, dst);

	if (!alias)
		return -EFAULT;
	WRITE_ONCE(*alias, byte);
	return 0;
}

/* Four bytes: one store, or (a site need not be aligned) in two pages. */
static int write_tail(struct text_window *window, unsigned long dst, u32 tail)
{
	unsigned int i;
	u32 *alias;
	int err = 0;

	if ((dst & ~PAGE_MASK) <= PAGE_SIZE - sizeof(tail)) {
		alias = text_window_at(window, dst);
		if (!alias)
			return -EFAULT;
		WRITE_ONCE(*alias, tail);
		return 0;
	}
	for (i = 0; i < sizeof(tail) && !err; i++)
		err = write_byte(window, dst + i, (u8)(tail >> 8 * i));
	return err;
}

static int write_part(struct text_window *window, const struct ftrace_change *change,
		      enum round round, bool back)
{
	const struct ftrace_form *form = back ? &change->old_form : &change->new_form;

	if (ftrace_patch_fault())
		return -EFAULT;
	if (round == LITERALS)
		return write_tail(window, (unsigned long)i386_literal(change->ip), form->literal);
	if (round == TAILS)
		return write_tail(window, change->ip + 1, (u32)(form->insn >> 8));
	return write_byte(window, change->ip, round == INT3_BYTES ? INT3 : (u8)form->insn);
}

/* All sites' part for this round, and the change that it failed at. @back: the old instructions. */
static const struct ftrace_change *write_all(const struct ftrace_change *changes, unsigned int nr,
					     enum round round, bool back)
{
	const struct ftrace_change *failed = NULL;
	struct text_window window;
	unsigned int i;

	text_window_open(&window);
	for (i = 0; i < nr && !failed; i++) {
		if (changes_in(&changes[i], round) &&
		    write_part(&window, &changes[i], round, back))
			failed = &changes[i];
		if (i % SITES_PER_WINDOW == SITES_PER_WINDOW - 1) {
			text_window_close(&window);
			text_window_open(&window);
		}
	}
	text_window_close(&window);
	return failed;
}

/*
 * QEMU (7.2, several threads) can miss a write to code that another CPU translates at that very
 * moment: the translation of what was there outlives the interrupt that serialises. Once all CPUs
 * have taken that interrupt, writing the same again ends it. Who runs it until then runs the whole
 * old instruction, which the syncs of later rounds wait for, or an int3 that is no longer there.
 */
static bool write_twice(enum round round)
{
	return nr_cpus_online > 1 && (round == INT3_BYTES || round == FIRST_BYTES);
}

/*
 * A round, and then every CPU serialised. Literals are data, and stores arrive in order: they need
 * no more than to go first.
 */
static const struct ftrace_change *write_round(const struct ftrace_change *changes, unsigned int nr,
					       enum round round, bool back)
{
	const struct ftrace_change *failed = write_all(changes, nr, round, back);

	if (round != LITERALS)
		smp_sync_cores();
	if (!failed && write_twice(round))
		failed = write_all(changes, nr, round, back);
	return failed;
}

const struct ftrace_change *arch_ftrace_patch(const struct ftrace_change *changes, unsigned int nr)
{
	const struct ftrace_change *failed = NULL;
	enum round round;

	active = changes;
	smp_store_release(&nr_active, nr);
	for (round = LITERALS; round <= FIRST_BYTES && !failed; round++)
		failed = write_round(changes, nr, round, false);
	/* Back the same way, whatever was reached. */
	for (round = LITERALS; round <= FIRST_BYTES && failed; round++)
		write_round(changes, nr, round, true);
	smp_store_release(&nr_active, 0);
	return failed;
}

/*
 * Nothing is being patched, and still a CPU has executed an int3 at a site: one that is no longer
 * there. See write_twice(). Then what stands there now is what counts.
 */
static bool stands_at(unsigned long ip, struct ftrace_form *form)
{
	if (!ftrace_find_record(ip) || arch_ftrace_read(ip, form))
		return false;
	return (u8)form->insn != INT3;
}

bool i386_int3_handler(struct pt_regs *regs)
{
	unsigned long ip = instruction_pointer(regs) - 1;
	const struct ftrace_change *change;
	struct ftrace_form form;
	unsigned long target;

	assert_irqs_off();
	change = ftrace_change_at(active, smp_load_acquire(&nr_active), ip);
	if (change)
		form = change->new_form;
	else if (!stands_at(ip, &form))
		return false;
	target = arch_ftrace_call_target(ip, &form);
	if (target)
		i386_emulate_call(regs, ip + FTRACE_INSN_SIZE, target);
	else
		regs->ip = ip + FTRACE_INSN_SIZE;
	return true;
}
