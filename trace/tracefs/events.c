/* SPDX-License-Identifier: MIT */
/*
 * The files about events: available_events and set_event, and events/ with a directory for each
 * system and in it one for each event. A file of an event knows it by its number.
 */
#include "trace/events/trace_events.h"
#include "kernel/lib/errno.h"
#include "kernel/lib/string.h"
#include "kernel/mm/mm.h"
#include "trace/tracefs/tracefs.h"
#include "trace/tracefs/words.h"

/* --- available_events and set_event --- */

static void show_events(struct seq_file *m, bool only_enabled)
{
	struct trace_event_call *call = NULL;

	mutex_lock(&event_mutex);
	while ((call = trace_event_next(call)) != NULL) {
		if (!only_enabled || READ_ONCE(call->file.enabled))
			seq_printf(m, "%s:%s\n", call->class->system, call->name);
	}
	mutex_unlock(&event_mutex);
}

static int available_events_show(struct seq_file *m, const struct tracefs_node *node)
{
	show_events(m, false);
	return 0;
}

static int set_event_show(struct seq_file *m, void *data)
{
	show_events(m, true);
	return 0;
}

static int apply_event(struct word_reader *words, const char **why)
{
	int err = trace_events_set(words->word);

	if (err == -EINVAL)
		*why = "No event matches";
	return err;
}

static struct word_reader *words_of(const struct file *file)
{
	return ((struct seq_file *)file->private_data)->private;
}

static int set_event_open(struct inode *inode, struct file *file)
{
	struct word_reader *words = kzalloc(sizeof(*words), GFP_KERNEL);
	int err = words ? single_open(file, set_event_show, words) : -ENOMEM;

	if (err) {
		kfree(words);
		return err;
	}
	*words = (struct word_reader){ .node = inode_data(inode), .apply = apply_event };
	if (tracefs_writes(file) && (file->flags & O_TRUNC))
		trace_events_enable(NULL, NULL, false, false);
	return 0;
}

static ssize_t set_event_write(struct file *file, const char *buf, size_t size, loff_t *pos)
{
	int err = tracefs_add_words(words_of(file), buf, size);

	if (err)
		return err;
	*pos += (loff_t)size;
	return (ssize_t)size;
}

static int set_event_release(struct inode *inode, struct file *file)
{
	struct word_reader *words = words_of(file);
	int err = tracefs_end_words(words);

	kfree(words);
	seq_release(inode, file);
	return err;
}

static const struct file_operations set_event_operations = {
	.open = set_event_open,
	.read = seq_read,
	.write = set_event_write,
	.release = set_event_release,
};

const struct tracefs_file event_files[] = {
	{ "available_events", TRACEFS_RO, .show = available_events_show },
	{ "set_event", TRACEFS_RW, .ops = &set_event_operations },
	{ .name = NULL },
};

/* --- events/: enable at each level, and what an event has of its own --- */

/* A system is known by the number of its first event; all of them by 0. */
const char *tracefs_system_of(const struct tracefs_node *node)
{
	const char *system = NULL;

	mutex_lock(&event_mutex);
	if (node->index)
		system = trace_event_find(node->index)->class->system;
	mutex_unlock(&event_mutex);
	return system;
}

static int enable_all_show(struct seq_file *m, const struct tracefs_node *node)
{
	seq_printf(m, "%c\n", trace_events_state(tracefs_system_of(node)));
	return 0;
}

static int enable_all_store(const struct tracefs_node *node, const char *text, const char **why)
{
	bool on;
	int err = tracefs_bool(text, &on);

	if (err) {
		*why = "Neither 0 nor 1";
		return err;
	}
	return trace_events_enable(tracefs_system_of(node), NULL, false, on);
}

static const struct tracefs_file system_files[] = {
	{ "enable", TRACEFS_RW, .show = enable_all_show, .store = enable_all_store },
	{ .name = NULL },
};

static int enable_show(struct seq_file *m, const struct tracefs_node *node)
{
	const struct trace_event_file *file;

	mutex_lock(&event_mutex);
	file = &trace_event_find(node->index)->file;
	seq_printf(m, "%d%s\n", READ_ONCE(file->enabled), file->soft_users ? "*" : "");
	mutex_unlock(&event_mutex);
	return 0;
}

static int enable_store(const struct tracefs_node *node, const char *text, const char **why)
{
	bool on;
	int err = tracefs_bool(text, &on);

	if (err) {
		*why = "Neither 0 nor 1";
		return err;
	}
	mutex_lock(&event_mutex);
	err = trace_event_enable(&trace_event_find(node->index)->file, on);
	mutex_unlock(&event_mutex);
	return err;
}

static int id_show(struct seq_file *m, const struct tracefs_node *node)
{
	seq_printf(m, "%u\n", node->index);
	return 0;
}

static int format_show(struct seq_file *m, const struct tracefs_node *node)
{
	mutex_lock(&event_mutex);
	trace_event_show_format(m, trace_event_find(node->index));
	mutex_unlock(&event_mutex);
	return 0;
}

static const struct tracefs_file one_event_files[] = {
	{ "enable", TRACEFS_RW, .show = enable_show, .store = enable_store },
	{ "format", TRACEFS_RO, .show = format_show },
	{ "id", TRACEFS_RO, .show = id_show },
	{ .name = NULL },
};

static int add_system(struct inode *events, const char *name, const struct tracefs_node *node,
		      struct inode **system)
{
	int err = tracefs_mkdir(events, name, system);

	if (!err)
		err = tracefs_add_all(*system, system_files, node);
	return err ? err : tracefs_add_all(*system, system_check_files, node);
}

/* Events of a system follow each other. */
static int add_events(struct inode *events, struct tracefs_node node)
{
	struct trace_event_call *call = NULL;
	const char *last = "";
	struct inode *system = NULL, *dir;
	int err = 0;

	mutex_lock(&event_mutex);
	while (!err && (call = trace_event_next(call)) != NULL) {
		node.index = call->file.type;
		if (strcmp(last, call->class->system))
			err = add_system(events, call->class->system, &node, &system);
		last = call->class->system;
		if (!err)
			err = tracefs_mkdir(system, call->name, &dir);
		if (!err)
			err = tracefs_add_all(dir, one_event_files, &node);
		if (!err)
			err = tracefs_add_all(dir, event_check_files, &node);
	}
	mutex_unlock(&event_mutex);
	return err;
}

int tracefs_add_events(struct inode *dir, const struct tracefs_node *node)
{
	struct inode *events;
	int err = tracefs_mkdir(dir, "events", &events);

	if (!err)
		err = tracefs_add_formats(events, node);
	if (!err)
		err = tracefs_add_all(events, system_files, node);
	return err ? err : add_events(events, *node);
}
