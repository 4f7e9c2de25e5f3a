/* SPDX-License-Identifier: MIT */
/*
 * The stack tracer's files: stack_max_size and stack_trace, whose text is exactly Linux's.
 * stack_trace_filter is in filter.c, and the switch in sysctl.c.
 */
#include "kernel/lib/errno.h"
#include "kernel/mm/mm.h"
#include "trace/tracefs/tracefs.h"
#include "trace/tracers/trace_stack.h"

static int max_size_show(struct seq_file *m, const struct tracefs_node *node)
{
	seq_printf(m, "%lu\n", trace_stack_max_size());
	return 0;
}

static int max_size_store(const struct tracefs_node *node, const char *text, const char **why)
{
	unsigned long size;
	int err = tracefs_number(text, &size);

	if (!err)
		trace_stack_set_max_size(size);
	return err;
}

/* What a function has on the stack is its depth without that of the next outer one. */
static void show_entry(struct seq_file *m, const struct stack_trace_max *max, unsigned int n)
{
	const struct stack_trace_entry *entry = &max->entries[n];
	unsigned int outer = n + 1 < max->nr ? entry[1].depth : 0;

	seq_printf(m, "%3u) %8u   %5u   %pS\n", n, entry->depth, entry->depth - outer,
		   (void *)entry->pc);
}

static void show_how_to_enable(struct seq_file *m)
{
	seq_puts(m, "#\n"
		 "#  Stack tracer disabled\n"
		 "#\n"
		 "# To enable the stack tracer, either add 'stacktrace' to the\n"
		 "# kernel command line\n"
		 "# or 'echo 1 > /proc/sys/kernel/stack_tracer_enabled'\n"
		 "#\n");
}

static int stack_trace_show(struct seq_file *m, const struct tracefs_node *node)
{
	struct stack_trace_max *max = kmalloc(sizeof(*max), GFP_KERNEL);

	if (!max)
		return -ENOMEM;
	trace_stack_read(max);
	seq_printf(m, "        Depth    Size   Location    (%u entries)\n"
		   "        -----    ----   --------\n", max->nr);
	if (!trace_stack_is_on() && !max->size)
		show_how_to_enable(m);
	for (unsigned int n = 0; n < max->nr; n++)
		show_entry(m, max, n);
	/* Nothing is lost silently. Linux has no such line. */
	if (max->left_out)
		seq_printf(m, "# %u more are not shown\n", max->left_out);
	kfree(max);
	return 0;
}

const struct tracefs_file stack_files[] = {
	{ "stack_max_size", TRACEFS_RW, .show = max_size_show, .store = max_size_store },
	{ "stack_trace", TRACEFS_RO, .show = stack_trace_show },
	{ .name = NULL },
};
