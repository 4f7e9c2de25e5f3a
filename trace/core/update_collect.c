/* SPDX-License-Identifier: MIT */
/*
 * The first part of a transaction over sites: which sites change, and what each gets. The new sets
 * and both forms of every site are made here, so that nothing behind this needs memory.
 */
#include "trace/core/reclaim.h"
#include "trace/core/transaction.h"
#include "trace/kernel.h"

static bool attaches(const struct ftrace_ops_hash *filters, unsigned long ip)
{
	return filters && ftrace_filters_match(filters->filter_hash, filters->notrace_hash, ip);
}

static bool attaches_by_list(const struct ftrace_ops_hash *filters)
{
	return !filters || !ftrace_hash_is_empty(filters->filter_hash);
}

/* Find or make the set that @step leads to, and put it into u->last_new. */
static int make_next_set(struct ftrace_update *u, const struct ftrace_step *step)
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
	while (!err && (ops = ftrace_update_next_moved(u, ops))) {
		if (step->with)
			err = ftrace_set_with(u->last_new, ops, step->direct, &u->last_new);
		else
			err = ftrace_set_without(u->last_new, ops, &u->last_new);
	}
	u->has_last = !err;
	u->last = *step;
	return err;
}

static bool changes_resume(const struct ftrace_set *set)
{
	return set && set->flags & FTRACE_SET_IPMODIFY;
}

/* Add the change of @rec to the update. */
static int add_change(struct ftrace_update *u, struct dyn_ftrace *rec, bool with,
		      unsigned long direct)
{
	const struct ftrace_step step = { dyn_ftrace_set(rec), with, direct };
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
	change->old_direct = ftrace_direct_unless_kept(step.old, change->new_set);
	change->old_form = ftrace_current_form(rec, ip);
	change->new_form = ftrace_wanted_form(u, ip, change->new_set);
	u->redirects |= changes_resume(step.old) || changes_resume(change->new_set);
	u->nr++;
	return 0;
}

static int note_change(struct ftrace_update *u, struct dyn_ftrace *rec)
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
static int update_start(struct ftrace_update *u, unsigned int capacity)
{
	size_t size = max(capacity, 1u) * sizeof(*u->changes);

	u->capacity = capacity;
	u->changes = size <= PAGE_SIZE ? kmalloc(size, GFP_KERNEL) : vmalloc(size);
	return u->changes ? 0 : -ENOMEM;
}

void ftrace_update_end(struct ftrace_update *u)
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

static void sort_changes(struct ftrace_update *u)
{
	sort(u->changes, u->nr, sizeof(*u->changes), compare_changes, NULL);
}

static int collect_all(struct ftrace_update *u)
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
static bool may_change(const struct ftrace_update *u, unsigned long ip)
{
	bool was = attaches(u->from, ip), will = attaches(u->to, ip);

	return was != will || (will && ftrace_ops_direct(u->ops, u->to, ip));
}

static int note_listed(struct ftrace_update *u, unsigned long ip)
{
	/* Of a long filter that loses or gets one name all others stay: these need no search. */
	struct dyn_ftrace *rec = may_change(u, ip) ? ftrace_find_record(ip) : NULL;

	return rec ? note_change(u, rec) : 0;
}

static int collect_list(struct ftrace_update *u)
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
static bool is_long_list(const struct ftrace_update *u)
{
	const struct ftrace_ops_hash *filters = u->from ? u->from : u->to;

	return !(u->from && u->to) && filters->filter_hash->count > ftrace_nr_records / 16;
}

int ftrace_update_collect(struct ftrace_update *u)
{
	if (!attaches_by_list(u->from) || !attaches_by_list(u->to) || is_long_list(u))
		return collect_all(u);
	return collect_list(u);
}

static int note_all_of(struct ftrace_update *u, const struct ftrace_group *group)
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
int ftrace_update_collect_group(struct ftrace_update *u, const struct ftrace_group *group)
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

int ftrace_update_collect_attached(struct ftrace_update *u)
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
