/* SPDX-License-Identifier: MIT */
/*
 * The function profiler: how often each function was called and how long that took, in a table of
 * each CPU. trace/tracefs/profile.c shows it.
 */
#pragma once
#include "kernel/compiler.h"
#include "kernel/types.h"

enum profile_mode {
	PROFILE_OFF,
	PROFILE_GRAPH,			/* calls and durations, by the function graph */
	PROFILE_HITS,			/* calls alone, counted when they begin: cheaper */
};

/* What is known of a function, which has been called on one CPU. */
struct profile_record {
	unsigned long ip;		/* its site */
	unsigned long counter;		/* calls, which have returned there if times are measured */
	u64 time, time_squared;		/* the sums, in ns and ns^2, modulo 2^64 */
};

/* One CPU's table, as trace_profile_read() has found it. */
struct profile_copy {
	struct profile_record *records;	/* the longest time first, or most calls if there is none */
	unsigned int nr;
	unsigned long missed;		/* calls that were not counted: NMIs', or no room */
};

/*
 * Change the mode. The functions are those of set_ftrace_filter and set_ftrace_notrace. Whoever
 * starts it begins with empty tables, and they stay when it stops. Returns 0, -ENOMEM, or another
 * error of register_ftrace_graph() and its counterpart, with the mode unchanged. May sleep.
 */
int trace_profile_set(enum profile_mode mode);
enum profile_mode trace_profile_mode(void);
/*
 * Copy the table of @cpu, or those of all as one (RING_BUFFER_ALL_CPUS), to *@copy; 0 or -ENOMEM.
 * *@mode is what it was made with, also if it has been stopped since. Thread context; may sleep.
 */
int trace_profile_read(int cpu, struct profile_copy *copy, enum profile_mode *mode);
void trace_profile_free(struct profile_copy *copy);
