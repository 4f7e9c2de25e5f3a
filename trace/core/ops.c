/* SPDX-License-Identifier: MIT */
/* Registering callbacks: the checks, the list of registered ops, their order. */
#include "trace/core/ops.h"
#include "kernel/code_address.h"
#include "kernel/lib/errno.h"
#include "kernel/printk.h"
#include "trace/core/dispatch.h"
#include "trace/core/hash.h"
#include "trace/core/update.h"

static LIST_HEAD(registered);		/* latest first */
static struct ftrace_ops *kept;		/* whose filters are looked after while not registered, too */
static bool enabled = true;		/* the switch; off, sites are NOPs whatever is registered */
static unsigned int last_sequence;

extern char _end[];

int ftrace_refuse(const struct ftrace_ops *ops, const char *why, int err)
{
	unsigned long who = ops->func ? (unsigned long)ops->func : ops->direct_call;

	pr_warn("ftrace: %ps: %s: error %d\n", who ? (void *)who : (const void *)ops, why, err);
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
	/* Changing where every function resumes makes no sense, and hides who changes what. */
	if (ops->flags & FTRACE_OPS_FL_IPMODIFY &&
	    (ftrace_hash_empty(filters->filter_hash) || !ftrace_hash_empty(filters->notrace_hash)))
		return ftrace_refuse(ops, "IPMODIFY needs a filter, and no notrace filter", -EINVAL);
	return 0;
}

int ftrace_needs_args(const char *what)
{
	pr_err("ftrace: %s needs a struct ftrace_regs, which hook=mcount has not\n", what);
	return -EOPNOTSUPP;
}

struct ftrace_ops *ftrace_ops_next(struct ftrace_ops *ops)
{
	struct list_head *next = ops ? ops->list.next : registered.next;

	return next == &registered ? NULL : list_entry(next, struct ftrace_ops, list);
}

static bool is_kernel_data(const struct ftrace_ops *ops)
{
	return (unsigned long)ops >= (unsigned long)_text && (unsigned long)ops < (unsigned long)_end;
}

int ftrace_ops_start(struct ftrace_ops *ops)
{
	struct ftrace_ops_hash *filters = ftrace_ops_filters(ops);
	int err;

	if (ops->flags & FTRACE_OPS_FL_PERMANENT && !enabled)
		return ftrace_refuse(ops, "PERMANENT, but ftrace_enabled is 0", -EBUSY);
	/* Nobody has told an ops that was not registered which modules came. */
	err = ftrace_filters_resolve(filters, NULL);
	if (!err) {
		ops->assist.func = ftrace_assist;
		ops->sequence = ++last_sequence;
		err = ftrace_update_ops(ops, NULL, filters);
	}
	ftrace_filters_resolved(filters, err);
	if (err)
		return err;
	ops->flags |= FTRACE_OPS_FL_ENABLED | FTRACE_OPS_FL_INITIALIZED;
	if (!is_kernel_data(ops))
		ops->flags |= FTRACE_OPS_FL_DYNAMIC;
	list_add(&ops->list, &registered);
	if (!enabled)
		pr_info("ftrace: switched off: %ps will be called once ftrace_enabled is 1\n",
			(void *)(ops->func ? (unsigned long)ops->func : ops->direct_call));
	return 0;
}

int ftrace_ops_stop(struct ftrace_ops *ops)
{
	int err = ftrace_update_ops(ops, ftrace_ops_filters(ops), NULL);

	if (err)
		return err;
	ops->flags &= ~FTRACE_OPS_FL_ENABLED;
	list_del(&ops->list);
	return 0;
}

