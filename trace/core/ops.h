/* SPDX-License-Identifier: MIT */
/*
 * Registering and taking back, for the core's own files, which hold ftrace_lock; and the switch of
 * the whole tracer, for all others.
 */
#pragma once
#include "trace/core/ops_list.h"

/*
 * The switch, /proc/sys/kernel/ftrace_enabled. While it is off every site is a NOP, but what is
 * attached stays attached, and is called again once it is on. Off is refused with -EBUSY while a
 * FTRACE_OPS_FL_PERMANENT ops is registered, and while it is off none can be. -ENOMEM, -EINVAL,
 * -EFAULT: as for registering; nothing has changed. Takes ftrace_lock.
 */
int ftrace_set_enabled(bool on);

/* Attach and put on the list; everything but checks. Errors of ftrace_update_ops(). */
int ftrace_ops_start(struct ftrace_ops *ops);
int ftrace_ops_stop(struct ftrace_ops *ops);
/*
 * What is refused in builds whose sites make no struct ftrace_regs: -EOPNOTSUPP, and the log says
 * so.
 */
int ftrace_needs_args(const char *what);
/*
 * Sites are gone: direct ops that had an address for each, and have none left, are taken back.
 * Nobody could name what to take back any more.
 */
void ftrace_ops_drop_idle(void);
