/* SPDX-License-Identifier: MIT */
/*
 * One transaction over sites: collect what changes, make the new sets, verify
 * that every site holds what it should, patch, and only then touch the records.
 * Until the patcher starts a failure has nothing to undo; the patcher itself puts
 * back what it wrote (DESIGN rule 5).
 *
 *	collect -> verify -> patch -> commit -> wait for threads -> reclaim
 */
#include "trace/update.h"
#include "kernel/bug.h"
#include "kernel/errno.h"
#include "kernel/mm.h"
#include "trace/hash.h"
#include "trace/patch_fault.h"
#include "trace/reclaim.h"

int ftrace_patch_faults = -1;
u64 ftrace_updates, ftrace_sites_changed;

typedef int (*new_set_func_t)(struct ftrace_set *old, struct ftrace_ops *ops,
			      struct ftrace_set **result);

struct update {
	struct ftrace_change *changes;
	unsigned int nr, capacity;
	struct ftrace_ops *ops;
	const struct ftrace_ops_hash *from, *to;
	/* The last answer of set_with/without: neighbouring sites mostly share their set. */
	new_set_func_t last_func;
	struct ftrace_set *last_old, *last_new;
};

static bool attaches(const struct ftrace_ops_hash *filters, unsigned long ip)
{
	return filters && ftrace_filters_match(filters->filter_hash, filters->notrace_hash, ip);
}

static bool attaches_by_list(const struct ftrace_ops_hash *filters)
{
	return !filters || !ftrace_hash_empty(filters->filter_hash);
}

static struct ftrace_form current_form(const struct dyn_ftrace *rec, unsigned long ip)
{
	return arch_ftrace_form(ip, rec->flags & FTRACE_FL_ENABLED ? dyn_ftrace_set(rec) : NULL);
}

/* Note that @rec's set becomes func(set, ops). */
static int add_change(struct update *u, struct dyn_ftrace *rec, new_set_func_t func)
{
	struct ftrace_set *old = dyn_ftrace_set(rec);
	unsigned long ip = dyn_ftrace_ip(rec);
	struct ftrace_change *change = &u->changes[u->nr];

	if (func != u->last_func || old != u->last_old) {
		int err = func(old, u->ops, &u->last_new);

		if (err) {
			u->last_func = NULL;
			return err;
		}
		u->last_func = func;
		u->last_old = old;
	}
	BUG_ON(u->nr == u->capacity);
	change->rec = rec;
	change->ip = ip;
	change->new_set = u->last_new;
	change->old_form = current_form(rec, ip);
	change->new_form = arch_ftrace_form(ip, u->last_new);
	u->nr++;
	return 0;
}

static int consider(struct update *u, struct dyn_ftrace *rec)
{
	unsigned long ip = dyn_ftrace_ip(rec);
	bool was = attaches(u->from, ip), will = attaches(u->to, ip);

	if (was == will || rec->flags & FTRACE_FL_DISABLED)
		return 0;
	return add_change(u, rec, will ? ftrace_set_with : ftrace_set_without);
}

/* Room for @capacity changes; the all-sites case is too much for the page allocator's largest block. */
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

/* Shell sort: lists are short, or come out of a hash in no order at all. */
static void sort_changes(struct ftrace_change *v, unsigned int nr)
{
	unsigned int gap, i, j;

	for (gap = 1; gap < nr / 3; gap = 3 * gap + 1)
		;
	for (; gap > 0; gap /= 3) {
		for (i = gap; i < nr; i++) {
			struct ftrace_change moving = v[i];

			for (j = i; j >= gap && v[j - gap].ip > moving.ip; j -= gap)
				v[j] = v[j - gap];
			v[j] = moving;
		}
	}
}

static int collect_all(struct update *u)
{
	struct ftrace_cursor cursor;
	struct dyn_ftrace *rec;
	int err = update_start(u, ftrace_nr_records);

	if (err)
		return err;
	ftrace_for_each_record(cursor, rec) {
		err = consider(u, rec);
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
		if (rec && (err = consider(u, rec)))
			return err;
	}
	ftrace_hash_for_each(ip, i, to) {
		rec = ftrace_hash_contains(from, ip) ? NULL : ftrace_find_record(ip);
		if (rec && (err = consider(u, rec)))
			return err;
	}
	sort_changes(u->changes, u->nr);
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

static void report(const struct ftrace_change *change, const struct ftrace_form *found)
{
	char expected_text[48], found_text[48];

	pr_err("ftrace: %ps at %lx: expected <%s>, found <%s>; nothing was changed\n",
	       (void *)change->ip, change->ip,
	       describe_form(expected_text, sizeof(expected_text), &change->old_form),
	       describe_form(found_text, sizeof(found_text), found));
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
		if (!same_form(&found, &change->old_form)) {
			report(change, &found);
			return -EINVAL;
		}
	}
	return 0;
}

