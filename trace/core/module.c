/* SPDX-License-Identifier: MIT */
/*
 * Modules come and go. A module's sites become a group of records of their own, and registered ops
 * that match are attached before its first instruction runs. The kernel's own start-up code goes as
 * well, after boot. The functions are declared in kernel/trace_hooks.h.
 */
#include "trace/core/jump.h"
#include "trace/core/ops.h"
#include "trace/core/pattern.h"
#include "trace/core/reclaim.h"
#include "trace/core/set.h"
#include "trace/core/share.h"
#include "trace/core/update.h"
#include "trace/kernel.h"

#define QUIET_MS 5000

/*
 * First all filters get the functions that they waited for, and only then ops are attached, because
 * several ops may share filters. After an error the filters wait again.
 */
static int attach_all(const char *name, const struct ftrace_group *group)
{
	struct ftrace_ops *ops = NULL;
	int err = 0;

	while (!err && (ops = ftrace_ops_next_looked_after(ops)))
		err = ftrace_filters_resolve(ftrace_ops_filters(ops), name);
	for (ops = NULL; group && !err && (ops = ftrace_ops_next(ops));)
		err = ftrace_update_group(ops, group);
	for (ops = NULL; (ops = ftrace_ops_next_looked_after(ops));)
		ftrace_filters_resolved(ftrace_ops_filters(ops), err);
	return err;
}

/* Make the module's group of records and put it into the table. Returns 0, -EINVAL or -ENOMEM. */
static int add_group(const char *name, unsigned long *sites, unsigned int nr,
		     struct ftrace_group **result, unsigned int *dropped)
{
	struct ftrace_group *group = ftrace_group_make(sites, nr, dropped);

	if (!group || !group->nr) {
		ftrace_group_free(group);
		return group ? -EINVAL : -ENOMEM;
	}
	group->module = name;
	ftrace_group_add(group);
	*result = group;
	return 0;
}

static void forget_records(const struct dyn_ftrace *recs, unsigned int nr)
{
	for (unsigned int i = 0; i < nr; i++)
		ftrace_set_put(dyn_ftrace_set(&recs[i]));
	ftrace_forget_sites(recs, nr);
}

/* Take @group out of the table, remove its sites from all filters, and free it. */
static void remove_group(struct ftrace_group *group)
{
	ftrace_group_unlink(group);
	forget_records(group->recs, group->nr);
	ftrace_group_free(group);
	ftrace_share_settle();
	ftrace_ops_drop_idle();
}

int ftrace_module_coming(const char *name, unsigned long *sites, unsigned int nr,
			 struct ftrace_group **result)
{
	unsigned int dropped = 0;
	int err = 0;

	*result = NULL;
	mutex_lock(&ftrace_lock);
	/* A module without sites has no group, but there may be filters that wait for it. */
	if (nr)
		err = add_group(name, sites, nr, result, &dropped);
	if (!err)
		err = attach_all(name, *result);
	if (err && *result) {
		remove_group(*result);
		*result = NULL;
	}
	mutex_unlock(&ftrace_lock);
	if (err == -EINVAL)
		pr_err("ftrace: %s: its sites are not what this kernel's compiler makes\n", name);
	else if (err)
		pr_err("ftrace: %s: what is registered cannot be attached: error %d\n", name, err);
	else if (dropped)
		pr_warn("ftrace: %s: %u sites of %u dropped\n", name, dropped, nr);
	return err;
}

/* Would the tracer read or call anything in [start, end) for @ops? */
static bool has_anything_in(const struct ftrace_ops *ops, unsigned long start, unsigned long end)
{
	const unsigned long places[] = {
		(unsigned long)ops, (unsigned long)ops->func, (unsigned long)ops->ops_func,
		(unsigned long)ops->func_hash, ops->direct_call
	};
	const struct ftrace_hash *filter = ops->local_hash.filter_hash;
	unsigned long ip;
	unsigned int i;

	/* One unsigned comparison is enough: an address below start becomes a very large number. */
	for (i = 0; i < ARRAY_SIZE(places); i++) {
		if (places[i] - start < end - start)
			return true;
	}
	ftrace_hash_for_each(ip, i, filter) {
		if (ftrace_hash_direct(filter, ip) - start < end - start)
			return true;
	}
	return false;
}

static void forget_filters(struct ftrace_ops *ops)
{
	ops->flags &= ~FTRACE_OPS_FL_DIRECT;
	ops->direct_call = 0;
	ftrace_filters_free(ops);
}

bool ftrace_module_stop_ops(const char *name, unsigned long start, unsigned long end)
{
	struct ftrace_ops *ops = NULL, *next;
	LIST_HEAD(stopped);
	bool all = true;

	mutex_lock(&ftrace_lock);
	for (next = ftrace_ops_next(NULL); (ops = next);) {
		next = ftrace_ops_next(ops);
		if (!has_anything_in(ops, start, end))
			continue;
		if (ftrace_ops_stop(ops)) {
			all = false;
			continue;
		}
		pr_warn("ftrace: %s left %ps registered: taken back\n", name,
			ftrace_ops_subject(ops));
		list_add(&ops->list, &stopped);
	}
	/*
	 * Filters are freed after all are stopped, because one ops may use the filters of another.
	 */
	list_for_each_entry_safe(ops, next, &stopped, list)
		forget_filters(ops);
	mutex_unlock(&ftrace_lock);
	return all;
}

bool ftrace_module_going(struct ftrace_group *group, unsigned long start, unsigned long end)
{
	if (!ftrace_wait_until_quiet(start, end, QUIET_MS))
		return false;
	if (!group)
		return true;
	mutex_lock(&ftrace_lock);
	remove_group(group);
	ftrace_sets_reclaim();
	mutex_unlock(&ftrace_lock);
	return true;
}

/* Only the kernel's own group can lose a part of its sites: a module's text is freed as a whole. */
void ftrace_free_mem(unsigned long start, unsigned long end)
{
	struct ftrace_group *group = ftrace_groups;
	unsigned int from = 0, to;

	ftrace_jumps_free_mem(start, end);
	if (!group)
		return;
	mutex_lock(&ftrace_lock);
	/* Records are in address order, so those that go follow each other. */
	while (from < group->nr && dyn_ftrace_ip(&group->recs[from]) < start)
		from++;
	for (to = from; to < group->nr && dyn_ftrace_ip(&group->recs[to]) < end;)
		to++;
	forget_records(&group->recs[from], to - from);
	/* The memory of those that went stays with the table. */
	memmove(&group->recs[from], &group->recs[to], (group->nr - to) * sizeof(*group->recs));
	ftrace_nr_records -= to - from;
	group->nr -= to - from;
	mutex_unlock(&ftrace_lock);
}
