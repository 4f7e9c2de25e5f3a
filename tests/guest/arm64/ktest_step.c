/* SPDX-License-Identifier: MIT */
/*
 * Software step (Arm ARM D2.12): one exception after each instruction of EL1. Untraced, like
 * everything that exceptions run.
 *
 * An exception between a load-exclusive and its store makes the store fail, so code with such loops
 * never ends when it is stepped.
 */
#include "kernel/arch.h"
#include "tests/guest/ktest/step.h"

#define MDSCR_SS (1ul << 0)		/* step */
#define MDSCR_KDE (1ul << 13)		/* takes debug exceptions from EL1 to EL1 */

bool ktest_step_recorded;
static void (*step_hook)(struct pt_regs *regs);

static bool step(struct pt_regs *regs)
{
	ktest_step_recorded = false;
	step_hook(regs);
	return ktest_step_recorded;
}

void ktest_stop_stepping(struct pt_regs *regs)
{
	write_sysreg(read_sysreg(mdscr_el1) & ~MDSCR_SS, mdscr_el1);
	isb();
}

void ktest_single_step(void (*body)(void), void (*hook)(struct pt_regs *regs))
{
	unsigned long flags = arch_irq_save(), mdscr = read_sysreg(mdscr_el1);

	step_hook = hook;
	arch_step_hook = step;
	write_sysreg(0ul, oslar_el1);	/* unlocks the OS lock, which is set after a reset */
	write_sysreg(mdscr | MDSCR_SS | MDSCR_KDE, mdscr_el1);
	__asm__ volatile("isb\n\tmsr daifclr, #8" : : : "memory");
	body();
	__asm__ volatile("msr daifset, #8" : : : "memory");
	write_sysreg(mdscr, mdscr_el1);
	__asm__ volatile("isb" : : : "memory");
	arch_step_hook = NULL;
	arch_irq_restore(flags);
}
