/* SPDX-License-Identifier: MIT */
/*
 * The clocks that can be written to the file trace_clock:
 *
 *   local     ns since boot from this CPU's counter; the cheapest, and the default
 *   global    the same, but no CPU reads less than another CPU has read before
 *   counter   not a time, but a number that each reading, on any CPU, increases by one
 *   uptime    timer ticks since boot (HZ a second)
 *   perf, mono, mono_raw, boot    ns since boot: the clock is never adjusted and the machine
 *             never sleeps, so these four clocks of Linux are one
 *   tai       the same: there is no calendar time, so its epoch is the boot
 *   cycles    the processor's own counter (TSC, CNTVCT), not converted; x86-tsc on Linux
 */
#include "trace/ring_buffer/trace_clock.h"
#include "trace/kernel.h"

u64 trace_clock_local(void)
{
	return ktime_get_ns();
}

/*
 * Compare-and-exchange on a word that NMIs and other CPUs change, too: set *@word to @next if it is
 * still @seen, and return its old value. GCC compiles the __sync form to an instruction on every
 * port; the __atomic form would call a library on i386.
 */
static u64 swap_if(u64 *word, u64 seen, u64 next)
{
	return __sync_val_compare_and_swap(word, seen, next);
}

u64 trace_clock_global(void)
{
	static u64 latest;
	u64 now = ktime_get_ns();
	/* Exchanging 0 for 0 reads all 64 bits at once, which a plain load on i386 does not. */
	u64 expected, seen = swap_if(&latest, 0, 0);

	do {
		if (now <= seen)
			return seen;
		expected = seen;
		seen = swap_if(&latest, expected, now);
	} while (seen != expected);
	return now;
}

u64 trace_clock_counter(void)
{
	static u64 counter;
	u64 expected, seen = swap_if(&counter, 0, 0);

	do {
		expected = seen;
		seen = swap_if(&counter, expected, expected + 1);
	} while (seen != expected);
	return seen + 1;
}

u64 trace_clock_uptime(void)
{
	return get_jiffies_64();
}

u64 trace_clock_cycles(void)
{
	return arch_clock_cycles();
}

const struct trace_clock trace_clocks[] = {
	{ "local", trace_clock_local, true },
	{ "global", trace_clock_global, true },
	{ "counter", trace_clock_counter, false },
	{ "uptime", trace_clock_uptime, false },
	{ "perf", trace_clock_local, true },
	{ "mono", trace_clock_local, true },
	{ "mono_raw", trace_clock_local, true },
	{ "boot", trace_clock_local, true },
	{ "tai", trace_clock_local, true },
	{ "cycles", trace_clock_cycles, false },
};
const unsigned int nr_trace_clocks = ARRAY_SIZE(trace_clocks);
