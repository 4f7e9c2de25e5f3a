/* SPDX-License-Identifier: MIT */
/*
 * The 8254 timer, whose channel 0 is the tick, and the TSC, which is the clock: the CPU tells its
 * frequency, or tsc.c measures it. Clock reads are untraced, so this file is.
 */
#include "arch/i386/i386.h"
#include "arch/i386/tsc.h"
#include "kernel/arch.h"
#include "kernel/irq.h"
#include "kernel/printk.h"
#include "kernel/time.h"
#include <asm/io.h>

#define PIT_CHANNEL0 0x40
#define PIT_IRQ 0

#define COMMAND_TICK 0x34		/* channel 0, both bytes, mode 2: rate generator */

#define CPUID_TSC_RATIO 0x15
#define CPUID_HYPERVISOR_BIT (1u << 31)	/* leaf 1, ecx */
#define CPUID_HYPERVISOR 0x40000000u
#define CPUID_HYPERVISOR_KHZ 0x40000010u

static u64 tsc_hz __ro_after_init;

u64 arch_clock_hz(void)
{
	return tsc_hz;
}

/* From the CPU, or from the hypervisor's timing leaf; 0 if neither tells. */
static u64 tsc_hz_by_cpuid(void)
{
	u32 max, a, b, c, d;

	cpuid(0, 0, &max, &b, &c, &d);
	if (max >= CPUID_TSC_RATIO) {
		cpuid(CPUID_TSC_RATIO, 0, &a, &b, &c, &d);
		/* Some processors have the leaf, but do not tell their crystal's frequency. */
		if (a && b && c)
			return (u64)c * b / a;
	}
	cpuid(1, 0, &a, &b, &c, &d);
	if (!(c & CPUID_HYPERVISOR_BIT))
		return 0;
	cpuid(CPUID_HYPERVISOR, 0, &max, &b, &c, &d);
	if (max < CPUID_HYPERVISOR_KHZ || max > CPUID_HYPERVISOR + 0xff)
		return 0;
	cpuid(CPUID_HYPERVISOR_KHZ, 0, &a, &b, &c, &d);
	return (u64)a * 1000;
}

void i386_tsc_init(void)
{
	const char *source = "told by the CPU";
	bool sure = true;

	tsc_hz = tsc_hz_by_cpuid();
	if (!tsc_hz) {
		tsc_hz = i386_measure_tsc_hz(&sure);
		source = "measured";
	}
	/* Every time that the kernel tells, and every timeout, depends on this. */
	if (!sure)
		pr_warn("timer: the host paused in each measurement of the TSC; it may be slower "
			"than this:\n");
	pr_info("timer: TSC at %u.%03u MHz, %s\n", (u32)(tsc_hz / 1000000),
		(u32)(tsc_hz / 1000 % 1000), source);
}

static void timer_interrupt(unsigned int irq, void *dev)
{
	time_tick();
}

void arch_timer_init(const struct boot_info *info, unsigned int hz)
{
	u32 divisor = (PIT_HZ + hz / 2) / hz;

	outb(PIT_COMMAND, COMMAND_TICK);
	outb(PIT_CHANNEL0, (u8)divisor);
	outb(PIT_CHANNEL0, (u8)(divisor >> 8));
	if (irq_register(PIT_IRQ, timer_interrupt, NULL, "timer"))
		pr_err("timer: interrupt %u is taken, there is no tick\n", PIT_IRQ);
}
