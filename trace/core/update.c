/* SPDX-License-Identifier: MIT */
/*
 * One transaction over sites: collect what changes, make the new sets, verify
 * that every site holds what it should, patch, and only then touch the records.
 * Until the patcher starts a failure has nothing to undo; the patcher itself puts
 * back what it wrote (docs/design.md, "Rules").
 *
 *	collect -> verify -> patch -> commit -> wait for threads -> reclaim
 */
#include "trace/core/update.h"
#include "trace/core/ops_list.h"
#include "trace/core/patch_fault.h"
#include "trace/core/reclaim.h"
#include "trace/core/set.h"
#include "trace/core/share.h"
#include "trace/kernel.h"

int ftrace_patch_faults = -1;

static bool enabled = true; /* the switch; off, every site is a NOP, whatever its record's set */

/*
 * What becomes of a set: the ops are in it, a direct one with the address @direct; or they are not.
 */
struct step {
	struct ftrace_set *old;
	bool with;
	unsigned long direct;
};

struct update {
	struct ftrace_change *changes;
	unsigned int nr, capacity;
	struct ftrace_ops *ops;		/* NULL: all sets stay */
	bool redirects;	/* some site has or gets a callback that changes where it resumes */
	bool shared;	/* all registered ops with filters @from move, not @ops alone */
	const struct ftrace_ops_hash *from, *to;
	/* The last answer of set_with/without: neighbouring sites mostly share their set. */
	bool has_last;
	struct step last;
	struct ftrace_set *last_new;
};

static bool attaches(const struct ftrace_ops_hash *filters, unsigned long ip)
{
	return filters && ftrace_filters_match(filters->filter_hash, filters->notrace_hash, ip);
}

static bool attaches_by_list(const struct ftrace_ops_hash *filters)
{
	return !filters || !ftrace_hash_is_empty(filters->filter_hash);
}

static struct ftrace_form current_form(const struct dyn_ftrace *rec, unsigned long ip)
{
	return arch_ftrace_form(ip, rec->flags & FTRACE_FL_ENABLED ? dyn_ftrace_set(rec) : NULL);
}

static struct ftrace_form wanted_form(unsigned long ip, const struct ftrace_set *set)
{
	return arch_ftrace_form(ip, enabled ? set : NULL);
}

/*
 * Of the ops that this update moves, the next one after @ops. NULL asks for the first; ends with
 * NULL.
 */
static struct ftrace_ops *next_moved(const struct update *u, struct ftrace_ops *ops)
{
	if (!u->shared)
		return ops ? NULL : u->ops;
	do {
		ops = ftrace_ops_next(ops);
	} while (ops && ftrace_ops_filters(ops) != u->from);
	return ops;
}

/* Make the set that @step ends at, for u->last_new. */
static int make_next_set(struct update *u, const struct step *step)
{
	struct ftrace_ops *ops = NULL;
	int err = 0;

	if (u->has_last && step->old == u->last.old && step->with == u->last.with &&
	    step->direct == u->last.direct)
		return 0;
	/* With shared filters several ops move at once: each takes the set one step further. */
	u->last_new = step->old;
	while (!err && (ops = next_moved(u, ops))) {
		if (step->with)
			err = ftrace_set_with(u->last_new, ops, step->direct, &u->last_new);
		else
			err = ftrace_set_without(u->last_new, ops, &u->last_new);
	}
	u->has_last = !err;
	u->last = *step;
	return err;
}

/* The direct function that a site loses by going from @from to @to; 0: none. */
static unsigned long direct_unless_kept(const struct ftrace_set *from, const struct ftrace_set *to)
{
	return from && (!to || to->direct != from->direct) ? from->direct : 0;
}

static bool changes_resume(const struct ftrace_set *set)
{
	return set && set->flags & FTRACE_SET_IPMODIFY;
}

/* Note what becomes of @rec. */
static int add_change(struct update *u, struct dyn_ftrace *rec, bool with, unsigned long direct)
{
	const struct step step = { dyn_ftrace_set(rec), with, direct };
	unsigned long ip = dyn_ftrace_ip(rec);
	struct ftrace_change *change = &u->changes[u->nr];
	int err = make_next_set(u, &step);

	if (err == -EBUSY)
		pr_warn("ftrace: %ps has %s already; nothing was changed\n", (void *)ip,
			u->ops->flags & FTRACE_OPS_FL_DIRECT ? "a direct function" :
			"a callback that changes where it resumes");
	if (err)
		return err;
	BUG_ON(u->nr == u->capacity);
	*change = (struct ftrace_change){ .rec = rec, .ip = ip, .new_set = u->last_new };
	/* Both forms are worked out now: patching and undoing must not need memory or fail. */
	change->old_direct = direct_unless_kept(step.old, change->new_set);
	change->old_form = current_form(rec, ip);
	change->new_form = wanted_form(ip, change->new_set);
	u->redirects |= changes_resume(step.old) || changes_resume(change->new_set);
	u->nr++;
	return 0;
}

