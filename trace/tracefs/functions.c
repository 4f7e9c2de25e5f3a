/* SPDX-License-Identifier: MIT */
/*
 * Lists of sites in address order, with a line for each: all that can be traced, those to which
 * something is attached, and those to which something was ever attached.
 */
#include "kernel/arch.h"
#include "kernel/kallsyms.h"
#include "trace/core/site_info.h"
#include "trace/ftrace.h"
#include "trace/tracefs/tracefs.h"

void tracefs_show_function(struct seq_file *m, unsigned long ip)
{
	unsigned long flags = arch_irq_save();
	struct ksym sym;

	/* Printed with interrupts off: once they are on, the name may be freed with its module. */
	if (!kallsyms_lookup(ip, &sym))
		seq_puts(m, "(unknown)");
	else
		seq_printf(m, *sym.module ? "%s [%s]" : "%s", sym.name, sym.module);
	arch_irq_restore(flags);
}

/* --- Iteration: item n is site n --- */

static void *site_item(loff_t pos)
{
	return pos < (loff_t)ftrace_nr_sites() ? (void *)(unsigned long)(pos + 1) : NULL;
}

static void *site_start(struct seq_file *m, loff_t *pos)
{
	return site_item(*pos);
}

static void *site_next(struct seq_file *m, void *v, loff_t *pos)
{
	return site_item(++*pos);
}

static void site_stop(struct seq_file *m, void *v)
{
}

static bool item_info(void *v, struct ftrace_site_info *info)
{
	return ftrace_site_info((unsigned int)((unsigned long)v - 1), info);
}

/* --- What each file shows for a site --- */

static int available_show(struct seq_file *m, void *v)
{
	struct ftrace_site_info info;

	if (!item_info(v, &info) || info.disabled)
		return SEQ_SKIP;
	tracefs_show_function(m, info.ip);
	seq_putc(m, '\n');
	return 0;
}

static int available_addrs_show(struct seq_file *m, void *v)
{
	struct ftrace_site_info info;

	if (!item_info(v, &info) || info.disabled)
		return SEQ_SKIP;
	seq_printf(m, "%lx ", info.ip);
	tracefs_show_function(m, info.ip);
	seq_putc(m, '\n');
	return 0;
}

/*
 * Show a site: NAME (COUNT) and the flags R I D O M. Then follows the ops, if the site's literal
 * points to it, or else the trampoline and what that calls. The direct function has a line of its
 * own. docs/reference.md, "enabled_functions", explains all of it.
 */
static void show_attached(struct seq_file *m, const struct ftrace_site_info *info)
{
	/* Each flag has its own column, as on Linux, whose scripts may rely on that. */
	tracefs_show_function(m, info->ip);
	seq_printf(m, " (%u)%s%s%s%s%s", info->nr_ops,
		   info->regs ? " R" : "  ",
		   info->ipmodify ? " I" : "  ",
		   info->direct ? " D" : "  ",
		   info->call_ops ? " O" : "  ",
		   info->modified ? " M " : "   ");
	if (info->enabled && info->call_ops && info->single)
		seq_printf(m, "\tops: %pS (%pS)", (void *)info->single, (void *)info->single->func);
	else if (info->enabled && info->callee)
		seq_printf(m, "\ttramp: %pS ->%pS", (void *)info->trampoline, (void *)info->callee);
	if (info->direct)
		seq_printf(m, "\n\tdirect-->%pS", (void *)info->direct_call);
	seq_putc(m, '\n');
}

static int enabled_show(struct seq_file *m, void *v)
{
	struct ftrace_site_info info;

	if (!item_info(v, &info) || !info.enabled)
		return SEQ_SKIP;
	show_attached(m, &info);
	return 0;
}

static int touched_show(struct seq_file *m, void *v)
{
	struct ftrace_site_info info;

	if (!item_info(v, &info) || !info.touched)
		return SEQ_SKIP;
	show_attached(m, &info);
	return 0;
}

#define SITE_FILE(id, show_)							\
	static const struct seq_operations id##_seq_operations = {		\
		.start = site_start, .next = site_next, .stop = site_stop, .show = show_,	\
	};									\
	static int id##_open(struct inode *inode, struct file *file)		\
	{									\
		(void)inode;							\
		return seq_open(file, &id##_seq_operations);			\
	}									\
	static const struct file_operations id##_operations = {			\
		.open = id##_open, .read = seq_read, .release = seq_release,	\
	}

SITE_FILE(available, available_show);
SITE_FILE(available_addrs, available_addrs_show);
SITE_FILE(enabled, enabled_show);
SITE_FILE(touched, touched_show);

static int total_info_show(struct seq_file *m, const struct tracefs_node *node)
{
	unsigned long sites, pages, groups;

	ftrace_total_info(&sites, &pages, &groups);
	seq_printf(m, "%lu pages:%lu groups: %lu\n", sites, pages, groups);
	return 0;
}

const struct tracefs_file function_files[] = {
	{ "available_filter_functions", TRACEFS_RO, .ops = &available_operations },
	{ "available_filter_functions_addrs", TRACEFS_RO, .ops = &available_addrs_operations },
	{ "enabled_functions", TRACEFS_RO, .ops = &enabled_operations },
	{ "touched_functions", TRACEFS_RO, .ops = &touched_operations },
	{ "dyn_ftrace_total_info", TRACEFS_RO, .show = total_info_show },
	{ .name = NULL },
};
