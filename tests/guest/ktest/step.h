/* SPDX-License-Identifier: MIT */
/* Single-stepping of this CPU: step.c, and tests/guest/ARCH/ktest_step.c. */
#pragma once
#include "kernel/types.h"

struct pt_regs;

/*
 * Run @body, and call @hook before each of its instructions. Interrupts are off. Neither function
 * may be traced, and @body must not wait for another CPU. The checks of KASAN and KCSAN, which are
 * most of what checked code executes, come without @hook: otherwise interrupts would be off for so
 * long that the watchdog takes it for a lock-up.
 */
void ktest_single_step(void (*body)(void), void (*hook)(struct pt_regs *regs));
/* Set by a hook that has recorded events: see arch_step_hook. */
extern bool ktest_step_recorded;
/* The port's: run @body with stepping switched on. Interrupts are off. */
void ktest_run_stepping(void (*body)(void));
/* The port's, called by a hook: no instruction is stepped any more. */
void ktest_stop_stepping(struct pt_regs *regs);
