/* SPDX-License-Identifier: MIT */
/* Changing what is attached to sites, all or nothing: update.c. */
#pragma once
#include "trace/arch.h"
#include "trace/core/records.h"

/*
 * Move @ops from the functions that filters @from match to those that @to match; NULL means none.
 * At functions that both match, a direct ops gets the address that it has now. @ops itself is not
 * changed. Returns 0; or an error, which is logged, with every site as it was: -ENOMEM, -EBUSY (a
 * conflict at a site), what an ops_func answers, -EINVAL or -EFAULT (a site does not hold what it
 * should, or cannot be read or written). If @from is not NULL, no thread is inside a call that
 * began before when this returns. The caller holds ftrace_lock; may sleep.
 */
int ftrace_update_ops(struct ftrace_ops *ops, const struct ftrace_ops_hash *from,
		      const struct ftrace_ops_hash *to);

/*
 * The filters of @ops are about to become @to: move @ops, and all ops that share its filters, in
 * one update, as far as they are registered. The caller installs @to after success. The errors are
 * those of ftrace_update_ops(), and -EINVAL or -EBUSY if one of these ops may not have such
 * filters.
 */
int ftrace_update_filters(struct ftrace_ops *ops, const struct ftrace_ops_hash *to);

/*
 * Attach the registered @ops to the functions in the new @group that its filters match. The errors
 * are those of ftrace_update_ops().
 */
int ftrace_update_group(struct ftrace_ops *ops, const struct ftrace_group *group);

/*
 * The switch of the whole tracer: make every site a NOP, or again what its record says. The errors
 * are those of ftrace_update_ops().
 */
int ftrace_update_switch(bool on);
/* Is the switch on? Without ftrace_lock the answer may be out of date at once. */
bool ftrace_is_enabled(void);