static int note_change(struct update *u, struct dyn_ftrace *rec)
{
	unsigned long ip = dyn_ftrace_ip(rec);
	bool was = attaches(u->from, ip), will = attaches(u->to, ip);
	unsigned long direct = will ? ftrace_ops_direct(u->ops, u->to, ip) : 0;

	if (rec->flags & FTRACE_FL_DISABLED)
		return 0;
	if (was == will && (!direct || direct == dyn_ftrace_set(rec)->direct))
		return 0;
	return add_change(u, rec, will, direct);
}

/*
 * Room for @capacity changes; the all-sites case is too much for the page allocator's largest
 * block.
 */
static int update_start(struct update *u, unsigned int capacity)
{
	size_t size = max(capacity, 1u) * sizeof(*u->changes);

	u->capacity = capacity;
	u->changes = size <= PAGE_SIZE ? kmalloc(size, GFP_KERNEL) : vmalloc(size);
	return u->changes ? 0 : -ENOMEM;
}

static void update_end(struct update *u)
{
	if (max(u->capacity, 1u) * sizeof(*u->changes) <= PAGE_SIZE)
		kfree(u->changes);
	else
		vfree(u->changes);
	ftrace_sets_reclaim();
}

static int compare_changes(const void *a, const void *b)
{
	unsigned long first = ((const struct ftrace_change *)a)->ip;
	unsigned long second = ((const struct ftrace_change *)b)->ip;

	return (first > second) - (first < second);
}

static int collect_all(struct update *u)
{
	struct ftrace_cursor cursor;
	struct dyn_ftrace *rec;
	int err = update_start(u, ftrace_nr_records);

	if (err)
		return err;
	/* Records are in address order, so the changes need no sorting. */
	ftrace_for_each_record(cursor, rec) {
		err = note_change(u, rec);
		if (err)
			break;
	}
	return err;
}

static int collect_list(struct update *u)
{
	const struct ftrace_hash *from = u->from ? u->from->filter_hash : NULL;
	const struct ftrace_hash *to = u->to ? u->to->filter_hash : NULL;
	struct dyn_ftrace *rec;
	unsigned long ip;
	unsigned int i;
	int err = update_start(u, ftrace_hash_count(from) + ftrace_hash_count(to));

	if (err)
		return err;
	ftrace_hash_for_each(ip, i, from) {
		rec = ftrace_find_record(ip);
		if (rec && (err = note_change(u, rec)))
			return err;
	}
	/* What both filters name was noted above. */
	ftrace_hash_for_each(ip, i, to) {
		rec = ftrace_hash_contains(from, ip) ? NULL : ftrace_find_record(ip);
		if (rec && (err = note_change(u, rec)))
			return err;
	}
	sort(u->changes, u->nr, sizeof(*u->changes), compare_changes, NULL);
	return 0;
}

static bool same_form(const struct ftrace_form *a, const struct ftrace_form *b)
{
	return a->insn == b->insn && a->literal == b->literal;
}

/* The instruction's bytes as they lie in memory, and the literal where there is one. */
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

/* After undoing: what the site holds now shows whether it is as it was. */
static void report_unwritten(unsigned long ip)
{
	struct ftrace_form form;
	char text[48];
	const char *holds = arch_ftrace_read(ip, &form) ? "what cannot be read" :
			    describe_form(text, sizeof(text), &form);

	pr_err("ftrace: %ps at %lx could not be written; it holds <%s>; nothing was changed\n",
	       (void *)ip, ip, holds);
}

static int verify(const struct update *u)
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
		 * Somebody else has written there: patching would destroy that, or what it means.
		 */
		if (!same_form(&found, &change->old_form)) {
			report_foreign(change->ip, &change->old_form, &found);
			return -EINVAL;
		}
	}
	return 0;
}

static bool changes_text(const struct update *u)
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
 * Where the set is reached by a literal, a thread that entered the trampoline for plain callbacks
 * could load a literal whose callbacks count on saved registers. So such sites first change only
 * their instruction, and the literal when nobody is in the old trampoline any more.
 */
static const struct ftrace_change *patch_towards_regs(struct update *u)
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
		 * A site that leaves such callbacks in the same update must keep its trampoline
		 * until then.
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
		change->new_form = wanted_form(change->ip, change->new_set);
	}
	return failed;
}

static void commit_to_records(struct update *u)
{
	unsigned int i;

	for (i = 0; i < u->nr; i++) {
		struct ftrace_set *set = u->changes[i].new_set;
		struct dyn_ftrace *rec = u->changes[i].rec;
		u32 flags =
			rec->flags & (FTRACE_FL_MODIFIED | FTRACE_FL_TOUCHED | FTRACE_FL_DISABLED);

		ftrace_set_get(set);
		ftrace_set_put(dyn_ftrace_set(rec));
		if (set)
			flags |= set->index;
		if (set && enabled) {
			flags |= FTRACE_FL_ENABLED | FTRACE_FL_TOUCHED;
			if (set->direct || set->flags & FTRACE_SET_IPMODIFY)
				flags |= FTRACE_FL_MODIFIED;
		}
		rec->flags = flags;
	}
}

