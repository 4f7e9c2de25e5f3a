/* SPDX-License-Identifier: MIT */
/*
 * Changing live sites on i386: five bytes that no single store can replace. It takes three rounds,
 * for any number of sites (docs/reference.md, "Patching"): int3 over every first byte, then the
 * four bytes behind it, then the new first bytes. After each round every CPU executes a
 * serialising instruction, so that none of them runs a mixture of old and new bytes. A CPU that
 * meets an int3 behaves as if it had executed the new instruction. A site's literal, where there is
 * one, is data: it is written before the instruction, and suits the old one too (set.h).
 */
#include "arch/common/patch.h"
#include "arch/i386/site.h"
#include "kernel/arch.h"
#include "kernel/lib/errno.h"
#include "kernel/lockdep.h"
#include "kernel/smp.h"
#include "trace/arch.h"
#include "trace/core/change.h"
#include "trace/core/jump.h"
#include "trace/core/patch_fault.h"
#include "trace/core/records.h"
#include <asm/ptrace.h>

/*
 * What is being patched, for the int3 handler. nr_active is written last and read first, and is 0
 * whenever no int3 of ours is in memory. The changes are the caller's, who may free them when
 * arch_ftrace_patch() has returned.
 */
static const struct ftrace_change *active;
static unsigned int nr_active;

enum round { LITERALS, INT3_BYTES, TAILS, FIRST_BYTES };
#define FIRST_ROUND (SITES_HAVE_LITERALS ? LITERALS : INT3_BYTES)

static const struct ftrace_form *form_to_write(const struct ftrace_change *change, bool undo)
{
	return undo ? &change->old_form : &change->new_form;
}

