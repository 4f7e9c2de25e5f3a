/* SPDX-License-Identifier: MIT */
/* Single-stepping of this CPU: tests/guest/ARCH/ktest_step.c. */
#pragma once

struct pt_regs;

/*
 * Run @body, and call @hook before each of its instructions. Interrupts are off. Neither function
 * may be traced, and @body must not wait for another CPU.
 */
void ktest_single_step(void (*body)(void), void (*hook)(struct pt_regs *regs));
