/* SPDX-License-Identifier: MIT */
/* The files of events/ that say what is checked and done when an event comes: filter, trigger. */
#include "kernel/lib/errno.h"
#include "kernel/lib/string.h"
#include "kernel/sched/wait.h"
#include "trace/events/trace_events.h"
#include "trace/tracefs/tracefs.h"

/* Log an error in an expression, under Linux's name and with its position. */
static void log_filter(const struct tracefs_node *node, const char *text,
		       const struct filter_error *error, const char **why)
{
	if (!error->text)
		return;
	tracing_log_err(node->tr, "event filter parse error", text, strlen(text), error->pos, 0,
			error->text);
	*why = tracefs_logged;
}

static int filter_show(struct seq_file *m, const struct tracefs_node *node)
{
	const struct trace_event_file *file;

	mutex_lock(&event_mutex);
	file = tracefs_event_of(node);
	if (file)
		trace_event_show_filter(m, file);
	mutex_unlock(&event_mutex);
	return file ? 0 : -ENODEV;
}

static int filter_store(const struct tracefs_node *node, const char *text, const char **why)
{
	struct filter_error error = { NULL, 0 };
	struct trace_event_file *file;
	int err;

	mutex_lock(&event_mutex);
	file = tracefs_event_of(node);
	err = file ? trace_event_set_filter(file, text, &error) : -ENODEV;
	mutex_unlock(&event_mutex);
	if (err)
		log_filter(node, text, &error, why);
	return err;
}

static int trigger_show(struct seq_file *m, const struct tracefs_node *node)
{
	const struct trace_event_file *file;

	mutex_lock(&event_mutex);
	file = tracefs_event_of(node);
	if (file)
		trace_event_show_triggers(m, file);
	mutex_unlock(&event_mutex);
	return file ? 0 : -ENODEV;
}

static int trigger_store(const struct tracefs_node *node, const char *text, const char **why)
{
	struct trace_event_file *file;
	struct trigger_error error;
	int err = -ENODEV;

	mutex_lock(&event_mutex);
	file = tracefs_event_of(node);
	if (file) {
		err = trace_event_set_trigger(file, text, &error);
		if (err)
			*why = trace_event_log_trigger_error(file, &error) ?
				tracefs_logged : error.text;
	}
	mutex_unlock(&event_mutex);
	return err;
}

static void trigger_truncate(const struct tracefs_node *node)
{
	struct trace_event_file *file;

	mutex_lock(&event_mutex);
	file = tracefs_event_of(node);
	if (file)
		trace_event_remove_hists(file);
	mutex_unlock(&event_mutex);
}

static int hist_show(struct seq_file *m, const struct tracefs_node *node)
{
	struct trace_event_file *file;

	mutex_lock(&event_mutex);
	file = tracefs_event_of(node);
	if (file)
		trace_event_show_hists(m, file);
	mutex_unlock(&event_mutex);
	return file ? 0 : -ENODEV;
}

const struct tracefs_file event_check_files[] = {
	{ "filter", TRACEFS_RW, .show = filter_show, .store = filter_store },
	{ "hist", TRACEFS_RO, .show = hist_show },
	{ "trigger", TRACEFS_RW, .show = trigger_show, .store = trigger_store,
	  .truncate = trigger_truncate },
	{ .name = NULL },
};

static int system_filter_show(struct seq_file *m, const struct tracefs_node *node)
{
	mutex_lock(&event_mutex);
	trace_system_show_filter(m, node->tr, node->system);
	mutex_unlock(&event_mutex);
	return 0;
}

static int system_filter_store(const struct tracefs_node *node, const char *text, const char **why)
{
	struct filter_error error;
	int err;

	mutex_lock(&event_mutex);
	err = trace_system_set_filter(node->tr, node->system, text, &error);
	mutex_unlock(&event_mutex);
	if (err)
		log_filter(node, text, &error, why);
	return err;
}

const struct tracefs_file system_check_files[] = {
	{ "filter", TRACEFS_RW, .show = system_filter_show, .store = system_filter_store },
	{ .name = NULL },
};
