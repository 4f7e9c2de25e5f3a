/* SPDX-License-Identifier: MIT */
/*
 * The end of the road: panics, fatal faults, and warnings. The report goes to
 * the log; the machine then powers off with a failing status, so that whoever
 * started it notices. Untraced, and careful: a fault in the report is cut short.
 */
#include "kernel/arch.h"
#include "kernel/bug.h"
#include "kernel/current.h"
#include "kernel/kallsyms.h"
#include "kernel/percpu.h"
#include "kernel/printk_internal.h"
#include "kernel/smp.h"
#include "kernel/trace_hooks.h"
#include "kernel/unwind.h"
#include "kernel/version.h"

#define EXIT_PANIC 1

bool oops_in_progress;
static volatile unsigned int oops_cpu = NR_CPUS;	/* whose report it is */

/*
 * Only the first report is printed in full. A second one is a fault while reporting: one line by the
 * shortest way, then the end. Another CPU that fell over the same thing keeps still.
 */
static void begin_report(const char *what)
{
	arch_irq_disable();
	preempt_disable_notrace();
	if (__atomic_exchange_n(&oops_in_progress, true, __ATOMIC_SEQ_CST)) {
		if (oops_cpu != smp_processor_id())
			arch_halt();
		for (const char *s = "\nfault while reporting a fault: "; *s; s++)
			arch_log_putc(*s);
		for (const char *s = what; *s; s++)
			arch_log_putc(*s);
		arch_log_putc('\n');
		arch_poweroff(EXIT_PANIC);
	}
	oops_cpu = smp_processor_id();
	smp_stop_others();
	printk_show_all();
}

static void show_context(void)
{
	char cpu[96];

	arch_cpu_describe(cpu, sizeof(cpu));
	pr_emerg("CPU: %u PID: %d Comm: %s Patchbay %s (%s)\n", smp_processor_id(),
		 (int)current->pid, current->comm, PATCHBAY_VERSION, cpu);
}

static __noreturn void end_report(const char *reason)
{
	trace_on_oops();
	pr_emerg("---[ end Kernel panic - not syncing: %s ]---\n", reason);
	arch_poweroff(EXIT_PANIC);
}

void panic(const char *fmt, ...)
{
	static char reason[256];	/* one panic at a time gets past begin_report() */
	struct pt_regs regs;
	va_list args;

	arch_save_regs(&regs);		/* first: what panic()'s caller keeps is still in them */
	begin_report(fmt);
	va_start(args, fmt);
	vscnprintf(reason, sizeof(reason), fmt, args);
	va_end(args);
	pr_emerg("Kernel panic - not syncing: %s\n", reason);
	show_context();
	arch_show_regs(&regs);
	show_stack(NULL, NULL);
	end_report(reason);
}

void die(const char *what, struct pt_regs *regs)
{
	begin_report(what);
	pr_emerg("Oops: %s\n", what);
	show_context();
	arch_show_regs(regs);
	show_stack(NULL, regs);
	end_report(what);
}

void warn_report(const char *file, int line, const char *fmt, ...)
{
	struct va_format message = { .fmt = fmt };
	va_list args;

	va_start(args, fmt);
	message.va = &args;
	pr_warn("------------[ cut here ]------------\n");
	pr_warn("WARNING: %s:%d: %pV\n", file, line, &message);
	pr_warn("CPU: %u PID: %d Comm: %s\n", smp_processor_id(), (int)current->pid, current->comm);
	va_end(args);
	show_stack(NULL, NULL);
	pr_warn("---[ end trace ]---\n");
}

void dump_stack(void)
{
	pr_warn("CPU: %u PID: %d Comm: %s\n", smp_processor_id(), (int)current->pid, current->comm);
	show_stack(NULL, NULL);
}
