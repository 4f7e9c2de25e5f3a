/* SPDX-License-Identifier: MIT */
/* Registering and unregistering callbacks: the checks, and the order in which things happen. */
#include "trace/core/ops.h"
#include "trace/core/dispatch.h"
#include "trace/core/pattern.h"
#include "trace/core/update.h"
#include "trace/kernel.h"

static unsigned int last_sequence;

int ftrace_needs_args(const char *what)
{
	pr_err("ftrace: %s needs a struct ftrace_regs, which hook=mcount has not\n", what);
	return -EOPNOTSUPP;
}

int ftrace_ops_start(struct ftrace_ops *ops)
{
	struct ftrace_ops_hash *filters = ftrace_ops_filters(ops);
	int err;

	if (ops->flags & FTRACE_OPS_FL_PERMANENT && !ftrace_is_enabled())
		return ftrace_refuse(ops, "PERMANENT, but ftrace_enabled is 0", -EBUSY);
	/*
	 * An ops that was not registered was not told of modules that came, so its filters may wait
	 * for one of them.
	 */
	err = ftrace_filters_resolve(filters, NULL);
	if (!err) {
		ops->assist.func = ftrace_assist;
		/* A return may read it meanwhile: both values are above that of any open call. */
		WRITE_ONCE(ops->sequence, ++last_sequence);
		err = ftrace_update_ops(ops, NULL, filters);
	}
	ftrace_filters_resolved(filters, err);
	if (err)
		return err;
	ops->flags |= FTRACE_OPS_FL_ENABLED | FTRACE_OPS_FL_INITIALIZED;
	if (!core_kernel_data((unsigned long)ops))
		ops->flags |= FTRACE_OPS_FL_DYNAMIC;
	ftrace_ops_list_add(ops);
	if (!ftrace_is_enabled())
		pr_info("ftrace: switched off: %ps will be called once ftrace_enabled is 1\n",
			ftrace_ops_subject(ops));
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
	 * An address that is no code would only be noticed when the first traced function calls it,
	 * in any context.
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
		/*
		 * After an error the ops has the flags that its owner gave it, so that it can be
		 * registered again.
		 */
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
	struct ftrace_ops *ops = NULL;

	do {
		ops = ftrace_ops_next(ops);
	} while (ops && !(ops->flags & FTRACE_OPS_FL_PERMANENT));
	return ops;
}

int ftrace_set_enabled(bool on)
{
	const struct ftrace_ops *permanent;
	int err = 0;

	mutex_lock(&ftrace_lock);
	/*
	 * The lock is held, so that no such ops is registered between this answer and the change.
	 */
	permanent = find_permanent();
	if (!on && permanent) {
		pr_warn("ftrace: cannot be switched off: %pS is registered for good\n",
			(const void *)permanent);
		err = -EBUSY;
	} else {
		err = ftrace_update_switch(on);
	}
	mutex_unlock(&ftrace_lock);
	return err;
}

void ftrace_ops_drop_idle(void)
{
	struct ftrace_ops *ops, *next;

	for (next = ftrace_ops_next(NULL); (ops = next);) {
		const struct ftrace_hash *filter = ops->local_hash.filter_hash;

		next = ftrace_ops_next(ops);
		if (!(ops->flags & FTRACE_OPS_FL_DIRECT) || ops->direct_call || filter->count)
			continue;
		ops->flags &= ~(FTRACE_OPS_FL_ENABLED | FTRACE_OPS_FL_DIRECT);
		list_del(&ops->list);
		ftrace_filters_free(ops);
	}
}
