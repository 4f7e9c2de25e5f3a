/* SPDX-License-Identifier: MIT */
/*
 * The calls that set an ops' filters; what patterns mean is in pattern.c. A change
 * is made on a copy of the hash and installed at once, so a call that fails has changed nothing.
 */
#include "trace/core/filter.h"
#include "trace/core/ops.h"
#include "trace/core/pattern.h"
#include "trace/core/update.h"
#include "trace/kernel.h"

/*
 * Make @hash the filter or the notrace filter of @ops. It is freed after an error. The caller holds
 * ftrace_lock.
 */
static int install(struct ftrace_ops *ops, bool exclude, struct ftrace_hash *hash)
{
	struct ftrace_ops_hash *filters = ftrace_ops_filters(ops), next = *filters;
	struct ftrace_hash **slot = exclude ? &next.notrace_hash : &next.filter_hash;
	struct ftrace_hash *old = *slot;
	int err;

	lockdep_assert_held(&ftrace_lock);
	/* The sites move first; the ops gets the new filters only when that has succeeded. */
	*slot = hash;
	err = ftrace_update_filters(ops, &next);
	if (err) {
		ftrace_hash_free(hash);
		return err;
	}
	*filters = next;
	ops->flags |= FTRACE_OPS_FL_INITIALIZED;
	ftrace_hash_free(old);
	return 0;
}

/*
 * Remove the addresses from @hash that are sites no more: modules may have gone while somebody
 * edited it.
 */
static void drop_gone(struct ftrace_hash *hash, bool exclude)
{
	unsigned int i = 0;

	if (hash->as_of == ftrace_nr_forgotten)
		return;
	/*
	 * Look at the same slot again after a removal: ftrace_hash_remove() moves entries from
	 * later slots, and one of them may have come to this slot.
	 */
	while (i < 1u << hash->bits) {
		if (!hash->slots[i] || ftrace_find_record(hash->slots[i])) {
			i++;
			continue;
		}
		ftrace_hash_remove(hash, hash->slots[i]);
		hash->emptied = !exclude;
	}
	hash->as_of = ftrace_nr_forgotten;
}

int ftrace_hash_install(struct ftrace_ops *ops, bool exclude, struct ftrace_hash *hash)
{
	int err;

	mutex_lock(&ftrace_lock);
	drop_gone(hash, exclude);
	err = ftrace_hash_settle(hash, exclude, NULL);
	if (err)
		ftrace_hash_free(hash);
	else
		err = install(ops, exclude, hash);
	mutex_unlock(&ftrace_lock);
	return err;
}

/*
 * Returns a copy of the hash for editing, or an empty one if @reset is set; NULL if there is no
 * memory. The caller holds ftrace_lock.
 */
static struct ftrace_hash *editable_copy(struct ftrace_ops *ops, bool exclude, bool reset)
{
	const struct ftrace_ops_hash *now = ftrace_ops_filters(ops);
	struct ftrace_hash *copy;

	lockdep_assert_held(&ftrace_lock);
	copy = ftrace_hash_copy(reset ? NULL : exclude ? now->notrace_hash : now->filter_hash);
	/*
	 * An ops that is not registered is not told of modules that come, so its filter may still
	 * wait for one that has come.
	 */
	if (copy && ftrace_hash_settle(copy, exclude, NULL)) {
		ftrace_hash_free(copy);
		return NULL;
	}
	return copy;
}

struct ftrace_hash *ftrace_filter_copy(struct ftrace_ops *ops, bool exclude)
{
	struct ftrace_hash *copy;

	mutex_lock(&ftrace_lock);
	copy = editable_copy(ops, exclude, false);
	mutex_unlock(&ftrace_lock);
	return copy;
}

static int set_by_glob(struct ftrace_ops *ops, bool exclude, const char *buf, int len, int reset)
{
	struct ftrace_hash *hash;
	int err = -ENOMEM;

	if (buf && len < 0)
		return -EINVAL;
	mutex_lock(&ftrace_lock);
	/*
	 * The lock is held from copying to installing, so that nobody else's change gets lost in
	 * between.
	 */
	hash = editable_copy(ops, exclude, reset);
	if (hash) {
		err = buf ? ftrace_hash_match_locked(hash, buf, (size_t)len) : 0;
		if (err)
			ftrace_hash_free(hash);
		else
			err = install(ops, exclude, hash);
	}
	mutex_unlock(&ftrace_lock);
	return err;
}

int ftrace_set_filter(struct ftrace_ops *ops, const char *buf, int len, int reset)
{
	return set_by_glob(ops, false, buf, len, reset);
}

int ftrace_set_notrace(struct ftrace_ops *ops, const char *buf, int len, int reset)
{
	return set_by_glob(ops, true, buf, len, reset);
}

static int apply_ip(struct ftrace_hash *hash, unsigned long ip, int remove)
{
	unsigned long site = ftrace_find_location(ip);

	if (!site)
		return -EINVAL;
	return remove ? ftrace_hash_remove(hash, site) : ftrace_hash_add(hash, site);
}

int ftrace_set_filter_ips(struct ftrace_ops *ops, unsigned long *ips, unsigned int cnt, int remove,
			  int reset)
{
	struct ftrace_hash *hash;
	unsigned int i;
	int err;

	mutex_lock(&ftrace_lock);
	hash = editable_copy(ops, false, reset);
	err = hash ? 0 : -ENOMEM;
	/*
	 * A wrong address ends the loop, and then nothing has changed, because only the copy was
	 * edited.
	 */
	for (i = 0; !err && ips && i < cnt; i++)
		err = apply_ip(hash, ips[i], remove);
	if (err)
		ftrace_hash_free(hash);
	else
		err = install(ops, false, hash);
	mutex_unlock(&ftrace_lock);
	return err;
}

int ftrace_set_filter_ip(struct ftrace_ops *ops, unsigned long ip, int remove, int reset)
{
	return ftrace_set_filter_ips(ops, &ip, 1, remove, reset);
}

void ftrace_ops_share_filters(struct ftrace_ops *ops, struct ftrace_ops *owner)
{
	mutex_lock(&ftrace_lock);
	owner->func_hash = &owner->local_hash;
	if (!(ops->flags & FTRACE_OPS_FL_INITIALIZED)) {
		ops->func_hash = owner->func_hash;
		ops->flags |= FTRACE_OPS_FL_INITIALIZED;
	} else if (ops->func_hash != owner->func_hash) {
		ftrace_refuse(ops, "shares no filters, it has its own", -EBUSY);
	}
	mutex_unlock(&ftrace_lock);
}

void ftrace_free_filter(struct ftrace_ops *ops)
{
	mutex_lock(&ftrace_lock);
	if (!(ops->flags & FTRACE_OPS_FL_ENABLED))
		ftrace_filters_free(ops);
	mutex_unlock(&ftrace_lock);
}
