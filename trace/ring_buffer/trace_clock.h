/* SPDX-License-Identifier: MIT */
/*
 * The clocks that can stamp events; trace_clock.c says what each one means.
 * Any context, NMI included; untraced.
 */
#pragma once
#include "trace/kernel.h"

/* The default clock: ns since boot, per CPU, untraced. */
u64 trace_clock_local(void);
u64 trace_clock_global(void);
u64 trace_clock_counter(void);
u64 trace_clock_uptime(void);
u64 trace_clock_cycles(void);

struct trace_clock {
	const char *name;
	u64 (*read)(void);
	bool in_ns;		/* else a plain count, printed as one */
};
extern const struct trace_clock trace_clocks[];
extern const unsigned int nr_trace_clocks;

/* Rounded, as everywhere in tracefs: two times that are equal look so. */
static inline u64 trace_ns_to_us(u64 ns)
{
	return (ns + NSEC_PER_USEC / 2) / NSEC_PER_USEC;
}
