/* SPDX-License-Identifier: MIT */
/* Reading prologues and epilogues; see unwind_code.c. */
#pragma once

struct pt_regs;

/*
 * @regs->ip is in the function [@start, @end), behind its first instruction. How many words above
 * esp its return address is if there is no frame now; -1 if there is one or the code does not tell.
 */
int i386_distance_by_code(const struct pt_regs *regs, unsigned long start, unsigned long end);
