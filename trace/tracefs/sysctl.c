/* SPDX-License-Identifier: MIT */
/*
 * /proc/sys/kernel/ftrace_enabled, which turns the whole tracer on and off,
 * stack_tracer_enabled, which turns the stack tracer on and off, and traceoff_on_warning.
 */
#include "kernel/lib/errno.h"
#include "trace/core/ops.h"
#include "trace/core/update.h"
#include "trace/output/trace_dump.h"
#include "trace/tracefs/tracefs.h"
#include "trace/tracers/trace_stack.h"

static int enabled_show(struct seq_file *m, const struct tracefs_node *node)
{
	seq_printf(m, "%d\n", ftrace_is_enabled());
	return 0;
}

static int enabled_store(const struct tracefs_node *node, const char *text, const char **why)
{
	bool on;
	int err = tracefs_bool(text, &on);

	/* Linux accepts any number, but other numbers than 0 and 1 have no meaning. */
	if (err) {
		*why = "Only 0 and 1";
		return err;
	}
	err = ftrace_set_enabled(on);
	if (err == -EBUSY)
		*why = "A permanent callback is registered";
	return err;
}

static int stack_show(struct seq_file *m, const struct tracefs_node *node)
{
	seq_printf(m, "%d\n", trace_stack_is_on());
	return 0;
}

static int stack_store(const struct tracefs_node *node, const char *text, const char **why)
{
	bool on;
	int err = tracefs_bool(text, &on);

	if (err)
		*why = "Only 0 and 1";
	return err ? err : trace_stack_set(on);
}

static int warning_show(struct seq_file *m, const struct tracefs_node *node)
{
	seq_printf(m, "%d\n", READ_ONCE(traceoff_on_warning));
	return 0;
}

static int warning_store(const struct tracefs_node *node, const char *text, const char **why)
{
	bool on;
	int err = tracefs_bool(text, &on);

	if (err)
		*why = "Only 0 and 1";
	else
		WRITE_ONCE(traceoff_on_warning, on);
	return err;
}

static const struct tracefs_file sysctl_files[] = {
	{ "ftrace_enabled", TRACEFS_RW, .show = enabled_show, .store = enabled_store },
	{ "stack_tracer_enabled", TRACEFS_RW, .show = stack_show, .store = stack_store },
	{ "traceoff_on_warning", TRACEFS_RW, .show = warning_show, .store = warning_store },
	{ .name = NULL },
};

int tracefs_add_sysctl(struct inode *proc)
{
	const struct tracefs_node node = { .tr = &global_trace, .cpu = RING_BUFFER_ALL_CPUS };
	struct inode *sys, *kernel;
	int err = tracefs_mkdir(proc, "sys", &sys);

	if (!err)
		err = tracefs_mkdir(sys, "kernel", &kernel);
	return err ? err : tracefs_add_all(kernel, sysctl_files, &node);
}
