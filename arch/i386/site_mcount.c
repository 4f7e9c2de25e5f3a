/* SPDX-License-Identifier: MIT */
/*
 * hook=mcount: `-pg -mrecord-mcount`. The table lists the sites, which are behind the prologue, and
 * NOPs already where GCC has -mnop-mcount; else, and in objects that were compiled without it, as
 * modules may be, they are calls of mcount. Whose they are is arch/common/site_mcount.c's business.
 */
#include "arch/i386/site.h"
#include "trace/arch.h"

void mcount(void);

int arch_ftrace_init_site(unsigned long ip)
{
	return i386_init_called_site(ip, mcount);
}
