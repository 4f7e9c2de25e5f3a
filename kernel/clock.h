/* SPDX-License-Identifier: MIT */
/*
 * How the monotonic clock is made from the port's cycle counter. For the ring
 * buffer, which converts differences on its hot path; everybody else calls
 * ktime_get_ns(). And how ticks are counted, for the tick. Any context, untraced.
 */
#pragma once
#include "kernel/arch.h"

struct kernel_clock {
	u64 base;		/* cycles when time began */
	u32 whole, fraction;	/* ns per cycle, fraction / 2^32; 0 before time_init() */
};
extern struct kernel_clock kernel_clock;

/* Interrupt context, one CPU only: one more tick. */
void jiffies_advance(void);
/* The tick count in two copies: the one that `jiffies` selects by its lowest bit is whole. */
extern u64 jiffies_copies[2];

/* The time when the counter was at @cycles: exactly floor(cycles since base * ns per cycle). */
static __always_inline u64 clock_cycles_to_ns(u64 cycles)
{
	u32 high, low;

	cycles -= kernel_clock.base;
	high = (u32)(cycles >> 32);
	low = (u32)cycles;
	return cycles * kernel_clock.whole + (u64)high * kernel_clock.fraction +
	       ((u64)low * kernel_clock.fraction >> 32);
}
