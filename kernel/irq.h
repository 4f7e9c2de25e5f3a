/* SPDX-License-Identifier: MIT */
/* Device interrupts. Numbers are the interrupt controller's own (PIC line, GIC INTID). */
#pragma once
#include "kernel/sched/percpu.h"

#define NR_IRQS 256
typedef void (*irq_handler_t)(unsigned int irq, void *dev);

/* One handler a line; unmasks it. 0, -EINVAL (no such line) or -EBUSY. */
int irq_register(unsigned int irq, irq_handler_t handler, void *dev, const char *name);
/* The port calls this with interrupts off, between irq_enter() and irq_exit(). It is counted. */
void irq_dispatch(unsigned int irq);
/* Part of irq_dispatch(); also for interrupts between CPUs, which nothing traced may handle. */
extern unsigned long irq_counts[NR_IRQS][NR_CPUS];
static inline void irq_count(unsigned int irq)
{
	irq_counts[irq][smp_processor_id()]++;
}
/* For /proc/interrupts: false when the line has no handler. */
bool irq_info(unsigned int irq, unsigned int cpu, unsigned long *count, const char **name);
