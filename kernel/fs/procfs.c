/* SPDX-License-Identifier: MIT */
/*
 * /proc: information about the kernel, in Linux's format where Linux has the same file. All files
 * are read-only; their text is made when they are read.
 */
#include "kernel/arch.h"
#include "kernel/boot_info.h"
#include "kernel/bug.h"
#include "kernel/fs/inode.h"
#include "kernel/fs/seq_file.h"
#include "kernel/irq.h"
#include "kernel/kallsyms.h"
#include "kernel/lib/errno.h"
#include "kernel/lib/string.h"
#include "kernel/module/module.h"
#include "kernel/nmi.h"
#include "kernel/sched/current.h"
#include "kernel/sched/percpu.h"
#include "kernel/smp.h"
#include "kernel/time.h"
#include "kernel/version.h"

/* --- kallsyms: "address type name", one function a line --- */

static void *kallsyms_start(struct seq_file *m, loff_t *pos)
{
	const char *name, *module;
	unsigned long addr, flags;
	bool found;

	/* The pointer's value does not matter, since items are found by position. */
	if (*pos < kallsyms_count())
		return m;
	flags = irq_save();
	found = kallsyms_module_at((unsigned int)*pos - kallsyms_count(), &name, &addr, &module);
	irq_restore(flags);
	return found ? m : NULL;
}

static void *kallsyms_next(struct seq_file *m, void *v, loff_t *pos)
{
	++*pos;
	return kallsyms_start(m, pos);
}

static void kallsyms_stop(struct seq_file *m, void *v)
{
}

static int kallsyms_show(struct seq_file *m, void *v)
{
	const char *name, *module;
	unsigned long addr, flags;
	bool found;

	if (kallsyms_at((unsigned int)m->index, &name, &addr)) {
		seq_printf(m, "%0*lx t %s\n", (int)(2 * sizeof(addr)), addr, name);
		return 0;
	}
	/*
	 * Printed with interrupts off: once they are on, the names may be freed with their module.
	 */
	flags = irq_save();
	found = kallsyms_module_at((unsigned int)m->index - kallsyms_count(), &name, &addr,
				   &module);
	if (found)
		seq_printf(m, "%0*lx t %s\t[%s]\n", (int)(2 * sizeof(addr)), addr, name, module);
	irq_restore(flags);
	return found ? 0 : SEQ_SKIP;
}

static const struct seq_operations kallsyms_seq_ops = {
	.start = kallsyms_start,
	.next = kallsyms_next,
	.stop = kallsyms_stop,
	.show = kallsyms_show,
};

static int kallsyms_open(struct inode *inode, struct file *file)
{
	return seq_open(file, &kallsyms_seq_ops);
}

static const struct file_operations kallsyms_ops = {
	.open = kallsyms_open,
	.read = seq_read,
	.release = seq_release,
};

/* --- The others: one function writes the whole text --- */

static void meminfo_line(struct seq_file *m, const char *label, unsigned long pages)
{
	seq_printf(m, "%-15s %8lu kB\n", label, pages << (PAGE_SHIFT - 10));
}

static int meminfo_show(struct seq_file *m, void *data)
{
	struct mm_stats stats;

	mm_get_stats(&stats);
	meminfo_line(m, "MemTotal:", stats.total_pages);
	meminfo_line(m, "MemFree:", stats.free_pages);
	meminfo_line(m, "MemAvailable:", stats.free_pages);
	meminfo_line(m, "Slab:", stats.slab_pages);
	meminfo_line(m, "VmallocUsed:", stats.vmap_pages);
	return 0;
}

static int interrupts_show(struct seq_file *m, void *data)
{
	unsigned int irq, cpu;
	unsigned long count;
	const char *name;

	seq_puts(m, "    ");
	for_each_online_cpu(cpu)
		seq_printf(m, "       CPU%u", cpu);
	seq_putc(m, '\n');
	/* The columns have Linux's widths, for scripts that read both. */
	for (irq = 0; irq < NR_IRQS; irq++) {
		if (!irq_info(irq, 0, &count, &name))
			continue;
		seq_printf(m, "%3u:", irq);
		for_each_online_cpu(cpu)
			seq_printf(m, " %10lu", irq_info(irq, cpu, &count, &name) ? count : 0);
		seq_printf(m, "   %s\n", name);
	}
	seq_puts(m, "NMI:");
	for_each_online_cpu(cpu)
		seq_printf(m, " %10lu", nmi_count(cpu));
	seq_printf(m, "   %s\n", arch_has_nmi() ? "not maskable" : "maskable here");
	return 0;
}

