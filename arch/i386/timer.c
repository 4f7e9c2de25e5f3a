/* SPDX-License-Identifier: MIT */
/*
 * The 8254 timer: channel 0 is the tick, channel 2 measures the TSC's frequency
 * when the CPU does not tell it. The measurement is short because an emulated
 * clock that counts instructions runs while it waits: it stops once it is good
 * enough, and takes MEASURE_MAX at most. Clock reads are untraced, so this file is.
 */
#include "arch/i386/i386.h"
#include "kernel/arch.h"
#include "kernel/irq.h"
#include "kernel/printk.h"
#include "kernel/time.h"
#include <asm/io.h>

#define PIT_HZ 1193182u
#define PIT_CHANNEL0 0x40
#define PIT_CHANNEL2 0x42
#define PIT_COMMAND 0x43
#define PIT_IRQ 0

#define COMMAND_TICK 0x34		/* channel 0, both bytes, mode 2: rate generator */
#define COMMAND_ONE_SHOT 0xb0		/* channel 2, both bytes, mode 0: count down once */
#define COMMAND_LATCH2 0x80

#define SPEAKER_PORT 0x61
#define SPEAKER_GATE2 0x01
#define SPEAKER_DATA 0x02
#define SPEAKER_OUT2 0x20		/* channel 2 has counted to its end, once or more */

#define MEASURE_START_TRIES 32
#define MEASURE_MAX (PIT_HZ * 18 / 10000)	/* 1.8 ms, in PIT counts */
#define MEASURE_LIMIT 0xf000			/* before channel 2 wraps */
#define MEASURE_TRIES 10
#define MEASURE_ERROR_PPM 100

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

/* The PIT's count changed to @count at @tsc, give or take @width / 2 cycles. */
struct edge {
	u64 tsc;
	u32 width;
	u32 count;
};

static u32 read_channel2(void)
{
	u32 low;

	outb(PIT_COMMAND, COMMAND_LATCH2);
	low = inb(PIT_CHANNEL2);
	return (u32)inb(PIT_CHANNEL2) << 8 | low;
}

static struct edge next_edge(void)
{
	u64 before, now = arch_clock_cycles();
	u32 count, first = read_channel2();

	do {
		before = now;
		now = arch_clock_cycles();
		count = read_channel2();
	} while (count == first);
	now = arch_clock_cycles();
	return (struct edge){ before + (now - before) / 2, (u32)(now - before), count };
}

/* @hz is right to +-@error, which is little: the roundest value in there is the likeliest. */
static u64 round_within(u64 hz, u64 error)
{
	static const u32 steps[] = { 100000000, 10000000, 1000000 };
	unsigned int i;

	for (i = 0; i < sizeof(steps) / sizeof(steps[0]); i++) {
		u64 rounded = (hz + steps[i] / 2) / steps[i] * steps[i];

		if (rounded && (rounded > hz ? rounded - hz : hz - rounded) <= error)
			return rounded;
	}
	return hz;
}

/*
 * A wide window means that the host ran something else meanwhile. Such an edge is of no use, and
 * waiting for another one costs this machine nothing.
 */
static bool good_enough(const struct edge *start, const struct edge *end)
{
	u64 error = ((u64)start->width + end->width) / 2;
	u32 elapsed = start->count - end->count;

	if (error * 1000000 <= (end->tsc - start->tsc) * MEASURE_ERROR_PPM)
		return true;
	return (elapsed >= MEASURE_MAX && end->width <= 2 * start->width) ||
	       end->count <= 0xffff - MEASURE_LIMIT;
}

/* Sets @hz; false if channel 2 has wrapped meanwhile, which makes that worthless. */
static bool measure_once(u64 *hz)
{
	struct edge start, end;
	u64 cycles, error;
	u32 elapsed;
	unsigned int i;

	outb(PIT_COMMAND, COMMAND_ONE_SHOT);
	outb(PIT_CHANNEL2, 0xff);
	outb(PIT_CHANNEL2, 0xff);
	start = next_edge();
	/* The narrower the first edge is known, the shorter the measurement has to be. */
	for (i = 0; i < MEASURE_START_TRIES; i++) {
		end = next_edge();
		if (end.width < start.width)
			start = end;
	}
	do
		end = next_edge();
	while (!good_enough(&start, &end));
	/* Counts that have wrapped are thrown away below, but must not divide by zero before. */
	elapsed = start.count > end.count ? start.count - end.count : 1;
	cycles = end.tsc - start.tsc;
	error = ((u64)start.width + end.width) / 2;
	*hz = cycles * PIT_HZ / elapsed;
	if (error * 1000000 <= cycles * MEASURE_ERROR_PPM)
		*hz = round_within(*hz, error * PIT_HZ / elapsed);
	return !(inb(SPEAKER_PORT) & SPEAKER_OUT2);
}

/*
 * Channel 2 counts for 55 ms. If the host stops the machine for longer, it wraps, which the counts
 * themselves do not show. Without a speaker port every try looks as if that had happened.
 */
static u64 measure_tsc_hz(void)
{
	u8 port = inb(SPEAKER_PORT);
	unsigned int tries = 0;
	u64 hz;

	outb(SPEAKER_PORT, (port & ~SPEAKER_DATA) | SPEAKER_GATE2);
	while (!measure_once(&hz) && ++tries < MEASURE_TRIES)
		;
	outb(SPEAKER_PORT, port);
	return hz;
}

void i386_tsc_init(void)
{
	const char *source = "told by the CPU";

	tsc_hz = tsc_hz_by_cpuid();
	if (!tsc_hz) {
		tsc_hz = measure_tsc_hz();
		source = "measured";
	}
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
