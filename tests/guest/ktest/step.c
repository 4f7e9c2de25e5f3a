/* SPDX-License-Identifier: MIT */
/*
 * Single-stepping, as far as it is the same for both ports: tests/guest/ARCH/ktest_step.c has the
 * rest. Untraced, like everything that exceptions run.
 */
#include "tests/guest/ktest/step.h"
#include "kernel/arch.h"
#include <asm/ptrace.h>

bool ktest_step_recorded;
static void (*step_hook)(struct pt_regs *regs);

static bool in_checks(unsigned long pc)
{
	return pc - (unsigned long)__checks_text_start <
	       (unsigned long)(__checks_text_end - __checks_text_start);
}

static bool step(struct pt_regs *regs)
{
	ktest_step_recorded = false;
	if (!in_checks(instruction_pointer(regs)))
		step_hook(regs);
	return ktest_step_recorded;
}

void ktest_single_step(void (*body)(void), void (*hook)(struct pt_regs *regs))
{
	unsigned long flags = arch_irq_save();

	step_hook = hook;
	arch_step_hook = step;
	/* A watch is taken by a loop around an exclusive store, which fails when it is stepped. */
	kcsan_disable_current();
	ktest_run_stepping(body);
	kcsan_enable_current();
	arch_step_hook = NULL;
	arch_irq_restore(flags);
}
