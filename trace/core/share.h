/* SPDX-License-Identifier: MIT */
/*
 * How direct calls and IPMODIFY callbacks agree before they share a site: share.c. The caller holds
 * ftrace_lock. A direct ops whose `sharing` is set has agreed, and is told once when the sharing
 * ends.
 */
#pragma once
#include "trace/ftrace.h"

/*
 * @ops is about to be attached to what @to matches: ask every direct ops that this concerns.
 * Returns 0, -EBUSY, or the error that one of them answered.
 */
int ftrace_share_ask(struct ftrace_ops *ops, const struct ftrace_ops_hash *to);
/*
 * The update of @ops has ended: its sites are as @to says (NULL: it is detached), or after an error
 * @err as they were. Tell every direct ops whose sharing has ended.
 */
void ftrace_share_done(struct ftrace_ops *ops, const struct ftrace_ops_hash *to, int err);
/* Tell every direct ops that no longer shares a site. */
void ftrace_share_settle(void);