/*
 * @failed could not be changed: from wherever the sites are now (old_form) back to what the
 * records, not yet changed, say. Some may have been called meanwhile, so it ends like a detaching:
 * nobody is in what was to be attached.
 */
static void undo(struct update *u, const struct ftrace_change *failed)
{
	unsigned int i;

	for (i = 0; i < u->nr; i++) {
		struct ftrace_change *change = &u->changes[i];

		change->new_form = current_form(change->rec, change->ip);
		change->old_direct =
			direct_unless_kept(change->new_set, dyn_ftrace_set(change->rec));
	}
	if (changes_text(u))		/* the second half failed */
		arch_ftrace_patch(u->changes, u->nr);
	report_unwritten(failed->ip);
	ftrace_wait_until_left(u->changes, u->nr, u->redirects);
}

static int verify_and_patch(struct update *u)
{
	const struct ftrace_change *failed;
	int err = verify(u);

	if (err)
		return err;
	/*
	 * Sets can differ while the forms are equal, as with the switch off: only records change.
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

/* Everything else that fails has said so by now; the caller only gets a number. */
static void report_no_memory(int err)
{
	if (err == -ENOMEM)
		pr_err("ftrace: out of memory; nothing was changed\n");
}

static int update_filters(struct update *u)
{
	struct ftrace_ops *ops = NULL;
	int err = 0;

	lockdep_assert_held(&ftrace_lock);
	/* Asked before anything is collected: an ops_func may change sites by itself. */
	while (u->to && !err && (ops = next_moved(u, ops)))
		err = ftrace_share_ask(ops, u->to);
	if (!err) {
		err = attaches_by_list(u->from) && attaches_by_list(u->to) ? collect_list(u) :
		      collect_all(u);
		if (!err)
			err = verify_and_patch(u);
		if (!err && u->from)
			ftrace_wait_until_left(u->changes, u->nr, u->redirects);
		report_no_memory(err);
		update_end(u);
	}
	for (ops = next_moved(u, NULL); ops; ops = next_moved(u, ops))
		ftrace_share_done(ops, u->to, err);
	return err;
}

int ftrace_update_ops(struct ftrace_ops *ops, const struct ftrace_ops_hash *from,
		      const struct ftrace_ops_hash *to)
{
	struct update u = { .ops = ops, .from = from, .to = to };

	return update_filters(&u);
}

int ftrace_update_filters(struct ftrace_ops *ops, const struct ftrace_ops_hash *to)
{
	struct update u = {
		.ops = ops, .shared = ops->func_hash, .from = ftrace_ops_filters(ops), .to = to,
	};
	struct ftrace_ops *moved = NULL;
	int err = 0;

	if (!u.shared && !(ops->flags & FTRACE_OPS_FL_ENABLED))
		return 0;
	while (!err && (moved = next_moved(&u, moved)))
		err = ftrace_ops_check_filters(moved, to);
	return err || !next_moved(&u, NULL) ? err : update_filters(&u);
}

/* Nothing runs these sites yet, so nobody can be inside. */
int ftrace_update_group(struct ftrace_ops *ops, const struct ftrace_group *group)
{
	const struct ftrace_ops_hash *filters = ftrace_ops_filters(ops);
	struct update u = { .ops = ops, .to = filters };
	int err;

	lockdep_assert_held(&ftrace_lock);
	err = ftrace_share_ask(ops, filters);
	if (!err) {
		/* Only the new group: what the filters name elsewhere is attached already. */
		err = update_start(&u, group->nr);
		for (unsigned int i = 0; !err && i < group->nr; i++)
			err = note_change(&u, &group->recs[i]);
		if (!err)
			err = verify_and_patch(&u);
		update_end(&u);
	}
	ftrace_share_done(ops, filters, err);
	return err;
}

static int collect_attached(struct update *u)
{
	struct ftrace_cursor cursor;
	struct dyn_ftrace *rec;
	int err = update_start(u, ftrace_nr_records);

	if (err)
		return err;
	ftrace_for_each_record(cursor, rec) {
		if (dyn_ftrace_set(rec) && !(rec->flags & FTRACE_FL_DISABLED))
			add_change(u, rec, true, 0);	/* the same set: cannot fail */
	}
	return 0;
}

/*
 * Off, it waits as for any detaching: what is attached may become something else in the meantime,
 * and a thread in an old trampoline must not find that.
 */
int ftrace_update_switch(bool on)
{
	struct update u = { .ops = NULL };
	int err;

	if (on == enabled)
		return 0;
	lockdep_assert_held(&ftrace_lock);
	/* Set first, because the forms that are collected depend on it; an error puts it back. */
	enabled = on;
	err = collect_attached(&u);
	if (!err)
		err = verify_and_patch(&u);
	if (err)
		enabled = !on;
	else if (!on)
		ftrace_wait_until_left(u.changes, u.nr, u.redirects);
	report_no_memory(err);
	update_end(&u);
	return err;
}

bool ftrace_is_enabled(void)
{
	return enabled;
}
