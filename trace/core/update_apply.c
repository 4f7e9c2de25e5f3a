/* SPDX-License-Identifier: MIT */
/*
 * The second part of a transaction over sites: verify that each holds what it should, patch all,
 * and only then touch the records. A patch that fails is put back; then nothing has changed.
 *
 *	verify -> patch -> commit to the records
 */
#include "trace/core/patch_fault.h"
#include "trace/core/reclaim.h"
#include "trace/core/transaction.h"
#include "trace/kernel.h"

int ftrace_patch_faults = -1;

static bool same_form(const struct ftrace_form *a, const struct ftrace_form *b)
{
	return a->insn == b->insn && a->literal == b->literal;
}

/*
 * Print the instruction's bytes in the order in which they lie in memory, and the literal if there
 * is one.
 */
static const char *describe_form(char *buf, size_t size, const struct ftrace_form *form)
{
	int len = 0, i;

	for (i = 0; i < FTRACE_INSN_SIZE; i++)
		len += scnprintf(buf + len, size - (size_t)len, "%s%02x", i ? " " : "",
				 (u8)(form->insn >> 8 * i));
	if (form->literal)
		scnprintf(buf + len, size - (size_t)len, " literal %lx", form->literal);
	return buf;
}

static void report_foreign(unsigned long ip, const struct ftrace_form *expected,
			   const struct ftrace_form *found)
{
	char expected_text[48], found_text[48];

	pr_err("ftrace: %ps at %lx: expected <%s>, found <%s>; nothing was changed\n",
	       (void *)ip, ip, describe_form(expected_text, sizeof(expected_text), expected),
	       describe_form(found_text, sizeof(found_text), found));
}

/*
 * Called after the change was undone; the bytes that the site holds now show whether that worked.
 */
static void report_unwritten(unsigned long ip)
{
	struct ftrace_form form;
	char text[48];
	const char *holds = arch_ftrace_read(ip, &form) ? "what cannot be read" :
			    describe_form(text, sizeof(text), &form);

	pr_err("ftrace: %ps at %lx could not be written; it holds <%s>; nothing was changed\n",
	       (void *)ip, ip, holds);
}

static int verify(const struct ftrace_update *u)
{
	unsigned int i;

	for (i = 0; i < u->nr; i++) {
		const struct ftrace_change *change = &u->changes[i];
		struct ftrace_form found;
		int err = arch_ftrace_read(change->ip, &found);

		if (err) {
			pr_err("ftrace: %ps at %lx cannot be read; nothing was changed\n",
			       (void *)change->ip, change->ip);
			return err;
		}
		/*
		 * Somebody else has written to this site. Patching it would destroy what was
		 * written.
		 */
		if (!same_form(&found, &change->old_form)) {
			report_foreign(change->ip, &change->old_form, &found);
			return -EINVAL;
		}
	}
	return 0;
}

static bool changes_text(const struct ftrace_update *u)
{
	for (unsigned int i = 0; i < u->nr; i++)
		if (!same_form(&u->changes[i].old_form, &u->changes[i].new_form))
			return true;
	return false;
}

static bool wants_regs(const struct ftrace_set *set)
{
	return set && set->flags & FTRACE_SET_REGS;
}

/*
 * Where a set is reached by a literal, a thread that entered the trampoline for plain callbacks
 * could load the new literal, whose callbacks rely on saved registers. So such sites change in two
 * steps: first only the instruction, and the literal once nobody is in the old trampoline any more.
 * Returns NULL, or the change that could not be made.
 */
static const struct ftrace_change *patch_towards_regs(struct ftrace_update *u)
{
	const struct ftrace_change *failed;
	unsigned int i, nr = 0;

	for (i = 0; i < u->nr; i++) {
		struct ftrace_change *change = &u->changes[i];

		if (change->old_form.literal && wants_regs(change->new_set) &&
		    change->rec->flags & FTRACE_FL_ENABLED &&
		    !wants_regs(dyn_ftrace_set(change->rec)))
			nr++;
	}
	if (!nr)
		return NULL;
	for (i = 0; i < u->nr; i++) {
		struct ftrace_change *change = &u->changes[i];

		/*
		 * A site that loses such callbacks in the same update must keep its trampoline
		 * until the second step.
		 */
		if (wants_regs(change->new_set))
			change->new_form.literal = change->old_form.literal;
		else
			change->new_form = change->old_form;
	}
	failed = arch_ftrace_patch(u->changes, u->nr);
	if (!failed)
		ftrace_wait_until_left(u->changes, u->nr, u->redirects);
	for (i = 0; i < u->nr; i++) {
		struct ftrace_change *change = &u->changes[i];

		if (!failed)
			change->old_form = change->new_form;
		change->new_form = ftrace_wanted_form(u, change->ip, change->new_set);
	}
	return failed;
}

static void commit_to_records(struct ftrace_update *u)
{
	unsigned int i;

	for (i = 0; i < u->nr; i++) {
		struct ftrace_set *set = u->changes[i].new_set;
		struct dyn_ftrace *rec = u->changes[i].rec;
		u32 flags =
			rec->flags & (FTRACE_FL_MODIFIED | FTRACE_FL_TOUCHED | FTRACE_FL_DISABLED);

		/* First one more, then one less: a set that stays is not unused in between. */
		ftrace_set_get(set);
		ftrace_set_put(dyn_ftrace_set(rec));
		if (set)
			flags |= set->index;
		if (set && u->on) {
			flags |= FTRACE_FL_ENABLED | FTRACE_FL_TOUCHED;
			if (set->direct || set->flags & FTRACE_SET_IPMODIFY)
				flags |= FTRACE_FL_MODIFIED;
		}
		rec->flags = flags;
	}
}

/*
 * The change @failed could not be made. Move all sites from where they are now (old_form) back to
 * what the records say, which have not been changed yet. Some sites may have been called in
 * between, so this waits as detaching does, until no thread is inside what was to be attached.
 */
static void undo(struct ftrace_update *u, const struct ftrace_change *failed)
{
	unsigned int i;

	for (i = 0; i < u->nr; i++) {
		struct ftrace_change *change = &u->changes[i];

		change->new_form = ftrace_current_form(change->rec, change->ip);
		change->old_direct =
			ftrace_direct_unless_kept(change->new_set, dyn_ftrace_set(change->rec));
	}
	/* If it was the second of two steps that failed, the sites are as the first left them. */
	if (changes_text(u))
		arch_ftrace_patch(u->changes, u->nr);
	report_unwritten(failed->ip);
	ftrace_wait_until_left(u->changes, u->nr, u->redirects);
}

int ftrace_update_apply(struct ftrace_update *u)
{
	const struct ftrace_change *failed;
	int err = verify(u);

	if (err)
		return err;
	/*
	 * The forms can be equal although the sets differ, for example while the switch is off.
	 * Then only the records change.
	 */
	failed = patch_towards_regs(u);
	if (!failed && changes_text(u))
		failed = arch_ftrace_patch(u->changes, u->nr);
	if (failed) {
		undo(u, failed);
		return -EFAULT;
	}
	commit_to_records(u);
	return 0;
}
