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

static bool enabled = true; /* while it is off, every site is a NOP whatever its record says */

/*
 * How a site's set changes: from @old to the set that has the ops too (@with; a direct ops with the
 * address @direct), or to the one that does not have it.
 */
struct step {
	struct ftrace_set *old;
	bool with;
	unsigned long direct;
};

struct update {
	struct ftrace_change *changes;
	unsigned int nr, capacity;
	struct ftrace_ops *ops;		/* NULL: no set changes */
	bool redirects;	/* some site has or gets an IPMODIFY callback */
	bool shared;	/* move all registered ops whose filters are @from, not only @ops */
	const struct ftrace_ops_hash *from, *to;
	/*
	 * The step that was worked out last, and its result: neighbouring sites mostly have the
	 * same set.
	 */
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
 * Returns the next of the ops that this update moves after @ops; the first for NULL, and NULL after
 * the last.
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

/* Find or make the set that @step leads to, and put it into u->last_new. */
static int make_next_set(struct update *u, const struct step *step)
{
	struct ftrace_ops *ops = NULL;
	int err = 0;

	if (u->has_last && step->old == u->last.old && step->with == u->last.with &&
	    step->direct == u->last.direct)
		return 0;
	/*
	 * With shared filters several ops move at once, and each of them takes the set one step
	 * further.
	 */
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

/*
 * Returns the direct function that a site loses when its set @from is replaced by @to; 0 if it
 * loses none.
 */
static unsigned long direct_unless_kept(const struct ftrace_set *from, const struct ftrace_set *to)
{
	return from && (!to || to->direct != from->direct) ? from->direct : 0;
}

static bool changes_resume(const struct ftrace_set *set)
{
	return set && set->flags & FTRACE_SET_IPMODIFY;
}

/* Add the change of @rec to the update. */
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
 * Allocate room for @capacity changes. For all sites this is more than the page allocator's largest
 * block, so then vmalloc() supplies it.
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

static void sort_changes(struct update *u)
{
	sort(u->changes, u->nr, sizeof(*u->changes), compare_changes, NULL);
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

/* Does anything become of site @ip, if it is one? Only its record tells what direct ones need. */
static bool may_change(const struct update *u, unsigned long ip)
{
	bool was = attaches(u->from, ip), will = attaches(u->to, ip);

	return was != will || (will && ftrace_ops_direct(u->ops, u->to, ip));
}

static int note_listed(struct update *u, unsigned long ip)
{
	/* Of a long filter that loses or gets one name all others stay: these need no search. */
	struct dyn_ftrace *rec = may_change(u, ip) ? ftrace_find_record(ip) : NULL;

	return rec ? note_change(u, rec) : 0;
}

static int collect_list(struct update *u)
{
	const struct ftrace_hash *from = u->from ? u->from->filter_hash : NULL;
	const struct ftrace_hash *to = u->to ? u->to->filter_hash : NULL;
	unsigned long ip;
	unsigned int i;
	int err = update_start(u, ftrace_hash_count(from) + ftrace_hash_count(to));

	if (err)
		return err;
	ftrace_hash_for_each(ip, i, from) {
		err = note_listed(u, ip);
		if (err)
			return err;
	}
	/* Functions that both filters name were noted above. */
	ftrace_hash_for_each(ip, i, to) {
		err = ftrace_hash_contains(from, ip) ? 0 : note_listed(u, ip);
		if (err)
			return err;
	}
	sort_changes(u);
	return 0;
}

/*
 * Is it one filter that comes or goes, and a long list? A list is in no order: the record of each
 * entry has to be searched, and the changes sorted. From a certain length on it is cheaper to walk
 * through all records, and ask the list about each.
 */
static bool is_long_list(const struct update *u)
{
	const struct ftrace_ops_hash *filters = u->from ? u->from : u->to;

	return !(u->from && u->to) && filters->filter_hash->count > ftrace_nr_records / 16;
}

static int collect(struct update *u)
{
	if (!attaches_by_list(u->from) || !attaches_by_list(u->to) || is_long_list(u))
		return collect_all(u);
	return collect_list(u);
}

static int note_all_of(struct update *u, const struct ftrace_group *group)
{
	int err = update_start(u, group->nr);

	for (unsigned int i = 0; i < group->nr && !err; i++)
		err = note_change(u, &group->recs[i]);
	return err;
}

/*
 * Collects the changes in @group by walking the shorter of two lists. Most filters are short and
 * name nothing in a module that comes; then nothing is allocated either.
 */
static int collect_group(struct update *u, const struct ftrace_group *group)
{
	const struct ftrace_hash *filter = u->to->filter_hash;
	struct dyn_ftrace *rec;
	unsigned int i, nr = 0;
	unsigned long ip;
	int err;

	if (!attaches_by_list(u->to) || 1u << filter->bits >= group->nr)
		return note_all_of(u, group);
	/* Counted first, so that the changes need no more memory than there are of them. */
	ftrace_hash_for_each(ip, i, filter)
		nr += ftrace_group_find(group, ip) != NULL;
	err = nr ? update_start(u, nr) : 0;
	if (err)
		return err;
	ftrace_hash_for_each(ip, i, filter) {
		rec = nr ? ftrace_group_find(group, ip) : NULL;
		if (rec && (err = note_change(u, rec)))
			return err;
	}
	sort_changes(u);
	return 0;
}

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
 * Where a set is reached by a literal, a thread that entered the trampoline for plain callbacks
 * could load the new literal, whose callbacks rely on saved registers. So such sites change in two
 * steps: first only the instruction, and the literal once nobody is in the old trampoline any more.
 * Returns NULL, or the change that could not be made.
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

		/* First one more, then one less: a set that stays is not unused in between. */
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
 * The change @failed could not be made. Move all sites from where they are now (old_form) back to
 * what the records say, which have not been changed yet. Some sites may have been called in
 * between, so this waits as detaching does, until no thread is inside what was to be attached.
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
	/* If it was the second of two steps that failed, the sites are as the first left them. */
	if (changes_text(u))
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

/* Every other failure has been logged where it happened; the caller only gets a number. */
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
	/* This comes before collecting, because an ops_func may change sites itself. */
	while (u->to && !err && (ops = next_moved(u, ops)))
		err = ftrace_share_ask(ops, u->to);
	if (!err) {
		err = collect(u);
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

/* No thread has run these sites yet, so nobody can be inside and there is nothing to wait for. */
int ftrace_update_group(struct ftrace_ops *ops, const struct ftrace_group *group)
{
	const struct ftrace_ops_hash *filters = ftrace_ops_filters(ops);
	struct update u = { .ops = ops, .to = filters };
	int err;

	lockdep_assert_held(&ftrace_lock);
	err = ftrace_share_ask(ops, filters);
	if (!err) {
		/*
		 * Only the new group is looked at, because the filters' functions elsewhere are
		 * attached already.
		 */
		err = collect_group(&u, group);
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
			add_change(u, rec, true, 0);	/* it keeps its set, so this cannot fail */
	}
	return 0;
}

/*
 * Switching off waits as any detaching does: while it is off, what is attached may change, and a
 * thread that is still in an old trampoline must not come upon that.
 */
int ftrace_update_switch(bool on)
{
	struct update u = { .ops = NULL };
	int err;

	if (on == enabled)
		return 0;
	lockdep_assert_held(&ftrace_lock);
	/*
	 * This is set first because the forms that are collected depend on it; after an error it is
	 * set back.
	 */
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
