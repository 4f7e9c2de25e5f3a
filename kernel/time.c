/* SPDX-License-Identifier: MIT */
/*
 * The tick: what the port's timer interrupt calls HZ times a second on each
 * CPU. Traced, as ordinary kernel code; reading the clock is in clock.c.
 */
#include "kernel/arch.h"
#include "kernel/sched.h"
#include "kernel/time.h"
#include "kernel/watchdog.h"

volatile unsigned long jiffies;

/* Interrupt context. One CPU counts jiffies for all. */
void time_tick(void)
{
	if (!smp_processor_id())
		jiffies = jiffies + 1;
	watchdog_tick();
	scheduler_tick();
}
