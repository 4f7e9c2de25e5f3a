/* SPDX-License-Identifier: MIT */
/*
 * Sends NMIs and does what they were sent for. An NMI carries no data, and several may merge into
 * one on the way, so the sender first notes in memory what the CPU is asked to do. Untraced.
 */
#include "kernel/lockdep.h"
#include "kernel/nmi.h"
#include "kernel/printk.h"
#include "kernel/sched/current.h"
#include "kernel/sched/percpu.h"
#include "kernel/sched/sched_internal.h"
#include "kernel/smp.h"
#include "kernel/time.h"
#include "kernel/unwind.h"

#define ANSWER_NS NSEC_PER_SEC

struct nmi_cpu {
	unsigned int reasons;		/* what the CPU is asked to do: 1 << enum nmi_reason */
	unsigned int sent;		/* NMIs sent since it last took one */
	unsigned int merged;		/* NMIs that may still come although already answered */
	unsigned long count;		/* NMIs taken */
	bool shown;			/* it has printed its backtrace */
};

static DEFINE_PER_CPU(struct nmi_cpu, nmi_cpus);
static nmi_hook_t nmi_hook;

void nmi_ask(unsigned int cpu, enum nmi_reason reason)
{
	struct nmi_cpu *there = per_cpu_ptr(nmi_cpus, cpu);

	__atomic_fetch_or(&there->reasons, 1u << reason, __ATOMIC_SEQ_CST);
	__atomic_fetch_add(&there->sent, 1, __ATOMIC_SEQ_CST);
}

void nmi_send(unsigned int cpu, enum nmi_reason reason)
{
	nmi_ask(cpu, reason);
	arch_send_ipi(cpu, IPI_NMI);
}

unsigned long nmi_count(unsigned int cpu)
{
	return READ_ONCE(per_cpu(nmi_cpus, cpu).count);
}

static void do_nothing(void *unused)
{
}

/*
 * A CPU inside an NMI handler does not answer calls, so once every CPU has answered one, none runs
 * the old hook any more.
 */
void nmi_set_hook(nmi_hook_t hook)
{
	smp_store_release(&nmi_hook, hook);
	on_each_cpu(do_nothing, NULL);
}

static void run_hook(struct pt_regs *regs)
{
	nmi_hook_t hook = smp_load_acquire(&nmi_hook);

	if (hook)
		hook(regs);
}

static void show_this_cpu(struct nmi_cpu *self, struct pt_regs *regs)
{
	pr_warn("CPU: %u PID: %d Comm: %s\n", smp_processor_id(), (int)current->pid,
		current->comm);
	show_stack(NULL, regs);
	smp_store_release(&self->shown, true);
}

/*
 * An NMI without a reason. It may be one of several that were sent together: the first of them to
 * be taken has already answered for all.
 */
static void without_reason(struct nmi_cpu *self)
{
	if (self->merged)
		self->merged--;
	else
		pr_warn("NMI for an unknown reason on CPU %u\n", smp_processor_id());
}

void nmi_handle(struct pt_regs *regs)
{
	struct nmi_cpu *self = this_cpu_ptr(nmi_cpus);
	unsigned int sent = __atomic_exchange_n(&self->sent, 0, __ATOMIC_SEQ_CST);
	unsigned int reasons = __atomic_exchange_n(&self->reasons, 0, __ATOMIC_SEQ_CST);

	assert_irqs_off();
	WRITE_ONCE(self->count, self->count + 1);
	if (!sent && !reasons)
		without_reason(self);
	if (sent > 1)
		self->merged += sent - 1;
	if (reasons & 1u << NMI_HOOK)
		run_hook(regs);
	if (reasons & 1u << NMI_BACKTRACE)
		show_this_cpu(self, regs);
}

static bool has_answered(struct nmi_cpu *there)
{
	u64 deadline = ktime_get_ns() + ANSWER_NS;

	do {
		if (smp_load_acquire(&there->shown))
			return true;
		arch_cpu_relax();
	} while (ktime_get_ns() < deadline);
	return false;
}

static void show_other_cpu(unsigned int cpu)
{
	struct nmi_cpu *there = per_cpu_ptr(nmi_cpus, cpu);
	const struct task_struct *task = READ_ONCE(run_queues[cpu].curr);

	WRITE_ONCE(there->shown, false);
	nmi_send(cpu, NMI_BACKTRACE);
	if (!has_answered(there))
		pr_warn("CPU: %u PID: %d Comm: %s, does not answer%s\n", cpu, (int)task->pid,
			task->comm, arch_has_nmi() ? "" :
			": interrupts are off there, and this machine has no NMI");
}

void nmi_show_other_cpus(void)
{
	unsigned int cpu, self = smp_processor_id();

	for_each_online_cpu(cpu)
		if (NR_CPUS > 1 && cpu != self)
			show_other_cpu(cpu);
}
