/* SPDX-License-Identifier: MIT */
/*
 * Monotonic time from the port's cycle counter: ns = cycles * mult, where mult
 * is a fixed-point number chosen at boot. Untraced, lock-free, no division and no variable
 * shift: the tracer reads it on every event.
 */
#include "kernel/clock.h"
#include "kernel/printk.h"
#include "kernel/time.h"

struct kernel_clock kernel_clock __ro_after_init;

u64 ktime_get_ns(void)
{
	return clock_cycles_to_ns(arch_clock_cycles());
}

/* mult is off by less than 2^-32 ns a cycle: a second in 45 years at 3 GHz. */
void time_init(void)
{
	u64 hz = arch_clock_hz(), mult;

	if (!hz) {
		pr_warn("clock: its frequency is not known, taking 1 GHz: times will be wrong\n");
		hz = NSEC_PER_SEC;
	}
	mult = (NSEC_PER_SEC << 32) / hz;
	kernel_clock.base = arch_clock_cycles();
	kernel_clock.whole = (u32)(mult >> 32);
	kernel_clock.fraction = (u32)mult;
}
