/* SPDX-License-Identifier: MIT */
/* Device interrupts. Numbers are the interrupt controller's own (PIC line, GIC INTID). */
#pragma once
#include "kernel/sched/percpu.h"

#define NR_IRQS 256
typedef void (*irq_handler_t)(unsigned int irq, void *dev);

/*
 * Set the handler of a line and unmask the line. Returns 0, -EINVAL if there is no such line or no
 * handler, or -EBUSY if the line has one already.
 */
int irq_register(unsigned int irq, irq_handler_t handler, void *dev, const char *name);
/*
 * Count an interrupt and call its handler; a line without one is masked. Called by the port with
 * interrupts off, between irq_enter() and irq_exit().
 */
void irq_dispatch(unsigned int irq);
/*
 * Count an interrupt. The port calls irq_count() itself for interrupts between CPUs, because those
 * must not pass through irq_dispatch(), which may be traced.
 */
extern unsigned long irq_counts[NR_IRQS][NR_CPUS];
static inline void irq_count(unsigned int irq)
{
	irq_counts[irq][smp_processor_id()]++;
}
/* How many interrupts of line @irq @cpu took, and the line's name; false if it has no handler. */
bool irq_info(unsigned int irq, unsigned int cpu, unsigned long *count, const char **name);
