/* SPDX-License-Identifier: MIT */
/* Linux's header for sleeping for milliseconds. */
#pragma once
#include "kernel/arch.h"
#include "kernel/sched/sched.h"
#include <linux/ktime.h>

static inline void ssleep(unsigned int seconds) { msleep(1000 * seconds); }

/* These wait without sleeping, as in Linux. */
static inline void ndelay(unsigned long ns)
{
	u64 end = ktime_get_ns() + ns;

	while (ktime_get_ns() < end)
		arch_cpu_relax();
}
static inline void udelay(unsigned long us) { ndelay(1000 * us); }
static inline void mdelay(unsigned long ms) { ndelay(1000000 * ms); }
static inline void usleep_range(unsigned long low, unsigned long high)
{
	(void)high;
	set_current_state(TASK_UNINTERRUPTIBLE);
	schedule_timeout_ns(1000ull * low);
}
