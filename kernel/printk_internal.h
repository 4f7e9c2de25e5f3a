/* SPDX-License-Identifier: MIT */
/* Functions of the log that only start-up and panic use. */
#pragma once
#include "kernel/compiler.h"
#include "kernel/sched/percpu.h"

void printk_init(void);			/* boot: after arch_log_init() */
/*
 * For a panic: from now on the log channel gets messages of every level, and printk() waits only
 * for a limited time for the log's lock, whose holder may have been stopped.
 */
void printk_show_all(void);

/*
 * The CPU that makes the report of the first panic or fatal fault; NR_CPUS until then. From then on
 * locks may never be released again, and no other CPU prints.
 */
extern unsigned int oops_cpu;

static inline bool oops_in_progress(void)
{
	return READ_ONCE(oops_cpu) != NR_CPUS;
}
