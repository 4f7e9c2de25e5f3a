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

void ktest_stop_stepping(struct pt_regs *regs)
{
	write_sysreg(read_sysreg(mdscr_el1) & ~MDSCR_SS, mdscr_el1);
	isb();
}

void ktest_run_stepping(void (*body)(void))
{
	unsigned long mdscr = read_sysreg(mdscr_el1);

	write_sysreg(0ul, oslar_el1);	/* unlocks the OS lock, which is set after a reset */
	write_sysreg(mdscr | MDSCR_SS | MDSCR_KDE, mdscr_el1);
	__asm__ volatile("isb\n\tmsr daifclr, #8" : : : "memory");
	body();
	__asm__ volatile("msr daifset, #8" : : : "memory");
	write_sysreg(mdscr, mdscr_el1);
	__asm__ volatile("isb" : : : "memory");
}
