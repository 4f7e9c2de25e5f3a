/* SPDX-License-Identifier: MIT */
/* Linux's header for threads and the scheduler, and its timeouts in ticks. */
#pragma once
#include "kernel/sched/current.h"
#include "kernel/sched/sched.h"
#include <linux/jiffies.h>
#include <linux/preempt.h>
#include <linux/smp.h>

#define MAX_SCHEDULE_TIMEOUT __LONG_MAX__	/* for schedule_timeout(): until woken */

/*
 * Sleep for at most @ticks in the state that the caller has set. Returns the ticks that are left.
 */
static inline long schedule_timeout(long ticks)
{
	const u64 ns_per_tick = NSEC_PER_SEC / HZ;

	if (ticks == MAX_SCHEDULE_TIMEOUT) {
		schedule();
		return ticks;
	}
	return (long)(schedule_timeout_ns((u64)ticks * ns_per_tick) / ns_per_tick);
}

static inline long schedule_timeout_interruptible(long ticks)
{
	set_current_state(TASK_INTERRUPTIBLE);
	return schedule_timeout(ticks);
}

static inline long schedule_timeout_uninterruptible(long ticks)
{
	set_current_state(TASK_UNINTERRUPTIBLE);
	return schedule_timeout(ticks);
}

#define task_pid_nr(task) ((task)->pid)
#define __set_current_state(state) set_current_state(state)
static inline void cond_resched(void) { }	/* the kernel is preemptive */
