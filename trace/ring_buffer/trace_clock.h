/* SPDX-License-Identifier: MIT */
/* The clocks for events; trace_clock.c explains each. Any context, NMI included; untraced. */
#pragma once
#include "trace/kernel.h"

/* The default clock: ns since boot, from the CPU's own counter. */
u64 trace_clock_local(void);
u64 trace_clock_global(void);
u64 trace_clock_counter(void);
u64 trace_clock_uptime(void);
u64 trace_clock_cycles(void);

struct trace_clock {
	const char *name;
	u64 (*read)(void);
	bool in_ns;		/* otherwise a plain number, and printed as one */
};
extern const struct trace_clock trace_clocks[];
extern const unsigned int nr_trace_clocks;

/* Rounded to the nearest microsecond, everywhere in tracefs, so that equal times look equal. */
static inline u64 trace_ns_to_us(u64 ns)
{
	return (ns + NSEC_PER_USEC / 2) / NSEC_PER_USEC;
}
