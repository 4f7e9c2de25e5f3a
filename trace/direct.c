/* SPDX-License-Identifier: MIT */
/*
 * Direct calls: an assembly function that sites call themselves, or through
 * the trampoline once callbacks share the site. A direct function is part of the
 * set, not a callback, so that it runs exactly once and after all callbacks.
 */
#include "kernel/errno.h"
#include "trace/hash.h"
#include "trace/ops.h"
#include "trace/update.h"

static int check_new(const struct ftrace_ops *ops, unsigned long addr)
{
	if (!FTRACE_HAVE_ARGS)
		return ftrace_needs_args("a direct call");
	if (!addr || ops->func || !(ops->flags & FTRACE_OPS_FL_INITIALIZED))
		return -EINVAL;
	if (ops->flags & (FTRACE_OPS_FL_ENABLED | FTRACE_OPS_FL_IPMODIFY | FTRACE_OPS_FL_SAVE_REGS))
		return -EINVAL;
	return ftrace_hash_empty(ops->local_hash.filter_hash) ? -EINVAL : 0;
}

int register_ftrace_direct(struct ftrace_ops *ops, unsigned long addr)
{
	int err;

	mutex_lock(&ftrace_lock);
	err = check_new(ops, addr);
	if (!err) {
		ops->flags |= FTRACE_OPS_FL_DIRECT;
		ops->direct_call = addr;
		err = ftrace_ops_start(ops);
		if (err) {
			ops->flags &= ~FTRACE_OPS_FL_DIRECT;
			ops->direct_call = 0;
		}
	}
	mutex_unlock(&ftrace_lock);
	return err;
}

static bool is_registered(const struct ftrace_ops *ops)
{
	const unsigned int flags = FTRACE_OPS_FL_DIRECT | FTRACE_OPS_FL_ENABLED;

	return (ops->flags & flags) == flags;
}

int unregister_ftrace_direct(struct ftrace_ops *ops, unsigned long addr, bool free_filters)
{
	int err = -EINVAL;

	mutex_lock(&ftrace_lock);
	if (is_registered(ops) && ops->direct_call == addr)
		err = ftrace_ops_stop(ops);
	if (!err) {
		ops->flags &= ~FTRACE_OPS_FL_DIRECT;
		ops->direct_call = 0;
	}
	mutex_unlock(&ftrace_lock);
	if (!err && free_filters)
		ftrace_free_filter(ops);
	return err;
}

int modify_ftrace_direct(struct ftrace_ops *ops, unsigned long addr)
{
	unsigned long old;
	int err = -EINVAL;

	mutex_lock(&ftrace_lock);
	old = ops->direct_call;
	if (addr && is_registered(ops)) {
		ops->direct_call = addr;
		err = ftrace_update_direct(ops, old);
		if (err)
			ops->direct_call = old;
	}
	mutex_unlock(&ftrace_lock);
	return err;
}

unsigned long ftrace_find_rec_direct(unsigned long ip)
{
	const struct ftrace_set *set;
	struct dyn_ftrace *rec;
	unsigned long direct;

	mutex_lock(&ftrace_lock);
	rec = ftrace_find_record(ftrace_find_location(ip));
	set = rec ? dyn_ftrace_set(rec) : NULL;
	direct = set ? set->direct : 0;
	mutex_unlock(&ftrace_lock);
	return direct;
}
