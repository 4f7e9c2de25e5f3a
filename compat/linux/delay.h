/* SPDX-License-Identifier: MIT */
/* Linux's header for sleeping for milliseconds. */
#pragma once
#include "kernel/arch.h"
#include "kernel/sched/sched.h"
#include <linux/ktime.h>

static inline void ssleep(unsigned int seconds) { msleep(1000 * seconds); }

/* These wait without sleeping, as in Linux. */
static inline void ndelay(u64 ns)
{
	u64 end = ktime_get_ns() + ns;

	while (ktime_get_ns() < end)
		arch_cpu_relax();
}
static inline void udelay(unsigned long us) { ndelay((u64)us * NSEC_PER_USEC); }
static inline void mdelay(unsigned long ms) { ndelay((u64)ms * NSEC_PER_MSEC); }
static inline void usleep_range(unsigned long low, unsigned long high)
{
	(void)high;
	set_current_state(TASK_UNINTERRUPTIBLE);
	schedule_timeout_ns(1000ull * low);
}
