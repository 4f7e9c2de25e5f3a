/* SPDX-License-Identifier: MIT */
/* Functions of the log that only start-up and panic use. */
#pragma once
#include "kernel/types.h"

void printk_init(void);			/* boot: after arch_log_init() */
/*
 * For a panic: from now on the log channel gets messages of every level, and printk() waits only
 * for a limited time for the log's lock, whose holder may have been stopped.
 */
void printk_show_all(void);

/* Set by the first panic or fatal fault. From then on, locks may never be released again. */
extern bool oops_in_progress;
