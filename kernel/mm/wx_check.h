/* SPDX-License-Identifier: MIT */
/* The kernel's check of its own page tables; kernel/mm/wx_check.c. */
#pragma once
#include "kernel/types.h"

/* What a CPU found in the tables that it uses. */
struct wx_report {
	unsigned int violations;
	size_t text_bytes;		/* of the kernel's text, found executable */
	unsigned long va;		/* the first violation */
	const char *what;
};
extern struct wx_report wx_reports[];	/* of the last scan, by CPU */

/* All CPUs look at their tables; how many violations they found. Not in an interrupt. */
unsigned int wx_scan(void);
/* At boot: the log says that all is well, or what is not. */
void wx_check(void);
