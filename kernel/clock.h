/* SPDX-License-Identifier: MIT */
/*
 * The conversion from the port's cycle counter to monotonic time, for the ring buffer, which
 * converts time differences on its hot path (all other code calls ktime_get_ns()), and the tick
 * count, for the tick interrupt. Any context, untraced.
 */
#pragma once
#include "kernel/arch.h"

struct kernel_clock {
	u64 base;		/* cycles when time began */
	u32 whole, fraction;	/* ns per cycle, fraction / 2^32; 0 before time_init() */
};
extern struct kernel_clock kernel_clock;

/* Count one tick. Interrupt context, on CPU 0 only. */
void jiffies_advance(void);
/* Two copies of the tick count. The lowest bit of `jiffies` selects the one that is valid. */
extern u64 jiffies_copies[2];

/* Nanoseconds from base to @cycles, a value of the counter, rounded down. */
static __always_inline u64 clock_cycles_to_ns(u64 cycles)
{
	u32 high, low;

	cycles -= kernel_clock.base;
	high = (u32)(cycles >> 32);
	low = (u32)cycles;
	return cycles * kernel_clock.whole + (u64)high * kernel_clock.fraction +
	       ((u64)low * kernel_clock.fraction >> 32);
}
