/* SPDX-License-Identifier: MIT */
/*
 * The tick: what the port's timer interrupt calls HZ times a second on each
 * CPU. Traced, as ordinary kernel code; reading the clock is in clock.c.
 */
#include "kernel/arch.h"
#include "kernel/clock.h"
#include "kernel/sched/percpu.h"
#include "kernel/sched/sched.h"
#include "kernel/time.h"
#include "kernel/watchdog.h"

#define TURN_STARTS 4
#define TURN_SHIFT 23			/* 2^23 ns are about a tick, and need no 64-bit division */
_Static_assert(NSEC_PER_SEC / HZ >> TURN_SHIFT == 1, "a turn takes between half a tick and one");

/*
 * An emulator that counts instructions runs one CPU at a time, until that one waits or the next
 * timer is due; where a CPU always has work and no need to wait, the others would never run. So
 * time is cut into turns that belong to one CPU after the other, and who takes a tick in another's
 * gives way: a few times, for setting its own timer ends that one's run, too.
 */
static void give_way(unsigned int cpu)
{
	/* By the clock, for CPU 0's count of ticks stands still while it waits for its turn. */
	if ((u32)(ktime_get_ns() >> TURN_SHIFT) % nr_cpus_online == cpu)
		return;
	for (unsigned int n = 0; n < TURN_STARTS; n++)
		arch_cpu_relax();
}

/* Interrupt context. One CPU counts jiffies for all. */
void time_tick(void)
{
	if (!smp_processor_id())
		jiffies_advance();
	watchdog_tick();
	scheduler_tick();
	give_way(smp_processor_id());
}
