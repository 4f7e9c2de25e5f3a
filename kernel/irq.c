/* SPDX-License-Identifier: MIT */
/*
 * Device interrupts: each line has at most one handler, which a driver registers at boot and the
 * port's entry code calls. Counts are kept per CPU for /proc/interrupts.
 */
#include "kernel/irq.h"
#include "kernel/events/irq.h"
#include "kernel/lib/errno.h"
#include "kernel/lockdep.h"
#include "kernel/printk.h"
#include "kernel/sched/percpu.h"
#include "kernel/sched/spinlock.h"

struct irq_line {
	irq_handler_t handler;	/* NULL while the line is free; written last */
	void *dev;
	const char *name;
};

static struct irq_line irq_lines[NR_IRQS];
unsigned long irq_counts[NR_IRQS][NR_CPUS];
static DEFINE_SPINLOCK(irq_lock);

int irq_register(unsigned int irq, irq_handler_t handler, void *dev, const char *name)
{
	struct irq_line *line = &irq_lines[irq];
	unsigned long flags;

	if (irq >= NR_IRQS || !handler)
		return -EINVAL;
	spin_lock_irqsave(&irq_lock, flags);
	if (line->handler) {
		spin_unlock_irqrestore(&irq_lock, flags);
		return -EBUSY;
	}
	/* The handler is written last, so that an interrupt that finds it also finds its data. */
	line->dev = dev;
	line->name = name;
	smp_store_release(&line->handler, handler);
	arch_irq_unmask(irq);
	spin_unlock_irqrestore(&irq_lock, flags);
	return 0;
}

/* A line that fires without a handler would fire for ever, so mask it. */
static void irq_unexpected(unsigned int irq)
{
	pr_warn("irq %u: nobody handles it, masked\n", irq);
	if (irq < NR_IRQS) {
		spin_lock(&irq_lock);
		arch_irq_mask(irq);
		spin_unlock(&irq_lock);
	}
}

void irq_dispatch(unsigned int irq)
{
	irq_handler_t handler = irq < NR_IRQS ? smp_load_acquire(&irq_lines[irq].handler) : NULL;

	assert_irqs_off();
	if (unlikely(!handler)) {
		irq_unexpected(irq);
		return;
	}
	irq_count(irq);
	trace_irq_handler_entry((int)irq, irq_lines[irq].name);
	handler(irq, irq_lines[irq].dev);
	/* A handler says nothing; none is called for an interrupt that is not its own. */
	trace_irq_handler_exit((int)irq, 1);
}

bool irq_info(unsigned int irq, unsigned int cpu, unsigned long *count, const char **name)
{
	if (irq >= NR_IRQS || cpu >= NR_CPUS || !smp_load_acquire(&irq_lines[irq].handler))
		return false;
	*count = irq_counts[irq][cpu];
	*name = irq_lines[irq].name;
	return true;
}
