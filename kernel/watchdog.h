/* SPDX-License-Identifier: MIT */
/* Finds CPUs that make no progress, and panics with a backtrace of every CPU: docs/watchdog.md. */
#pragma once

void watchdog_init(void);		/* boot, after smp_init(); reads watchdog_thresh= */
void watchdog_tick(void);		/* from each CPU's tick, before scheduler_tick() */