/* A set of one stub can turn into another with the same stub: then the instruction stays. */
static bool insn_changes(const struct ftrace_change *change)
{
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

/* Four bytes by one store, or one by one where they lie in two pages: sites are not aligned. */
static int write_word(struct text_window *window, unsigned long dst, u32 word)
{
	unsigned int i;
	u32 *alias;
	int err = 0;

	/* A window shows one page, so that its alias of the last bytes does not go on. */
	if ((dst & ~PAGE_MASK) <= PAGE_SIZE - sizeof(word)) {
		alias = text_window_at(window, dst);
		if (!alias)
			return -EFAULT;
		WRITE_ONCE(*alias, word);
		return 0;
	}
	for (i = 0; i < sizeof(word) && !err; i++)
		err = write_byte(window, dst + i, (u8)(word >> 8 * i));
	return err;
}

static int write_literal(struct text_window *window, const struct ftrace_change *change, bool undo)
{
	if (change->old_form.literal == change->new_form.literal)
		return 0;
	if (ftrace_patch_fault())
		return -EFAULT;
	return write_word(window, (unsigned long)i386_literal(change->ip),
			  form_to_write(change, undo)->literal);
}

static int write_int3(struct text_window *window, const struct ftrace_change *change, bool undo)
{
	if (!insn_changes(change))
		return 0;
	return ftrace_patch_fault() ? -EFAULT : write_byte(window, change->ip, INT3);
}

static int write_tail(struct text_window *window, const struct ftrace_change *change, bool undo)
{
	if (!insn_changes(change))
		return 0;
	if (ftrace_patch_fault())
		return -EFAULT;
	return write_word(window, change->ip + 1, (u32)(form_to_write(change, undo)->insn >> 8));
}

static int write_first_byte(struct text_window *window, const struct ftrace_change *change,
			    bool undo)
{
	if (!insn_changes(change))
		return 0;
	if (ftrace_patch_fault())
		return -EFAULT;
	return write_byte(window, change->ip, (u8)form_to_write(change, undo)->insn);
}

static const struct ftrace_change *write_all(const struct ftrace_change *changes, unsigned int nr,
					     enum round round, bool undo)
{
	/* One call for each, because patch_write_all() makes a loop of its own of it. */
	switch (round) {
	case LITERALS:
		return patch_write_all(changes, nr, write_literal, undo);
	case INT3_BYTES:
		return patch_write_all(changes, nr, write_int3, undo);
	case TAILS:
		return patch_write_all(changes, nr, write_tail, undo);
	default:
		return patch_write_all(changes, nr, write_first_byte, undo);
	}
}

/* Does any CPU execute what this round writes? Tails have an int3 before them. */
static bool is_executed(enum round round)
{
	return round == INT3_BYTES || round == FIRST_BYTES;
}

static const struct ftrace_change *write_round(const struct ftrace_change *changes, unsigned int nr,
					       enum round round, bool undo)
{
	const struct ftrace_change *failed = write_all(changes, nr, round, undo);

	/*
	 * No int3 is left in memory: from here on the handler reads the site instead of the
	 * changes. Who reads them still is waited for by the synchronisation, because the handler
	 * runs with interrupts off. If this came behind it, a CPU that meets a stale int3 could
	 * read changes that are freed.
	 */
	if (round == FIRST_BYTES && (undo || !failed))
		smp_store_release(&nr_active, 0);
	/* Literals are data, and stores arrive in order: it is enough that they go first. */
	if (round != LITERALS)
		smp_sync_cores();
	/*
	 * Whoever runs a stale translation until then runs the whole old instruction, which the
	 * next round's synchronisation waits for, or an int3 that is no longer there: see
	 * stands_at().
	 */
	if (!failed && qemu_misses_writes() && is_executed(round))
		failed = write_all(changes, nr, round, undo);
	return failed;
}

const struct ftrace_change *arch_ftrace_patch(const struct ftrace_change *changes, unsigned int nr)
{
	const struct ftrace_change *failed = NULL;
	enum round round;

	active = changes;
	smp_store_release(&nr_active, nr);
	for (round = FIRST_ROUND; round <= FIRST_BYTES && !failed; round++)
		failed = write_round(changes, nr, round, false);
	if (!failed)
		return NULL;
	/*
	 * The way back needs the same rounds, and all of them: a CPU may execute what has been
	 * written so far. The handler may have been sent to the sites already.
	 */
	smp_store_release(&nr_active, nr);
	for (round = FIRST_ROUND; round <= FIRST_BYTES; round++)
		write_round(changes, nr, round, true);
	return failed;
}

/*
 * Nothing is being patched at @ip, and still a CPU has executed an int3 there: one that is no
 * longer in memory. Either this CPU has not yet serialised since the first byte was written, or it
 * has in vain (qemu_misses_writes() tells why). Then it does what the instruction does that stands
 * there now, which is stored in @form. False: @ip is no site, or an int3 does stand there.
 */
static bool stands_at(unsigned long ip, struct ftrace_form *form)
{
	if (!(ftrace_find_record(ip) || ftrace_is_jump_site(ip)) || arch_ftrace_read(ip, form))
		return false;
	return (u8)form->insn != INT3;
}

/*
 * Stores in @form what an int3 at @ip stands for. False: nothing.
 *
 * After an int3 that is not in memory any more, the next patch may begin and put one there again,
 * behind the look at what is being patched. It cannot go on before this CPU takes an interrupt.
 */
static bool find_form(unsigned long ip, struct ftrace_form *form)
{
	const struct ftrace_change *change;
	unsigned int nr;

	do {
		/* If it is not 0, it is read after `active` was written: acquire and release. */
		nr = smp_load_acquire(&nr_active);
		change = ftrace_change_at(active, nr, ip);
		if (change) {
			*form = change->new_form;
			return true;
		}
		if (stands_at(ip, form))
			return true;
	} while (nr != smp_load_acquire(&nr_active));
	return false;
}

bool i386_int3_handler(struct pt_regs *regs)
{
	unsigned long ip = instruction_pointer(regs) - 1;
	struct ftrace_form form;
	unsigned long target;

	assert_irqs_off();
	if (!find_form(ip, &form))
		return false;
	/* The instruction behind the int3 may be half written, so its effect is made by hand. */
	target = arch_ftrace_call_target(ip, &form);
	regs->ip = ip + FTRACE_INSN_SIZE;
	if (target)
		i386_emulate_call(regs, regs->ip, target);
	else if ((u8)form.insn == JMP_OPCODE)
		regs->ip += (u32)(form.insn >> 8);
	return true;
}
