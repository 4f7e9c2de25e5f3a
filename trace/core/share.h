/* SPDX-License-Identifier: MIT */
/*
 * What direct calls and IPMODIFY callbacks agree on before they share a site: share.c. ftrace_lock
 * held. A direct ops that is `sharing` was asked; it is told once that this is over.
 */
#pragma once
#include "trace/ftrace.h"

/*
 * @ops is about to attach where @to does: ask whom that concerns. 0, -EBUSY, or what one answered.
 */
int ftrace_share_ask(struct ftrace_ops *ops, const struct ftrace_ops_hash *to);
/* Sites are as @to says (NULL: detached), or back where they were (@err). */
void ftrace_share_done(struct ftrace_ops *ops, const struct ftrace_ops_hash *to, int err);
/* Tell those direct ops that share no site any more. */
void ftrace_share_settle(void);
