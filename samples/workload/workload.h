/* SPDX-License-Identifier: MIT */
/*
 * Workloads: kernel code that does something worth tracing for a while, with
 * results that it checks itself. Run by the `workload` command.
 */
#pragma once
#include "kernel/compiler.h"
#include "kernel/types.h"

#define WORKLOAD_DEFAULT_MS 500
#define WORKLOAD_MAX_MS 3600000u

struct workload_run {
	u64 end_ns;
	char report[160];	/* tells in words what was done, or what went wrong */
};

struct workload {
	const char *name, *what;
	/*
	 * Runs until workload_over(), cleans up, and fills in run->report. Returns 0 or a negative
	 * errno.
	 */
	int (*run)(struct workload_run *run);
};

extern const struct workload workload_sched, workload_fs, workload_mm, workload_cpu;

#define NR_WORKLOADS 4

/* Is the time over, or was Ctrl-C pressed? */
bool workload_over(const struct workload_run *run);
/*
 * Run the workload @name for @ms milliseconds. Returns 0, -ENOENT if there is no such workload, or
 * the workload's error. Thread context; sleeps.
 */
int workload_execute(const char *name, unsigned int ms, struct workload_run *run);
/*
 * Run all workloads at the same time, each in a thread of its own. Returns the first error, or 0.
 * Thread context; sleeps.
 */
int workload_execute_all(unsigned int ms, struct workload_run runs[NR_WORKLOADS]);
