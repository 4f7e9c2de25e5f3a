/* SPDX-License-Identifier: MIT */
/*
 * The tick, which the port's timer interrupt calls HZ times a second on each CPU. Traced, like
 * ordinary kernel code; the untraced reading of the clock is in clock.c.
 */
#include "kernel/arch.h"
#include "kernel/clock.h"
#include "kernel/sched/percpu.h"
#include "kernel/sched/sched.h"
#include "kernel/time.h"
#include "kernel/watchdog.h"

#define TURN_STARTS 4
#define TURN_SHIFT 23			/* 2^23 ns: about a tick, and without a 64-bit division */
_Static_assert(NSEC_PER_SEC / HZ >> TURN_SHIFT == 1, "a turn takes between half a tick and one");

/*
 * An emulator that counts instructions (QEMU with -icount) runs one CPU at a time, until that CPU
 * waits or the next timer is due. While one CPU always has work and never waits, the others would
 * not run at all. So time is divided into turns, each of which belongs to one CPU, and a CPU that
 * takes a tick in another's turn gives way. It does so several times, because when the other CPU
 * sets its own timer, that ends its run, too.
 */
static void let_next_cpu_run(unsigned int cpu)
{
	/* Not by jiffies, which stand still while CPU 0 waits for its turn. */
	if ((u32)(ktime_get_ns() >> TURN_SHIFT) % nr_cpus_online == cpu)
		return;
	for (unsigned int n = 0; n < TURN_STARTS; n++)
		arch_cpu_relax();
}

/* Interrupt context. Only CPU 0 counts jiffies. */
void time_tick(void)
{
	if (!smp_processor_id())
		jiffies_advance();
	watchdog_tick();
	scheduler_tick();
	let_next_cpu_run(smp_processor_id());
}
