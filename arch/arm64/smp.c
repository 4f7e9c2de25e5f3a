/* SPDX-License-Identifier: MIT */
/*
 * Other CPUs: this port uses the one that it was started on, so there is nobody to
 * start and nobody to send anything to.
 */
#include "kernel/arch.h"
#include "kernel/errno.h"

unsigned int arch_smp_count(void)
{
	return 1;
}

int arch_smp_start_cpu(unsigned int index, unsigned int cpu, struct task_struct *idle)
{
	(void)index;
	(void)cpu;
	(void)idle;
	return -ENODEV;
}

void arch_send_ipi(unsigned int cpu, enum ipi_kind kind)
{
	(void)cpu;
	(void)kind;
}
