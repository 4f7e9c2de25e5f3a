/* SPDX-License-Identifier: MIT */
/*
 * Other CPUs: named by the device tree, started by the firmware (PSCI CPU_ON, Arm DEN0022)
 * at arm64_secondary_entry (boot.S) or let go from a spin table (spin_table.c), interrupted through
 * the GIC's SGIs 0-3. Untraced.
 */
#include <asm/arch.h>
#include <asm/memory.h>
#include "arch/arm64/arm64.h"
#include "kernel/arch.h"
#include "kernel/boot_info.h"
#include "kernel/irq.h"
#include "kernel/lib/errno.h"
#include "kernel/printk.h"
#include "kernel/sched/percpu.h"
#include "kernel/sched/sched.h"
#include "kernel/smp.h"

#define PSCI_CPU_ON 0xc4000003		/* the call with 64-bit arguments */
#define NR_IPIS (IPI_STOP + 1)		/* as interrupts; irq.c has IPI_NMI */

static u64 mpidrs[NR_CPUS];		/* by index: the boot CPU first, then as in the tree */
static phys_addr_t spin[NR_CPUS];	/* 0: PSCI starts it */
static unsigned int nr_listed;

static bool is_listed(u64 mpidr)
{
	for (unsigned int i = 0; i < nr_listed; i++) {
		if (mpidrs[i] == mpidr)
			return true;
	}
	return false;
}

/* List the tree's CPUs, each once. Returns how many there was no room for. */
static unsigned int list_cpus(const struct boot_devices *dev)
{
	unsigned int nr_ignored = 0;

	/* The CPU that runs is number 0, wherever the tree has it. */
	mpidrs[0] = arm64_cpus[0].mpidr;
	nr_listed = 1;
	for (unsigned int i = 0; i < dev->nr_cpus; i++) {
		if (is_listed(dev->cpus[i]))
			continue;
		if (nr_listed < NR_CPUS) {
			spin[nr_listed] = dev->spin[i];
			mpidrs[nr_listed++] = dev->cpus[i];
		} else {
			nr_ignored++;
		}
	}
	return nr_ignored;
}

/* Does a CPU that we know how to start depend on the firmware for that? */
static bool needs_psci(void)
{
	for (unsigned int i = 1; i < nr_listed; i++) {
		if (!spin[i])
			return true;
	}
	return false;
}

/* SGI numbers are IPI kinds. */
static void handle_sgi(unsigned int irq, void *dev)
{
	smp_handle_ipi((enum ipi_kind)irq);
}

static const char *register_ipis(void)
{
	static const char *const names[NR_IPIS] = {
		[IPI_RESCHEDULE] = "reschedule", [IPI_CALL] = "call", [IPI_STOP] = "stop",
	};

	for (unsigned int i = 0; i < NR_IPIS; i++) {
		if (irq_register(i, handle_sgi, NULL, names[i]))
			return "an interrupt between CPUs is taken";
	}
	return NULL;
}

unsigned int arch_smp_count(void)
{
	const struct boot_devices *dev = &boot_info.dev;
	unsigned int nr_ignored = list_cpus(dev);
	const char *problem;

	if (!dev->nr_cpus)
		problem = "the device tree lists no CPUs";
	else if (nr_listed == 1)
		return 1;
	else if (!dev->psci && needs_psci())
		problem = "the device tree has no PSCI, which starts CPUs";
	else if (!arm64_irq_prepare_cpu(&arm64_cpus[0]))
		problem = "no interrupt controller";
	else
		/* Last, because it leaves something behind: interrupts that have handlers. */
		problem = register_ipis();
	if (problem) {
		pr_warn("smp: %s: one CPU will be used\n", problem);
		return 1;
	}
	if (nr_ignored)
		pr_warn("smp: %u CPUs more than there is room for\n", nr_ignored);
	return nr_listed;
}

int arch_smp_start_cpu(unsigned int index, unsigned int cpu, struct task_struct *idle)
{
	struct arm64_cpu *self = &arm64_cpus[cpu];
	long answer;

	self->mpidr = mpidrs[index];
	self->idle = idle;
	self->idle_stack = (unsigned long)idle->stack + THREAD_STACK_SIZE;
	if (!arm64_irq_prepare_cpu(self)) {
		pr_err("smp: no interrupts for the CPU at 0x%llx\n",
		       (unsigned long long)self->mpidr);
		return -ENODEV;
	}
	dsb(ish);			/* all of this is visible before the CPU runs */
	if (spin[index]) {
		answer = arm64_spin_start(spin[index], self->mpidr, cpu);
		if (answer)
			pr_err("smp: no spin table at 0x%llx\n", (unsigned long long)spin[index]);
		return (int)answer;
	}
	answer = arm64_psci_call(PSCI_CPU_ON, self->mpidr, virt_to_phys(arm64_secondary_entry),
				 cpu);
	if (answer) {
		pr_err("smp: PSCI does not start the CPU at 0x%llx: %ld\n",
		       (unsigned long long)self->mpidr, answer);
		return -ENODEV;
	}
	return 0;
}

/* From boot.S, on the idle thread's stack; current, vectors and smp_processor_id() are right. */
void arm64_secondary_main(unsigned int cpu)
{
	arm64_irq_init_cpu();
	for (unsigned int i = 0; i < NR_IPIS; i++)
		arch_irq_unmask(i);
	arm64_timer_start();
	smp_secondary_main(cpu);
}

/*
 * Without pseudo-NMIs IPI_STOP is an interrupt like the others, and a CPU that has them off does
 * not hear it.
 */
void arch_send_ipi(unsigned int cpu, enum ipi_kind kind)
{
	arm64_send_sgi(&arm64_cpus[cpu], (unsigned int)kind);
}