static int cmdline_show(struct seq_file *m, void *data)
{
	seq_printf(m, "%s\n", boot_info.cmdline);
	return 0;
}

static char task_state(const struct task_struct *task)
{
	switch (READ_ONCE(task->__state)) {
	case TASK_RUNNING:
		return 'R';
	case TASK_INTERRUPTIBLE:
		return 'S';
	case TASK_UNINTERRUPTIBLE:
		return 'D';
	default:
		return 'X';
	}
}

static int thread_show(struct task_struct *task, void *arg)
{
	struct seq_file *m = arg;
	unsigned long long us = task->runtime_ns;

	if (task == current)
		us += ktime_get_ns() - task->switched_in_ns;
	us /= NSEC_PER_USEC;
	seq_printf(m, "%5d %4u %c %3u %7llu.%06u %8lu %s\n", task->pid, task->prio,
		   task_state(task), task->cpu, us / 1000000, (unsigned int)(us % 1000000),
		   task->nr_switches, task->comm);
	return 0;
}

static int threads_show(struct seq_file *m, void *data)
{
	seq_puts(m, "  PID PRIO S CPU           TIME SWITCHES NAME\n");
	for_each_thread(thread_show, m);
	return 0;
}

static const char *const module_states[] = {
	[MODULE_IDLE] = "Idle",
	[MODULE_COMING] = "Loading",
	[MODULE_LIVE] = "Live",
	[MODULE_GOING] = "Unloading",
};

static int module_show(const struct module *mod, void *arg)
{
	if (mod->state != MODULE_IDLE)
		seq_printf(arg, "%s %zu 0 - %s 0x%0*lx\n", mod->name, mod->size,
			   module_states[mod->state], (int)(2 * sizeof(mod->text)), mod->text);
	return 0;
}

static int modules_show(struct seq_file *m, void *data)
{
	for_each_module(module_show, m);
	return 0;
}

static int version_show(struct seq_file *m, void *data)
{
	seq_printf(m, "Patchbay version " PATCHBAY_VERSION " (gcc " __VERSION__ ")\n");
	return 0;
}

struct cpu_text {
	char text[256];
};

/* Runs on the CPU that it describes, because CPUs may differ. */
static void describe_cpu(void *arg)
{
	struct cpu_text *cpu = arg;

	if (arch_cpu_describe(cpu->text, sizeof(cpu->text)) < 0)
		cpu->text[0] = '\0';
}

static int cpuinfo_show(struct seq_file *m, void *data)
{
	struct cpu_text info;
	unsigned int cpu;

	for_each_online_cpu(cpu) {
		smp_call_function_single(cpu, describe_cpu, &info);
		seq_printf(m, "processor\t: %u\nmodel name\t: %s\n\n", cpu, info.text);
	}
	return 0;
}

static int uptime_show(struct seq_file *m, void *data)
{
	unsigned long long ns = ktime_get_ns();

	seq_printf(m, "%llu.%02u\n", ns / NSEC_PER_SEC,
		   (unsigned int)(ns % NSEC_PER_SEC / (10 * NSEC_PER_MSEC)));
	return 0;
}

struct proc_entry {
	const char *name;
	int (*show)(struct seq_file *m, void *data);
};

static const struct proc_entry proc_entries[] = {
	{ "cmdline", cmdline_show },
	{ "cpuinfo", cpuinfo_show },
	{ "interrupts", interrupts_show },
	{ "meminfo", meminfo_show },
	{ "modules", modules_show },
	{ "threads", threads_show },
	{ "uptime", uptime_show },
	{ "version", version_show },
};

static int proc_open(struct inode *inode, struct file *file)
{
	const struct proc_entry *entry = inode_data(inode);

	return single_open(file, entry->show, NULL);
}

static const struct file_operations proc_ops = {
	.open = proc_open,
	.read = seq_read,
	.release = seq_release,
};

void procfs_init(void)
{
	struct inode *proc = pseudo_root("/proc");
	unsigned int i;

	if (IS_ERR(proc) || IS_ERR(pseudo_file(proc, "kallsyms", 0444, &kallsyms_ops, NULL)))
		panic("no memory for /proc");
	for (i = 0; i < ARRAY_SIZE(proc_entries); i++)
		if (IS_ERR(pseudo_file(proc, proc_entries[i].name, 0444, &proc_ops,
				       (void *)&proc_entries[i])))
			panic("no memory for /proc/%s", proc_entries[i].name);
}
