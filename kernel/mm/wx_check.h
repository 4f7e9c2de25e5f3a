/* SPDX-License-Identifier: MIT */
/* The kernel's check of its own page tables; kernel/mm/wx_check.c. */
#pragma once
#include "kernel/types.h"

/* The result of one CPU. */
struct wx_report {
	unsigned int violations;
	size_t text_bytes;		/* how much of the kernel's text is mapped executable */
	unsigned long va;		/* the first violation */
	const char *what;
};
extern struct wx_report wx_reports[];	/* results of the last scan, by CPU */

/* Make all CPUs check their tables. Returns the number of violations. Interrupts are on. */
unsigned int wx_scan(void);
/* The same at the end of boot; logs that all is well, or each violation. */
void wx_check(void);
