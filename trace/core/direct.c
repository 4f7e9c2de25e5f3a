/* SPDX-License-Identifier: MIT */
/*
 * Direct calls: a site calls an assembly function itself, or through the trampoline if there are
 * callbacks at the same site. A direct function is a part of the set and not one of its callbacks,
 * so that it runs exactly once and after all callbacks.
 */
#include "trace/core/ops.h"
#include "trace/core/set.h"
#include "trace/core/update.h"
#include "trace/kernel.h"

/*
 * May @ops become a direct ops? It must not be registered, and have nothing that only callbacks
 * have.
 */
static bool is_fresh(const struct ftrace_ops *ops)
{
	const unsigned int others = FTRACE_OPS_FL_ENABLED | FTRACE_OPS_FL_IPMODIFY |
		FTRACE_OPS_FL_SAVE_REGS | FTRACE_OPS_FL_DELETED;

	return !ops->func && !ops->func_hash && !(ops->flags & others);
}

/* Check both addresses that will be called: the direct function, and ops_func if there is one. */
static int check_target(const struct ftrace_ops *ops, unsigned long addr)
{
	int err = ftrace_check_code(ops, "direct function", addr);

	if (!err && ops->ops_func)
		err = ftrace_check_code(ops, "ops_func", (unsigned long)ops->ops_func);
	return err;
}

static int check_new(const struct ftrace_ops *ops, unsigned long addr)
{
	if (!FTRACE_HAVE_ARGS)
		return ftrace_needs_args("a direct call");
	if (!is_fresh(ops))
		return ftrace_refuse(ops, "ops of something else", -EINVAL);
	if (check_target(ops, addr))
		return -EINVAL;
	if (!(ops->flags & FTRACE_OPS_FL_INITIALIZED) ||
	    ftrace_hash_is_empty(ops->local_hash.filter_hash))
		return ftrace_refuse(ops, "a direct call needs a filter", -EINVAL);
	return 0;
}

static void make_ordinary(struct ftrace_ops *ops)
{
	ops->flags &= ~FTRACE_OPS_FL_DIRECT;
	ops->direct_call = 0;
	ftrace_hash_drop_directs(ops->local_hash.filter_hash);
}

