/* SPDX-License-Identifier: MIT */
/*
 * hook=mcount with a GCC that counts calls: `-pg -mrecord-mcount`. The table lists the calls of
 * mcount. Whose they are is arch/common/mcount.c's business.
 */
#include "arch/i386/counted.h"

void mcount(void);

int arch_ftrace_init_site(unsigned long ip)
{
	return i386_init_counted_site(ip, mcount);
}
