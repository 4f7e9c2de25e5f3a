/* SPDX-License-Identifier: MIT */
/*
 * Everything that changes what is attached to sites is one transaction, which begins and ends here.
 * Until the patcher starts a failure has nothing to undo; the patcher itself puts back what it
 * wrote (docs/design.md, "Rules"). The first part is in update_collect.c, the next three are in
 * update_apply.c.
 *
 *	collect -> verify -> patch -> commit -> wait for threads -> reclaim
 */
#include "trace/core/update.h"
#include "trace/core/reclaim.h"
#include "trace/core/share.h"
#include "trace/core/transaction.h"
#include "trace/kernel.h"

static bool enabled = true; /* while it is off, every site is a NOP whatever its record says */

/* Every other failure has been logged where it happened; the caller only gets a number. */
static void report_no_memory(int err)
{
	if (err == -ENOMEM)
		pr_err("ftrace: out of memory; nothing was changed\n");
}

static int update_filters(struct ftrace_update *u)
{
	struct ftrace_ops *ops = NULL;
	int err = 0;

	lockdep_assert_held(&ftrace_lock);
	/* This comes before collecting, because an ops_func may change sites itself. */
	while (u->to && !err && (ops = ftrace_update_next_moved(u, ops)))
		err = ftrace_share_ask(ops, u->to);
	if (!err) {
		err = ftrace_update_collect(u);
		if (!err)
			err = ftrace_update_apply(u);
		if (!err && u->from)
			ftrace_wait_until_left(u->changes, u->nr, u->redirects);
		report_no_memory(err);
		ftrace_update_end(u);
	}
	for (ops = ftrace_update_next_moved(u, NULL); ops; ops = ftrace_update_next_moved(u, ops))
		ftrace_share_done(ops, u->to, err);
	return err;
}

int ftrace_update_ops(struct ftrace_ops *ops, const struct ftrace_ops_hash *from,
		      const struct ftrace_ops_hash *to)
{
	struct ftrace_update u = { .on = enabled, .ops = ops, .from = from, .to = to };

	return update_filters(&u);
}

int ftrace_update_filters(struct ftrace_ops *ops, const struct ftrace_ops_hash *to)
{
	struct ftrace_update u = {
		.on = enabled, .ops = ops, .shared = ops->func_hash,
		.from = ftrace_ops_filters(ops), .to = to,
	};
	struct ftrace_ops *moved = NULL;
	int err = 0;

	if (!u.shared && !(ops->flags & FTRACE_OPS_FL_ENABLED))
		return 0;
	while (!err && (moved = ftrace_update_next_moved(&u, moved)))
		err = ftrace_ops_check_filters(moved, to);
	return err || !ftrace_update_next_moved(&u, NULL) ? err : update_filters(&u);
}

/* No thread has run these sites yet, so nobody can be inside and there is nothing to wait for. */
int ftrace_update_group(struct ftrace_ops *ops, const struct ftrace_group *group)
{
	const struct ftrace_ops_hash *filters = ftrace_ops_filters(ops);
	struct ftrace_update u = { .on = enabled, .ops = ops, .to = filters };
	int err;

	lockdep_assert_held(&ftrace_lock);
	err = ftrace_share_ask(ops, filters);
	if (!err) {
		/*
		 * Only the new group is looked at, because the filters' functions elsewhere are
		 * attached already.
		 */
		err = ftrace_update_collect_group(&u, group);
		if (!err)
			err = ftrace_update_apply(&u);
		ftrace_update_end(&u);
	}
	ftrace_share_done(ops, filters, err);
	return err;
}

/*
 * Switching off waits as any detaching does: while it is off, what is attached may change, and a
 * thread that is still in an old trampoline must not come upon that.
 */
int ftrace_update_switch(bool on)
{
	struct ftrace_update u = { .on = on };
	int err;

	if (on == enabled)
		return 0;
	lockdep_assert_held(&ftrace_lock);
	err = ftrace_update_collect_attached(&u);
	if (!err)
		err = ftrace_update_apply(&u);
	/* Only now: a change that fails leaves every site, and the switch, as they were. */
	if (!err)
		enabled = on;
	if (!err && !on)
		ftrace_wait_until_left(u.changes, u.nr, u.redirects);
	report_no_memory(err);
	ftrace_update_end(&u);
	return err;
}

bool ftrace_is_enabled(void)
{
	return enabled;
}