static int check_new(struct ftrace_ops *ops)
{
	if (ops->flags & FTRACE_OPS_FL_ENABLED)
		return ftrace_refuse(ops, "registered already", -EBUSY);
	if (!ops->func || ops->flags & (FTRACE_OPS_FL_DELETED | FTRACE_OPS_FL_DIRECT))
		return ftrace_refuse(ops, "no callback, or DELETED, or a direct call", -EINVAL);
	/*
	 * A callback that is no code would be met by the first call, in whatever context that is.
	 */
	if (ftrace_check_code(ops, "callback", (unsigned long)ops->func))
		return -EINVAL;
	if (!FTRACE_HAVE_SAVE_REGS && ops->flags & FTRACE_OPS_FL_SAVE_REGS &&
	    !(ops->flags & FTRACE_OPS_FL_SAVE_REGS_IF_SUPPORTED))
		return ftrace_refuse(ops, "SAVE_REGS is not in this build", -EINVAL);
	if (ops->flags & FTRACE_OPS_FL_IPMODIFY && !FTRACE_HAVE_ARGS)
		return ftrace_needs_args("IPMODIFY");
	return ftrace_ops_check_filters(ops, ftrace_ops_filters(ops));
}

int register_ftrace_function(struct ftrace_ops *ops)
{
	unsigned int flags;
	int err;

	mutex_lock(&ftrace_lock);
	flags = ops->flags;
	err = check_new(ops);
	if (!err) {
		if (flags & FTRACE_OPS_FL_SAVE_REGS_IF_SUPPORTED && FTRACE_HAVE_SAVE_REGS)
			ops->flags |= FTRACE_OPS_FL_SAVE_REGS;
		err = ftrace_ops_start(ops);
		/* After an error the ops is as its owner made it, and may be registered again. */
		if (err)
			ops->flags = flags;
	}
	mutex_unlock(&ftrace_lock);
	return err;
}

int unregister_ftrace_function(struct ftrace_ops *ops)
{
	int err = -EBUSY;

	mutex_lock(&ftrace_lock);
	if ((ops->flags & (FTRACE_OPS_FL_ENABLED | FTRACE_OPS_FL_DIRECT)) == FTRACE_OPS_FL_ENABLED)
		err = ftrace_ops_stop(ops);
	mutex_unlock(&ftrace_lock);
	return err;
}

/* --- The switch --- */

static const struct ftrace_ops *find_permanent(void)
{
	const struct ftrace_ops *ops;

	list_for_each_entry(ops, &registered, list)
		if (ops->flags & FTRACE_OPS_FL_PERMANENT)
			return ops;
	return NULL;
}

int ftrace_set_enabled(bool on)
{
	const struct ftrace_ops *permanent;
	int err = 0;

	mutex_lock(&ftrace_lock);
	/* Asked under the lock, so that none is registered between the answer and the change. */
	permanent = find_permanent();
	if (!on && permanent) {
		pr_warn("ftrace: cannot be switched off: %pS is registered for good\n",
			(const void *)permanent);
		err = -EBUSY;
	} else if (on != enabled) {
		err = ftrace_update_switch(on);
		if (!err)
			enabled = on;
	}
	mutex_unlock(&ftrace_lock);
	return err;
}

bool ftrace_is_enabled(void)
{
	return enabled;
}

void ftrace_ops_drop_idle(void)
{
	struct ftrace_ops *ops, *next;

	list_for_each_entry_safe(ops, next, &registered, list) {
		const struct ftrace_hash *filter = ops->local_hash.filter_hash;

		if (!(ops->flags & FTRACE_OPS_FL_DIRECT) || ops->direct_call || filter->count)
			continue;
		ops->flags &= ~(FTRACE_OPS_FL_ENABLED | FTRACE_OPS_FL_DIRECT);
		list_del(&ops->list);
		ftrace_filters_free(ops);
	}
}

static void forget_site_of(struct ftrace_ops *ops, unsigned long ip)
{
	const struct ftrace_ops_hash *filters = ftrace_ops_filters(ops);
	struct ftrace_hash *filter = filters->filter_hash;

	if (filter && !ftrace_hash_remove(filter, ip))
		filter->emptied = true;
	if (filters->notrace_hash)
		ftrace_hash_remove(filters->notrace_hash, ip);
}

void ftrace_keep_filters(struct ftrace_ops *ops)
{
	mutex_lock(&ftrace_lock);
	ops->next_kept = kept;
	kept = ops;
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

void ftrace_forget_site(unsigned long ip)
{
	struct ftrace_ops *ops = NULL;

	while ((ops = ftrace_ops_next_looked_after(ops)))
		forget_site_of(ops, ip);
}
