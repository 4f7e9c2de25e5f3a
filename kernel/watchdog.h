/* SPDX-License-Identifier: MIT */
/* Finds CPUs that make no progress, and panics with a backtrace of each. docs/watchdog.md. */
#pragma once

void watchdog_init(void);		/* boot, after smp_init(): watchdog_thresh= */
void watchdog_tick(void);		/* each CPU's tick, before the scheduler's */
