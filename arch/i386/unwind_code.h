/* SPDX-License-Identifier: MIT */
/* Reading prologues and epilogues; see unwind_code.c. */
#pragma once

struct pt_regs;

/*
 * @regs->ip is in the function [@start, @end), behind its first instruction. How many words above
 * esp its return address is if there is no frame now; -1 if there is one or the code does not tell.
 */
int i386_distance_by_code(const struct pt_regs *regs, unsigned long start, unsigned long end);
/*
 * Does the function [@start, @end) copy its return address to a place that it aligned? To how many
 * bytes, and *@pushes are the words that it pushed before; 0: it does not.
 */
unsigned int i386_aligned_frame(unsigned long start, unsigned long end, unsigned int *pushes);
