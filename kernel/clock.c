/* SPDX-License-Identifier: MIT */
/*
 * The tick count, and monotonic time from the port's cycle counter: ns = cycles * mult, where mult
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

volatile unsigned long jiffies;
u64 jiffies_copies[2];

/*
 * A 32-bit machine stores 64 bits in two steps, and an NMI in between cannot wait for the second.
 * So the next count goes into the copy that nobody reads, and the store of `jiffies`, which is
 * one step everywhere, makes it the one that all read.
 */
void jiffies_advance(void)
{
	u64 next = jiffies_copies[jiffies & 1] + 1;

	jiffies_copies[next & 1] = next;
	smp_mb();
	jiffies = (unsigned long)next;
}

/* If `jiffies` has not changed around the read, no tick has written the copy that was read. */
u64 get_jiffies_64(void)
{
	unsigned long seen;
	u64 ticks;

	do {
		seen = jiffies;
		smp_mb();
		ticks = jiffies_copies[seen & 1];
		smp_mb();
	} while (jiffies != seen);
	return ticks;
}

/* The error of mult is below 2^-32 ns a cycle: one second in 45 years at 3 GHz. */
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
