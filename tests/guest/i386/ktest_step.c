/* SPDX-License-Identifier: MIT */
/*
 * The trap flag: one debug exception after each instruction. Untraced, because that exception is.
 */
#include "kernel/arch.h"
#include "tests/guest/ktest/step.h"

#define TRAP_FLAG 0x100

void ktest_stop_stepping(struct pt_regs *regs)
{
	regs->flags &= ~(unsigned long)TRAP_FLAG;
}

void ktest_run_stepping(void (*body)(void))
{
	__asm__ volatile("pushfl\n\torl $" __stringify(TRAP_FLAG) ", (%%esp)\n\tpopfl"
			 : : : "memory", "cc");
	body();
	__asm__ volatile("pushfl\n\tandl $~" __stringify(TRAP_FLAG) ", (%%esp)\n\tpopfl"
			 : : : "memory", "cc");
}
