/* SPDX-License-Identifier: MIT */
/*
 * The kernel that the tracer's code finds on the host: memory; one CPU whose thread, contexts and
 * cycle counter a test sets; and places where a test can interrupt.
 */
#pragma once
#include "kernel/sched/current.h"

/*
 * Called wherever simulated hardware is touched: at each reading of the cycle counter, before and
 * after each arch_local_cmpxchg(), at barriers between CPUs, and in the middle of copies that
 * readers make. There a test does what an interrupt would do. NULL: nothing is called.
 */
extern void (*host_hook)(void);
void host_interrupt_point(void);

/* The cycle counter. Each reading adds host_cycles_step. */
extern u64 host_cycles, host_cycles_step;
void host_set_clock(u32 whole, u32 fraction);	/* ns per cycle, fraction / 2^32 */

/* Enter and leave a context as if an interrupt or NMI had come. Contexts nest. */
void host_enter(unsigned int offset);		/* HARDIRQ_OFFSET or NMI_OFFSET */
void host_leave(unsigned int offset);

/* The (n+1)-th allocation from now on fails, and all after it. If @n is negative, none fails. */
void host_fail_after(int n);
/* Returns the number of allocations that have not been freed. */
long host_allocations(void);
/* The free pages that mm_get_stats() reports. Nothing here changes it. */
extern unsigned long host_free_pages;
/* For vfree(), whose @addr may come from vmalloc_resizable(). */
void host_forget_resizable(void *addr);
