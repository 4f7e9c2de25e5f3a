/* SPDX-License-Identifier: MIT */
/* Two threads that may race with each other: for the suites kcsan and kcsan_kernel. */
#pragma once
#include "kernel/kcsan/kcsan.h"
#include "tests/guest/ktest/ktest.h"

/*
 * Call both functions again and again, @mine on CPU 0 and @others in another thread, on another CPU
 * if there is one, until @hook, which gets the reports, has counted @wanted of them in
 * kt_nr_reports, or for @ns.
 */
void kt_call_both(struct ktest *t, void (*mine)(void), void (*others)(void), kcsan_hook_t hook,
		  unsigned int wanted, u64 ns);
extern unsigned int kt_nr_reports;
extern pid_t kt_both_pids[2];		/* the two threads, this one first */
