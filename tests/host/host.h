/* SPDX-License-Identifier: MIT */
/*
 * The kernel that tracer code finds on the host: memory, one CPU whose thread,
 * contexts and cycle counter a test sets, and places where a test can interrupt.
 */
#pragma once
#include "kernel/sched/current.h"

/*
 * Called wherever simulated hardware is touched: each reading of the cycle counter, before and
 * after each arch_local_cmpxchg(), at barriers between CPUs, and in the middle of copies that
 * readers make. A test does there what an interrupt would do. NULL: nothing.
 */
extern void (*host_hook)(void);
void host_interrupt_point(void);

/* The cycle counter: each reading adds host_cycles_step. */
extern u64 host_cycles, host_cycles_step;
void host_set_clock(u32 whole, u32 fraction);	/* ns per cycle, fraction / 2^32 */

/* As if an interrupt or NMI had come: contexts nest. */
void host_enter(unsigned int offset);		/* HARDIRQ_OFFSET or NMI_OFFSET */
void host_leave(unsigned int offset);

/* The (n+1)-th allocation from now and all after it fail; negative: none does. */
void host_fail_after(int n);
/* Allocations that have not been freed. */
long host_allocations(void);
/* What mm_get_stats() says is free; nothing here changes it. */
extern unsigned long host_free_pages;
/* For vfree(): @addr may be from vmalloc_resizable(). */
void host_forget_resizable(void *addr);