int register_ftrace_direct(struct ftrace_ops *ops, unsigned long addr)
{
	int err;

	mutex_lock(&ftrace_lock);
	err = check_new(ops, addr);
	if (!err) {
		/*
		 * Both are set before the ops starts, because the sets that it becomes part of
		 * depend on them.
		 */
		ops->flags |= FTRACE_OPS_FL_DIRECT;
		ops->direct_call = addr;
		err = ftrace_ops_start(ops);
		if (err)
			make_ordinary(ops);
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
	if (addr && is_registered(ops) && ops->direct_call == addr)
		err = ftrace_ops_stop(ops);
	if (!err)
		make_ordinary(ops);
	mutex_unlock(&ftrace_lock);
	if (!err && free_filters)
		ftrace_free_filter(ops);
	return err;
}

int modify_ftrace_direct_nolock(struct ftrace_ops *ops, unsigned long addr)
{
	unsigned long old = ops->direct_call;
	int err;

	lockdep_assert_held(&ftrace_lock);
	if (!old || !is_registered(ops))
		return -EINVAL;
	err = check_target(ops, addr);
	if (err)
		return err;
	/*
	 * The filters stay the same; at each site the set changes to one with the new direct
	 * function.
	 */
	ops->direct_call = addr;
	err = ftrace_update_ops(ops, &ops->local_hash, &ops->local_hash);
	if (err)
		ops->direct_call = old;
	return err;
}

int modify_ftrace_direct(struct ftrace_ops *ops, unsigned long addr)
{
	int err;

	mutex_lock(&ftrace_lock);
	err = modify_ftrace_direct_nolock(ops, addr);
	mutex_unlock(&ftrace_lock);
	return err;
}

/* --- An ops with an address for each function, kept in its filter --- */

/*
 * Does an entry of a client's hash suit @ops, whose filter it is going to change? @site is 0 if the
 * entry names no site.
 */
typedef bool (*entry_func_t)(const struct ftrace_ops *ops, unsigned long site, unsigned long addr);

static bool may_add(const struct ftrace_ops *ops, unsigned long site, unsigned long addr)
{
	const struct dyn_ftrace *rec = ftrace_find_record(site);
	const struct ftrace_set *set = rec ? dyn_ftrace_set(rec) : NULL;

	return rec && !check_target(ops, addr) && !(set && set->direct) &&
	       !ftrace_hash_contains(ops->local_hash.notrace_hash, site);
}

static bool may_delete(const struct ftrace_ops *ops, unsigned long site, unsigned long addr)
{
	return ftrace_hash_contains(ops->local_hash.filter_hash, site) &&
	       ftrace_ops_direct(ops, &ops->local_hash, site) == addr;
}

static bool may_modify(const struct ftrace_ops *ops, unsigned long site, unsigned long addr)
{
	return ftrace_hash_contains(ops->local_hash.filter_hash, site) && !check_target(ops, addr);
}

/*
 * Make the filter that @ops has after adding, changing or deleting what is in @hash. Every entry
 * must suit @ops. Returns 0, -EINVAL or -ENOMEM; *@result is NULL after an error.
 */
static int changed_filter(const struct ftrace_ops *ops, const struct ftrace_hash *hash,
			  entry_func_t fits, struct ftrace_hash **result)
{
	struct ftrace_hash *next = ftrace_hash_copy(ops->local_hash.filter_hash);
	int err = next ? 0 : -ENOMEM;
	unsigned long ip;
	unsigned int i;

	ftrace_hash_for_each(ip, i, hash) {
		unsigned long addr = ftrace_hash_direct(hash, ip), site = ftrace_find_location(ip);

		if (err)
			break;
		/*
		 * An entry names a function by its start or by its site. Two entries for one
		 * function are an error.
		 */
		if (!fits(ops, site, addr) ||
		    (fits == may_add && ftrace_hash_contains(next, site)) ||
		    (ip != site && ftrace_hash_contains(hash, site)))
			err = -EINVAL;
		else if (fits == may_delete)
			err = ftrace_hash_remove(next, site);
		else
			err = ftrace_hash_add_direct(next, site, addr);
	}
	if (err) {
		ftrace_hash_free(next);
		next = NULL;
	}
	*result = next;
	return err;
}

/* Make @next the filter of @ops, which is registered. @next is freed after an error. */
static int replace_filter(struct ftrace_ops *ops, struct ftrace_hash *next)
{
	struct ftrace_ops_hash to = { ops->local_hash.notrace_hash, next };
	int err = ftrace_update_ops(ops, &ops->local_hash, &to);

	ftrace_hash_free(err ? next : ops->local_hash.filter_hash);
	if (!err)
		ops->local_hash.filter_hash = next;
	return err;
}

/*
 * Make @next the filter of @ops, which is not registered yet, and register it. @next is freed after
 * an error.
 */
static int start_with_filter(struct ftrace_ops *ops, struct ftrace_hash *next)
{
	struct ftrace_hash *old = ops->local_hash.filter_hash;
	int err;

	/* direct_call stays 0, because the filter has an address for each function. */
	ops->flags |= FTRACE_OPS_FL_DIRECT;
	ops->local_hash.filter_hash = next;
	err = ftrace_ops_start(ops);
	if (err) {
		ops->local_hash.filter_hash = old;
		make_ordinary(ops);
	}
	ftrace_hash_free(err ? next : old);
	return err;
}

int update_ftrace_direct_add(struct ftrace_ops *ops, struct ftrace_hash *hash)
{
	struct ftrace_hash *next;
	int err = -EINVAL;

	mutex_lock(&ftrace_lock);
	if (!FTRACE_HAVE_ARGS)
		err = ftrace_needs_args("a direct call");
	if (!FTRACE_HAVE_ARGS || !ftrace_hash_count(hash))
		goto out;
	/* A filter from before would make functions direct that @hash does not name. */
	if (!is_registered(ops) && (!is_fresh(ops) ||
				    !ftrace_hash_is_empty(ops->local_hash.filter_hash) ||
				    !ftrace_hash_is_empty(ops->local_hash.notrace_hash)))
		goto out;
	err = changed_filter(ops, hash, may_add, &next);
	if (!err)
		err = is_registered(ops) ? replace_filter(ops, next) : start_with_filter(ops, next);
out:
	mutex_unlock(&ftrace_lock);
	return err;
}

int update_ftrace_direct_del(struct ftrace_ops *ops, struct ftrace_hash *hash)
{
	struct ftrace_hash *next;
	int err = -EINVAL;

	mutex_lock(&ftrace_lock);
	if (!is_registered(ops) || !ftrace_hash_count(hash))
		goto out;
	err = changed_filter(ops, hash, may_delete, &next);
	if (err)
		goto out;
	/*
	 * An empty filter would mean every function, so deleting the last entry unregisters the
	 * ops.
	 */
	if (next->count || next->patterns) {
		err = replace_filter(ops, next);
		goto out;
	}
	ftrace_hash_free(next);
	err = ftrace_ops_stop(ops);
	if (!err) {
		make_ordinary(ops);
		ftrace_filters_free(ops);
	}
out:
	mutex_unlock(&ftrace_lock);
	return err;
}

int update_ftrace_direct_mod(struct ftrace_ops *ops, struct ftrace_hash *hash, bool do_direct_lock)
{
	struct ftrace_hash *next;
	int err = -EINVAL;

	/* An ops_func is called with the lock held. */
	if (do_direct_lock)
		mutex_lock(&ftrace_lock);
	if (is_registered(ops) && ftrace_hash_count(hash))
		err = changed_filter(ops, hash, may_modify, &next);
	if (!err)
		err = replace_filter(ops, next);
	if (do_direct_lock)
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
