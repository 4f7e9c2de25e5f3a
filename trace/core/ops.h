/* SPDX-License-Identifier: MIT */
/*
 * Registering and unregistering, for the core's own files, which hold ftrace_lock; and the switch
 * of the whole tracer, for everybody else. Thread context; may sleep.
 */
#pragma once
#include "trace/core/ops_list.h"

/*
 * The switch, /proc/sys/kernel/ftrace_enabled. While it is off every site is a NOP, but what is
 * attached stays attached, and is called again once the switch is on. Returns 0; -EBUSY if it is to
 * be switched off and an ops with FTRACE_OPS_FL_PERMANENT is registered (and such an ops cannot be
 * registered while it is off); or -ENOMEM, -EINVAL or -EFAULT as registering does, with nothing
 * changed. Takes ftrace_lock.
 */
int ftrace_set_enabled(bool on);

/*
 * start: attach @ops and put it on the list of registered ops. stop: detach it and take it off the
 * list. The caller has made all checks. They return 0 or an error of ftrace_update_ops(); start
 * also returns -EBUSY for a PERMANENT ops while the switch is off.
 */
int ftrace_ops_start(struct ftrace_ops *ops);
int ftrace_ops_stop(struct ftrace_ops *ops);
/*
 * Refuse @what in a build whose sites make no struct ftrace_regs: logs it and returns -EOPNOTSUPP.
 */
int ftrace_needs_args(const char *what);
/*
 * Called when sites are gone: take direct ops off the list that had an address for each function
 * and have no function left. Their owners cannot do it, because unregistering names functions.
 */
void ftrace_ops_drop_idle(void);