static bool wants_regs(const struct ftrace_set *set)
{
	return set && set->flags & FTRACE_SET_REGS;
}

/*
 * Where the set is reached by a literal, a thread that entered the trampoline for plain callbacks could load
 * a literal whose callbacks count on saved registers. So such sites first change only their
 * instruction, and the literal when nobody is in the old trampoline any more.
 */
static int patch_towards_regs(struct update *u)
{
	unsigned int i, nr = 0;
	int err;

	for (i = 0; i < u->nr; i++) {
		struct ftrace_change *change = &u->changes[i];

		if (change->old_form.literal && wants_regs(change->new_set) &&
		    change->rec->flags & FTRACE_FL_ENABLED &&
		    !wants_regs(dyn_ftrace_set(change->rec)))
			nr++;
	}
	if (!nr)
		return 0;
	for (i = 0; i < u->nr; i++) {
		struct ftrace_change *change = &u->changes[i];

		/* A site that leaves such callbacks in the same update must keep its trampoline until then. */
		if (wants_regs(change->new_set))
			change->new_form.literal = change->old_form.literal;
		else
			change->new_form = change->old_form;
	}
	err = arch_ftrace_patch(u->changes, u->nr);
	if (!err)
		ftrace_wait_until_left(u->changes, u->nr, 0);
	for (i = 0; i < u->nr; i++) {
		struct ftrace_change *change = &u->changes[i];

		if (!err)
			change->old_form = change->new_form;
		change->new_form = arch_ftrace_form(change->ip, change->new_set);
	}
	return err;
}

static void commit(struct update *u)
{
	unsigned int i;

	for (i = 0; i < u->nr; i++) {
		struct ftrace_set *set = u->changes[i].new_set;
		struct dyn_ftrace *rec = u->changes[i].rec;
		u32 flags = rec->flags & (FTRACE_FL_MODIFIED | FTRACE_FL_TOUCHED | FTRACE_FL_DISABLED);

		ftrace_set_get(set);
		ftrace_set_put(dyn_ftrace_set(rec));
		if (set) {
			flags |= FTRACE_FL_ENABLED | FTRACE_FL_TOUCHED | set->index;
			if (set->direct || set->flags & FTRACE_SET_IPMODIFY)
				flags |= FTRACE_FL_MODIFIED;
		}
		rec->flags = flags;
	}
	ftrace_updates += u->nr > 0;
	ftrace_sites_changed += u->nr;
}

/* From wherever the sites are now (old_form) back to what the records, not yet changed, say. */
static void patch_back(struct update *u)
{
	unsigned int i;

	for (i = 0; i < u->nr; i++)
		u->changes[i].new_form = current_form(u->changes[i].rec, u->changes[i].ip);
	arch_ftrace_patch(u->changes, u->nr);
}

static int apply(struct update *u)
{
	int err = verify(u);

	if (!err)
		err = patch_towards_regs(u);
	if (err)
		return err;
	err = arch_ftrace_patch(u->changes, u->nr);
	if (err)
		patch_back(u);		/* the second half failed: undo the first */
	else
		commit(u);
	return err;
}

int ftrace_update_ops(struct ftrace_ops *ops, const struct ftrace_ops_hash *from,
		      const struct ftrace_ops_hash *to)
{
	struct update u = { .ops = ops, .from = from, .to = to };
	int err = attaches_by_list(from) && attaches_by_list(to) ? collect_list(&u) : collect_all(&u);

	if (!err)
		err = apply(&u);
	if (!err && from)
		ftrace_wait_until_left(u.changes, u.nr, ops->direct_call);
	update_end(&u);
	return err;
}

int ftrace_update_direct(struct ftrace_ops *ops, unsigned long old_direct)
{
	const struct ftrace_hash *filter = ops->local_hash.filter_hash;
	struct update u = { .ops = ops };
	unsigned long ip;
	unsigned int i;
	int err = update_start(&u, ftrace_hash_count(filter));

	ftrace_hash_for_each(ip, i, filter) {
		struct dyn_ftrace *rec = err ? NULL : ftrace_find_record(ip);

		if (rec && attaches(&ops->local_hash, ip))
			err = add_change(&u, rec, ftrace_set_redirected);
	}
	if (!err) {
		sort_changes(u.changes, u.nr);
		err = apply(&u);
	}
	if (!err)
		ftrace_wait_until_left(u.changes, u.nr, old_direct);
	update_end(&u);
	return err;
}

/* Nothing runs these sites yet, so nobody can be inside. */
int ftrace_update_group(struct ftrace_ops *ops, const struct ftrace_group *group)
{
	struct update u = { .ops = ops, .to = &ops->local_hash };
	int err = update_start(&u, group->nr);

	for (unsigned int i = 0; !err && i < group->nr; i++)
		err = consider(&u, &group->recs[i]);
	if (!err)
		err = apply(&u);
	update_end(&u);
	return err;
}
