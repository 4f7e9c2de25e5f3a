/* SPDX-License-Identifier: MIT */
/*
 * The clocks behind trace_clock. What each one means here:
 *
 *   local     ns since boot from this CPU's counter; the cheapest, the default
 *   global    the same, but no CPU ever reads less than another CPU read before
 *   counter   not a time: 1, 2, 3, ... one more for each reading, on all CPUs together
 *   uptime    timer ticks since boot (HZ a second)
 *   perf, mono, mono_raw, boot    ns since boot: nothing slews the clock here, and the
 *             machine never sleeps, so Linux's four answers are one
 *   tai       the same too: there is no calendar time here, so its epoch is the boot
 *   cycles    the processor's own counter (TSC, CNTVCT), unconverted; Linux's x86-tsc
 */
#include "trace/ring_buffer/trace_clock.h"
#include "trace/kernel.h"

u64 trace_clock_local(void)
{
	return ktime_get_ns();
}

/*
 * Set *word, which NMIs and other CPUs change too, to @next if it still is @seen; the value that
 * it had. The __sync form, because GCC makes an instruction of it on every port; __atomic calls a
 * library on i386.
 */
static u64 swap_if(u64 *word, u64 seen, u64 next)
{
	return __sync_val_compare_and_swap(word, seen, next);
}

u64 trace_clock_global(void)
{
	static u64 latest;
	u64 now = ktime_get_ns();
	/* An exchange of 0 for 0 reads all 64 bits at once, which a plain load on i386 does not. */
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
