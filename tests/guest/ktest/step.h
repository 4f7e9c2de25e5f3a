/* SPDX-License-Identifier: MIT */
/* Single-stepping this CPU: arch/ARCH/ktest_step.c. */
#pragma once

struct pt_regs;

/*
 * Run @body with @hook called before each of its instructions, interrupts off. Neither may be
 * traced, nor may @body wait for another CPU.
 */
void ktest_single_step(void (*body)(void), void (*hook)(struct pt_regs *regs));
