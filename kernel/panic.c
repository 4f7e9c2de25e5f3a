/* SPDX-License-Identifier: MIT */
/*
 * Panics, fatal faults, and warnings. The report goes to the log. After a panic or fatal fault the
 * machine powers off with a failing status, so that whoever started it notices. Reports are
 * untraced with all that they call, because an attached callback may be what is broken, and a fault
 * during a report ends it early.
 */
#include "kernel/arch.h"
#include "kernel/bug.h"
#include "kernel/kallsyms.h"
#include "kernel/printk_internal.h"
#include "kernel/sched/current.h"
#include "kernel/sched/percpu.h"
#include "kernel/smp.h"
#include "kernel/trace_hooks.h"
#include "kernel/unwind.h"
#include "kernel/version.h"

#define EXIT_PANIC 1

unsigned int oops_cpu = NR_CPUS;
static const char *reported;		/* the reason of its report */
static unsigned int nr_faults;		/* faults of that CPU while it reports */

static void put_text(const char *text)
{
	while (*text)
		arch_log_putc(*text++);
}

/*
 * A fault during the report. The first one says what happened and repeats the reason of the report,
 * which may not have been printed yet. A second one ends the machine at once and relies on nothing
 * else, so that the machine ends whatever is broken.
 */
static __noreturn void end_in_report(const char *what)
{
	if (nr_faults++)
		arch_end_at_once(EXIT_PANIC);
	put_text("\nfault while reporting a fault: ");
	put_text(what);
	put_text("\nthe report was of: ");
	put_text(reported);
	put_text("\n");
	arch_poweroff(EXIT_PANIC);
}

/*
 * Only the first report is printed; another CPU that panics at the same time halts. From here on
 * nothing that could be traced runs on this CPU: the functions that reports call have no sites
 * (tools/checkreach.py proves it), and only NMIs, which are untraced too, can interrupt them.
 */
static void begin_report(const char *what)
{
	unsigned int reporter = NR_CPUS;

	arch_irq_disable();
	if (!__atomic_compare_exchange_n(&oops_cpu, &reporter, smp_processor_id(), false,
					 __ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST)) {
		if (reporter != smp_processor_id())
			smp_stop_this();
		end_in_report(what);
	}
	reported = what;
	barrier();
	/*
	 * Only now, because `current` may be what is broken: a fault from here on is recognised as
	 * one during the report.
	 */
	preempt_disable_notrace();
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
	static char reason[256];	/* static: begin_report() lets only one panic past */
	struct pt_regs regs;
	va_list args;

	arch_save_regs(&regs);		/* first, while they still have the caller's values */
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

	/* What led to the warning is not to be overwritten by what its report does. */
	trace_on_warning();
	va_start(args, fmt);
	message.va = &args;
	pr_warn("------------[ cut here ]------------\n");
	pr_warn("WARNING: %s:%d: %pV\n", file, line, &message);
	pr_warn("CPU: %u PID: %d Comm: %s\n", smp_processor_id(), (int)current->pid, current->comm);
	va_end(args);
	show_stack(NULL, NULL);
	pr_warn("---[ end trace ]---\n");
}
