/* SPDX-License-Identifier: MIT */
/* Monotonic time in ns since boot, and the tick. */
#pragma once
#include "kernel/types.h"

#define HZ 100
#define NSEC_PER_SEC 1000000000ull
#define NSEC_PER_MSEC 1000000ull
#define NSEC_PER_USEC 1000ull

void time_init(void);			/* boot: after arch_trap_init() */
u64 ktime_get_ns(void);			/* untraced; any context, NMI included */
void time_tick(void);			/* from the tick interrupt: jiffies, scheduler, sleepers */
/* Ticks since boot; on a 32-bit machine, the low 32 bits of their number. */
extern volatile unsigned long jiffies;
u64 get_jiffies_64(void);		/* all 64 bits; untraced; any context, NMI included */
