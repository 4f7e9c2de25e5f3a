/* SPDX-License-Identifier: MIT */
/* Changing what is attached to sites, all or nothing: update.c. */
#pragma once
#include "trace/arch.h"
#include "trace/core/records.h"

/*
 * Move @ops from where filters @from attach it to where @to do; NULL = nowhere. Where both do, a
 * direct ops gets the address that it has now. @ops itself is not changed. 0, or with every site as
 * before: -ENOMEM, -EBUSY (a conflict on a site), what an ops_func answers, -EINVAL or -EFAULT (a
 * site does not hold what it should); logged. When it returns after detaching, no thread is inside
 * a call that began before. ftrace_lock held.
 */
int ftrace_update_ops(struct ftrace_ops *ops, const struct ftrace_ops_hash *from,
		      const struct ftrace_ops_hash *to);

/*
 * The filters of @ops are to be @to: move it, and all that share them, together, as far as they are
 * registered. Same errors, and -EINVAL or -EBUSY where one may not have them.
 */
int ftrace_update_filters(struct ftrace_ops *ops, const struct ftrace_ops_hash *to);

/* Attach registered @ops to what its filters match in @group, which is new. Same errors. */
int ftrace_update_group(struct ftrace_ops *ops, const struct ftrace_group *group);

/* The switch: make every site a NOP, or what its record says again. Same errors. */
int ftrace_update_switch(bool on);
/* Is it on? Whoever does not hold ftrace_lock gets an answer that may be old at once. */
bool ftrace_is_enabled(void);
