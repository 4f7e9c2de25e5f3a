/* SPDX-License-Identifier: MIT */
/*
 * The list of registered ops, latest first; and the ops whose filters are looked after even while
 * they are not registered, because they too must lose the sites of a module that goes.
 */
#include "trace/core/ops_list.h"
#include "trace/core/records.h"
#include "trace/kernel.h"

static LIST_HEAD(registered);
static struct ftrace_ops *kept;

const void *ftrace_ops_subject(const struct ftrace_ops *ops)
{
	unsigned long code = ops->func ? (unsigned long)ops->func : ops->direct_call;

	return code ? (const void *)code : ops;
}

int ftrace_refuse(const struct ftrace_ops *ops, const char *why, int err)
{
	pr_warn("ftrace: %ps: %s: error %d\n", ftrace_ops_subject(ops), why, err);
	return err;
}

int ftrace_check_code(const struct ftrace_ops *ops, const char *what, unsigned long addr)
{
	const char *problem = code_address_problem(addr);

	if (!problem)
		return 0;
	pr_warn("ftrace: %ps: %s at 0x%lx: %s: error %d\n", (const void *)ops, what, addr, problem,
		-EINVAL);
	return -EINVAL;
}

int ftrace_ops_check_filters(const struct ftrace_ops *ops, const struct ftrace_ops_hash *filters)
{
	if (ops->flags & FTRACE_OPS_FL_DIRECT)
		return ftrace_refuse(ops, "filters of a registered direct call stay", -EBUSY);
	/*
	 * An ops that changes where every function resumes makes no sense, and a notrace filter
	 * would hide which functions it changes.
	 */
	if (ops->flags & FTRACE_OPS_FL_IPMODIFY && (ftrace_hash_is_empty(filters->filter_hash) ||
						    !ftrace_hash_is_empty(filters->notrace_hash)))
		return ftrace_refuse(ops, "IPMODIFY needs a filter, and no notrace filter",
				     -EINVAL);
	return 0;
}

struct ftrace_ops *ftrace_ops_next(struct ftrace_ops *ops)
{
	struct list_head *next = ops ? ops->list.next : registered.next;

	return next == &registered ? NULL : list_entry(next, struct ftrace_ops, list);
}

void ftrace_ops_list_add(struct ftrace_ops *ops)
{
	lockdep_assert_held(&ftrace_lock);
	list_add(&ops->list, &registered);
}

void ftrace_filters_free(struct ftrace_ops *ops)
{
	ops->func_hash = NULL;
	ftrace_hash_free(ops->local_hash.filter_hash);
	ftrace_hash_free(ops->local_hash.notrace_hash);
	ops->local_hash = (struct ftrace_ops_hash){ NULL, NULL };
	ops->flags &= ~FTRACE_OPS_FL_INITIALIZED;
}

/*
 * Removes @nr sites from @hash, by walking the shorter of the two lists. Returns true if some were
 * in it.
 */
static bool forget_in(struct ftrace_hash *hash, const struct dyn_ftrace *recs, unsigned int nr)
{
	unsigned long first = dyn_ftrace_ip(&recs[0]), last = dyn_ftrace_ip(&recs[nr - 1]);
	unsigned int i = 0, count = ftrace_hash_count(hash);

	if (!count)
		return false;
	if (1u << hash->bits > nr) {
		for (; i < nr; i++)
			ftrace_hash_remove(hash, dyn_ftrace_ip(&recs[i]));
		return hash->count < count;
	}
	/* What ftrace_hash_remove() moves comes from further on, and may come to this very slot. */
	while (i < 1u << hash->bits) {
		if (hash->slots[i] >= first && hash->slots[i] <= last)
			ftrace_hash_remove(hash, hash->slots[i]);
		else
			i++;
	}
	return hash->count < count;
}

void ftrace_keep_filters(struct ftrace_ops *ops)
{
	mutex_lock(&ftrace_lock);
	ops->next_kept = kept;
	kept = ops;
	mutex_unlock(&ftrace_lock);
}

void ftrace_drop_filters(struct ftrace_ops *ops)
{
	struct ftrace_ops **link = &kept;

	mutex_lock(&ftrace_lock);
	while (*link != ops)
		link = &(*link)->next_kept;
	*link = ops->next_kept;
	if (ops->flags & FTRACE_OPS_FL_ENABLED)
		ftrace_refuse(ops, "registered: its filters stay", -EBUSY);
	else
		ftrace_filters_free(ops);
	mutex_unlock(&ftrace_lock);
}

struct ftrace_ops *ftrace_ops_next_looked_after(struct ftrace_ops *ops)
{
	bool idle = ops && !(ops->flags & FTRACE_OPS_FL_ENABLED);
	struct ftrace_ops *next = idle ? NULL : ftrace_ops_next(ops);

	if (next)
		return next;
	next = idle ? ops->next_kept : kept;
	while (next && next->flags & FTRACE_OPS_FL_ENABLED)
		next = next->next_kept;
	return next;
}

void ftrace_forget_sites(const struct dyn_ftrace *recs, unsigned int nr)
{
	struct ftrace_ops *ops = NULL;

	lockdep_assert_held(&ftrace_lock);
	WRITE_ONCE(ftrace_nr_forgotten, ftrace_nr_forgotten + 1);
	while (nr && (ops = ftrace_ops_next_looked_after(ops))) {
		const struct ftrace_ops_hash *filters = ftrace_ops_filters(ops);

		if (forget_in(filters->filter_hash, recs, nr))
			filters->filter_hash->emptied = true;
		forget_in(filters->notrace_hash, recs, nr);
	}
}
