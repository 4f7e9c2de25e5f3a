/* SPDX-License-Identifier: MIT */
/*
 * Modules come and go: their sites become a group of records of their own, and what is
 * registered and matches is attached before their first instruction runs.
 */
#include "kernel/errno.h"
#include "kernel/printk.h"
#include "kernel/sched.h"
#include "kernel/time.h"
#include "kernel/trace_hooks.h"
#include "trace/ops.h"
#include "trace/reclaim.h"
#include "trace/update.h"

#define QUIET_MS 5000

static int attach_all(const struct ftrace_group *group)
{
	struct ftrace_ops *ops = NULL;
	int err = 0;

	while (!err && (ops = ftrace_ops_next(ops))) {
		err = ftrace_filters_module(ftrace_ops_filters(ops), group);
		if (!err)
			err = ftrace_update_group(ops, group);
	}
	return err;
}

int ftrace_module_coming(const char *name, unsigned long *sites, unsigned int nr,
			 struct ftrace_group **result)
{
	struct ftrace_group *group;
	unsigned int dropped;
	int err;

	*result = NULL;
	if (!nr)
		return 0;
	mutex_lock(&ftrace_lock);
	group = ftrace_group_make(sites, nr, &dropped);
	if (!group || !group->nr) {
		err = group ? -EINVAL : -ENOMEM;
		ftrace_group_free(group);
	} else {
		ftrace_group_add(group);
		err = attach_all(group);
		if (err)
			ftrace_group_remove(group);
		else
			*result = group;
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

/* Would the tracer read, or call, something in [start, end) for @ops? */
static bool uses(const struct ftrace_ops *ops, unsigned long start, unsigned long end)
{
	const unsigned long places[] = {
		(unsigned long)ops, (unsigned long)ops->func, (unsigned long)ops->ops_func,
		(unsigned long)ops->func_hash, ops->direct_call
	};
	const struct ftrace_hash *filter = ops->local_hash.filter_hash;
	unsigned long ip;
	unsigned int i;

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
		if (!uses(ops, start, end))
			continue;
		if (ftrace_ops_stop(ops)) {
			all = false;
			continue;
		}
		pr_warn("ftrace: %s left %ps registered: taken back\n", name, (void *)(ops->func ?
			(unsigned long)ops->func : ops->direct_call));
		list_add(&ops->list, &stopped);
	}
	/* Not before all are stopped: one may have the filters of another. */
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
	ftrace_group_remove(group);
	ftrace_sets_reclaim();
	mutex_unlock(&ftrace_lock);
	return true;
}
