/* SPDX-License-Identifier: MIT */
/*
 * The local APIC: interrupts between CPUs, and the tick of all CPUs but the boot CPU, which
 * keeps the 8254's. Devices stay with the 8259A, whose interrupts the boot CPU's local APIC lets
 * through. Register numbers: Intel SDM vol. 3, table 10-1. Untraced.
 */
#include "arch/i386/lapic.h"
#include "arch/i386/i386.h"
#include "kernel/printk.h"
#include "kernel/sched/current.h"
#include <asm/memory.h>
#include <asm/vectors.h>

#define REG_ID 0x020
#define REG_TPR 0x080
#define REG_EOI 0x0b0
#define REG_SPURIOUS 0x0f0
#define REG_ICR_LOW 0x300
#define REG_ICR_HIGH 0x310
#define REG_LVT_TIMER 0x320
#define REG_LVT_LINT0 0x350
#define REG_LVT_LINT1 0x360
#define REG_TIMER_INITIAL 0x380
#define REG_TIMER_CURRENT 0x390
#define REG_TIMER_DIVIDE 0x3e0

#define SPURIOUS_ENABLE 0x100u
#define LVT_EXTINT 0x700u
#define LVT_NMI 0x400u
#define LVT_MASKED 0x10000u
#define LVT_PERIODIC 0x20000u
#define ICR_PENDING 0x1000u
#define DIVIDE_BY_16 0x3u

#define CALIBRATE_MS 1
#define CALIBRATE_MAX_MS 500		/* the counter lasts for seconds */
#define CALIBRATE_TRIES 1000
#define SEND_TRIES 1000000

static volatile u32 *registers __ro_after_init;
static u32 timer_period __ro_after_init;

static u32 lapic_read(unsigned int reg)
{
	return registers[reg / 4];
}

static void lapic_write(unsigned int reg, u32 value)
{
	registers[reg / 4] = value;
}

void lapic_map(u64 pa)
{
	registers = i386_fixmap(FIXMAP_LAPIC, pa, true);
}

unsigned int lapic_id(void)
{
	return lapic_read(REG_ID) >> 24;
}

void lapic_enable(bool boot_cpu)
{
	lapic_write(REG_TPR, 0);
	lapic_write(REG_LVT_TIMER, LVT_MASKED);
	lapic_write(REG_LVT_LINT0, boot_cpu ? LVT_EXTINT : LVT_MASKED);
	lapic_write(REG_LVT_LINT1, boot_cpu ? LVT_NMI : LVT_MASKED);
	lapic_write(REG_SPURIOUS, SPURIOUS_ENABLE | VECTOR_SPURIOUS);
}

/* What the timer had counted at @tsc, or at most @width cycles later. */
struct reading {
	u64 tsc, width;
	u32 counted;
};

/*
 * If the host runs something else between the two clocks' readings they do not belong together, and
 * are read again; but not for ever, because some machines are always that slow. The best pair
 * counts.
 */
static struct reading read_both(void)
{
	u64 most = arch_clock_hz() / 1000 * CALIBRATE_MS / 100;
	struct reading best = { .width = ~0ull };
	unsigned int tries;

	for (tries = 0; tries < CALIBRATE_TRIES && best.width > most; tries++) {
		u64 before = arch_clock_cycles();
		u32 counted = ~0u - lapic_read(REG_TIMER_CURRENT);
		u64 width = arch_clock_cycles() - before;

		if (width < best.width)
			best = (struct reading){ before, width, counted };
	}
	return best;
}

void lapic_timer_calibrate(unsigned int hz)
{
	u64 cycles, error, ms = arch_clock_hz() / 1000;
	unsigned long flags = arch_irq_save();
	struct reading start, end;

	lapic_write(REG_TIMER_DIVIDE, DIVIDE_BY_16);
	/* It counts down from the largest number, so that it does not reach 0 meanwhile. */
	lapic_write(REG_TIMER_INITIAL, ~0u);
	start = read_both();
	/* The less exactly the ends are known, the longer it takes until that does not matter. */
	do {
		end = read_both();
		cycles = end.tsc - start.tsc;
		error = start.width + end.width;
	} while (cycles < CALIBRATE_MS * ms ||
		 (error > cycles / 20 && cycles < CALIBRATE_MAX_MS * ms));
	lapic_write(REG_TIMER_INITIAL, 0);
	arch_irq_restore(flags);
	if (error > cycles / 20)
		pr_warn("smp: the host paused while the local APIC's timer was measured; other "
			"CPUs' ticks may come at a wrong rate\n");
	timer_period = (u32)((end.counted - start.counted) * (arch_clock_hz() / hz) / cycles);
	if (!timer_period)
		timer_period = 1;
}

void lapic_timer_start(void)
{
	lapic_write(REG_TIMER_DIVIDE, DIVIDE_BY_16);
	lapic_write(REG_LVT_TIMER, LVT_PERIODIC | VECTOR_LAPIC_TIMER);
	lapic_write(REG_TIMER_INITIAL, timer_period);
}

static void wait_until_sent(void)
{
	unsigned int i;

	for (i = 0; i < SEND_TRIES && lapic_read(REG_ICR_LOW) & ICR_PENDING; i++)
		arch_cpu_relax();
}

/*
 * A command takes two writes. Between them an interrupt could send something of its own, so they
 * are off. An NMI can come all the same, and puts back what it has found.
 */
void lapic_send(unsigned int apic_id, u32 command)
{
	unsigned long flags = arch_irq_save();
	u32 found = lapic_read(REG_ICR_HIGH);

	wait_until_sent();
	lapic_write(REG_ICR_HIGH, apic_id << 24);
	lapic_write(REG_ICR_LOW, command);
	if (in_nmi()) {
		wait_until_sent();
		lapic_write(REG_ICR_HIGH, found);
	}
	arch_irq_restore(flags);
}

void lapic_eoi(void)
{
	lapic_write(REG_EOI, 0);
}
