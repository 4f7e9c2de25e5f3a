/* SPDX-License-Identifier: MIT */
/*
 * The tick, from the virtual timer. Its compare value moves by whole periods, so
 * ticks do not drift; after a long stop the lost ones are skipped, not replayed.
 */
#include <asm/arch.h>
#include "arch/arm64/arm64.h"
#include "kernel/arch.h"
#include "kernel/boot_info.h"
#include "kernel/bug.h"
#include "kernel/irq.h"
#include "kernel/time.h"

#define CNTV_ENABLE 1
#define MAX_BEHIND 16		/* periods */

static u64 period __ro_after_init;	/* in counts */
static unsigned int timer_irq __ro_after_init;	/* private to each CPU; 0: none */

/* notrace, because reports call it: they name the processor and its clock. */
notrace u64 arch_clock_hz(void)
{
	u64 hz = read_sysreg(cntfrq_el0);

	return hz ? hz : 62500000;	/* unset by firmware: QEMU's value */
}

static void timer_interrupt(unsigned int irq, void *dev)
{
	u64 due = read_sysreg(cntv_cval_el0) + period;
	u64 now = arch_clock_cycles();

	if (now > due && now - due > MAX_BEHIND * period)
		due = now + period;
	write_sysreg(due, cntv_cval_el0);
	isb();
	time_tick();
}

void arm64_timer_start(void)
{
	if (!timer_irq)
		return;
	write_sysreg(arch_clock_cycles() + period, cntv_cval_el0);
	write_sysreg(CNTV_ENABLE, cntv_ctl_el0);
	isb();
	arch_irq_unmask(timer_irq);
}

void arch_timer_init(const struct boot_info *info, unsigned int hz)
{
	int err;

	period = arch_clock_hz() / hz;
	err = irq_register(info->dev.timer_irq, timer_interrupt, NULL, "timer");
	if (err)
		panic("no tick: timer interrupt %u: error %d", info->dev.timer_irq, err);
	timer_irq = info->dev.timer_irq;
	arm64_timer_start();
}
