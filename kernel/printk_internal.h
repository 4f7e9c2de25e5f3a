/* SPDX-License-Identifier: MIT */
/* What start-up and panic need of the log, and nobody else. */
#pragma once
#include "kernel/types.h"

void printk_init(void);			/* boot: after arch_log_init() */
void printk_show_all(void);		/* panic: the channel gets every level; waits for no lock */

/* Set once by the first panic or fatal fault: locks may never be released again. */
extern bool oops_in_progress;
