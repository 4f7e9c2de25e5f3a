/* SPDX-License-Identifier: MIT */
/*
 * The files that show and set the current tracer, whether events are recorded, and the clock; and
 * those that show errors and the names of threads.
 */
#include "kernel/lib/errno.h"
#include "trace/tracefs/tracefs.h"

static int available_tracers_show(struct seq_file *m, const struct tracefs_node *node)
{
	const char *between = "";

	for (struct tracer *t = trace_tracers(); t; t = t->next) {
		if (!trace_ok_for_array(t, node->tr))
			continue;
		seq_printf(m, "%s%s", between, t->name);
		between = " ";
	}
	seq_putc(m, '\n');
	return 0;
}

static int current_tracer_show(struct seq_file *m, const struct tracefs_node *node)
{
	seq_printf(m, "%s\n", node->tr->current_trace->name);
	return 0;
}

static int current_tracer_store(const struct tracefs_node *node, const char *text, const char **why)
{
	int err = tracing_set_tracer(node->tr, text);

	if (err == -EINVAL)
		*why = node->tr == &global_trace ? "Unknown tracer" :
			"Unknown tracer, or not one for an instance";
	else if (err == -EBUSY)
		*why = "A trace_pipe is open";
	return err;
}

static int tracing_on_show(struct seq_file *m, const struct tracefs_node *node)
{
	seq_printf(m, "%d\n", tracer_tracing_is_on(node->tr));
	return 0;
}

static int tracing_on_store(const struct tracefs_node *node, const char *text, const char **why)
{
	unsigned long on;
	int err = tracefs_number(text, &on);

	if (err)
		return err;
	if (on)
		tracer_tracing_on(node->tr);
	else
		tracer_tracing_off(node->tr);
	return 0;
}

static int trace_clock_show(struct seq_file *m, const struct tracefs_node *node)
{
	for (unsigned int i = 0; i < nr_trace_clocks; i++) {
		bool now = i == node->tr->clock_id;

		seq_printf(m, "%s%s%s%s", i ? " " : "", now ? "[" : "", trace_clocks[i].name,
			   now ? "]" : "");
	}
	seq_putc(m, '\n');
	return 0;
}

static int trace_clock_store(const struct tracefs_node *node, const char *text, const char **why)
{
	int err = tracing_set_clock(node->tr, text);

	if (err)
		*why = "Unknown clock";
	return err;
}

/* The mode is always delta; the ring buffer adds absolute stamps where it needs them. */
static int timestamp_mode_show(struct seq_file *m, const struct tracefs_node *node)
{
	seq_puts(m, "[delta] absolute\n");
	return 0;
}

static int error_log_show(struct seq_file *m, const struct tracefs_node *node)
{
	tracing_show_errors(m, node->tr);
	return 0;
}

static void error_log_truncate(const struct tracefs_node *node)
{
	tracing_clear_errors(node->tr);
}

static int cmdlines_show(struct seq_file *m, const struct tracefs_node *node)
{
	saved_cmdlines_show(m);
	return 0;
}

static int cmdlines_size_show(struct seq_file *m, const struct tracefs_node *node)
{
	seq_printf(m, "%u\n", saved_cmdlines_size());
	return 0;
}

static int cmdlines_size_store(const struct tracefs_node *node, const char *text, const char **why)
{
	unsigned long nr;
	int err = tracefs_number(text, &nr);

	return err ? err : saved_cmdlines_resize(nr > -1u ? -1u : (unsigned int)nr);
}

const struct tracefs_file control_files[] = {
	{ "available_tracers", TRACEFS_RO, .show = available_tracers_show },
	{ "current_tracer", TRACEFS_RW, .show = current_tracer_show,
	  .store = current_tracer_store },
	{ "tracing_on", TRACEFS_RW, .show = tracing_on_show, .store = tracing_on_store },
	{ "trace_clock", TRACEFS_RW, .show = trace_clock_show, .store = trace_clock_store },
	{ "timestamp_mode", TRACEFS_RO, .show = timestamp_mode_show },
	{ "error_log", TRACEFS_RW, .show = error_log_show, .truncate = error_log_truncate },
	{ "saved_cmdlines", TRACEFS_RO, .show = cmdlines_show, .top_level = true },
	{ "saved_cmdlines_size", TRACEFS_RW, .show = cmdlines_size_show,
	  .store = cmdlines_size_store, .top_level = true },
	{ .name = NULL },
};
