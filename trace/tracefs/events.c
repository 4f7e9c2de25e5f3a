/* SPDX-License-Identifier: MIT */
/*
 * The files about events: available_events and set_event, and events/ with a directory for each
 * system and in it one for each event. A file of an event knows it by its number, because it may be
 * open when the event goes: then it says that there is no such thing any more.
 */
#include "trace/events/trace_events.h"
#include "kernel/lib/errno.h"
#include "kernel/lib/string.h"
#include "kernel/lockdep.h"
#include "kernel/mm/mm.h"
#include "trace/tracefs/tracefs.h"
#include "trace/tracefs/words.h"

/* --- available_events and set_event --- */

static void show_events(struct seq_file *m, const struct trace_array *tr, bool only_enabled)
{
	const struct trace_event_file *file;
	struct trace_event_call *call = NULL;

	mutex_lock(&event_mutex);
	while ((call = trace_event_next(call)) != NULL) {
		file = trace_event_file_of(call, tr);
		if (file && (!only_enabled || READ_ONCE(file->enabled)))
			seq_printf(m, "%s:%s\n", call->class->system, call->name);
	}
	mutex_unlock(&event_mutex);
}

static int available_events_show(struct seq_file *m, const struct tracefs_node *node)
{
	show_events(m, node->tr, false);
	return 0;
}

static int set_event_show(struct seq_file *m, void *data)
{
	const struct word_reader *words = data;

	show_events(m, words->node->tr, true);
	return 0;
}

static int apply_event(struct word_reader *words, const char **why)
{
	int err = trace_events_set(words->node->tr, words->word);

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
		trace_events_enable(words->node->tr, NULL, NULL, false, false);
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
	{ "available_events", TRACEFS_RO, .show = available_events_show, .top_level = true },
	{ "set_event", TRACEFS_RW, .ops = &set_event_operations },
	{ .name = NULL },
};

/* --- events/: enable at each level, and what an event has of its own --- */

static int enable_all_show(struct seq_file *m, const struct tracefs_node *node)
{
	seq_printf(m, "%c\n", trace_events_state(node->tr, node->system));
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
	return trace_events_enable(node->tr, node->system, NULL, false, on);
}

static const struct tracefs_file system_files[] = {
	{ "enable", TRACEFS_RW, .show = enable_all_show, .store = enable_all_store },
	{ .name = NULL },
};

struct trace_event_file *tracefs_event_of(const struct tracefs_node *node)
{
	struct trace_event_call *call = trace_event_find(node->index);

	return call ? trace_event_file_of(call, node->tr) : NULL;
}

static int enable_show(struct seq_file *m, const struct tracefs_node *node)
{
	const struct trace_event_file *file;

	mutex_lock(&event_mutex);
	file = tracefs_event_of(node);
	if (file)
		seq_printf(m, "%d%s\n", READ_ONCE(file->enabled), file->soft_users ? "*" : "");
	mutex_unlock(&event_mutex);
	return file ? 0 : -ENODEV;
}

static int enable_store(const struct tracefs_node *node, const char *text, const char **why)
{
	struct trace_event_file *file;
	bool on;
	int err = tracefs_bool(text, &on);

	if (err) {
		*why = "Neither 0 nor 1";
		return err;
	}
	mutex_lock(&event_mutex);
	file = tracefs_event_of(node);
	err = file ? trace_event_enable(file, on) : -ENODEV;
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
	const struct trace_event_file *file;

	mutex_lock(&event_mutex);
	file = tracefs_event_of(node);
	if (file)
		trace_event_show_format(m, file->call);
	mutex_unlock(&event_mutex);
	return file ? 0 : -ENODEV;
}

static const struct tracefs_file one_event_files[] = {
	{ "enable", TRACEFS_RW, .show = enable_show, .store = enable_store },
	{ "format", TRACEFS_RO, .show = format_show },
	{ "id", TRACEFS_RO, .show = id_show },
	{ .name = NULL },
};

/* --- Directories come and go with their events --- */

/* It stays when the system's last event goes, because a file that is still open names it. */
struct system_dir {
	struct system_dir *next;
	struct inode *dir;		/* NULL: there is no event */
	unsigned int nr_events;
	char name[];
};

static struct system_dir *find_system(struct trace_array *tr, const char *name)
{
	struct system_dir *system = tr->system_dirs;
	size_t size = strlen(name) + 1;

	lockdep_assert_held(&event_mutex);
	while (system && strcmp(system->name, name))
		system = system->next;
	if (system)
		return system;
	system = kzalloc(sizeof(*system) + size, GFP_KERNEL);
	if (!system)
		return NULL;
	memcpy(system->name, name, size);
	system->next = tr->system_dirs;
	tr->system_dirs = system;
	return system;
}

static void drop_if_empty(struct system_dir *system)
{
	if (system->nr_events || !system->dir)
		return;
	pseudo_remove(system->dir);
	system->dir = NULL;
}

static int make_system_dir(struct trace_array *tr, struct system_dir *system)
{
	struct tracefs_node node = {
		.tr = tr, .cpu = RING_BUFFER_ALL_CPUS, .system = system->name,
	};
	struct inode *dir;
	int err = tracefs_mkdir(tr->events_dir, system->name, &dir);

	if (err)
		return err;
	system->dir = dir;
	err = tracefs_add_all(dir, system_files, &node);
	return err ? err : tracefs_add_all(dir, system_check_files, &node);
}

static int make_event_dir(struct inode *system, struct trace_event_file *file)
{
	struct tracefs_node node = {
		.tr = file->tr, .cpu = RING_BUFFER_ALL_CPUS, .index = file->type,
	};
	int err = tracefs_mkdir(system, file->call->name, &file->dir);

	if (err) {
		file->dir = NULL;
		return err;
	}
	err = tracefs_add_all(file->dir, one_event_files, &node);
	if (!err)
		err = tracefs_add_all(file->dir, event_check_files, &node);
	/* A directory without some of its files would be worse than none. */
	if (err) {
		pseudo_remove(file->dir);
		file->dir = NULL;
	}
	return err;
}

static int event_added(struct trace_event_file *file)
{
	struct system_dir *system;
	int err = 0;

	/* The instance is only just being made: this event gets its files with all the others. */
	if (!file->tr->events_dir)
		return 0;
	system = find_system(file->tr, file->call->class->system);
	if (!system)
		return -ENOMEM;
	if (!system->dir)
		err = make_system_dir(file->tr, system);
	if (!err)
		err = make_event_dir(system->dir, file);
	if (!err)
		system->nr_events++;
	else
		drop_if_empty(system);
	return err;
}

static void event_removed(struct trace_event_file *file)
{
	struct system_dir *system;

	/* Without a directory it never had one, because memory was out. */
	if (!file->dir)
		return;
	system = find_system(file->tr, file->call->class->system);
	pseudo_remove(file->dir);
	file->dir = NULL;
	system->nr_events--;
	drop_if_empty(system);
}

void tracefs_forget_events(struct trace_array *tr)
{
	struct system_dir *system;

	lockdep_assert_held(&event_mutex);
	while ((system = tr->system_dirs) != NULL) {
		tr->system_dirs = system->next;
		kfree(system);
	}
}

int tracefs_add_events(struct inode *dir, const struct tracefs_node *node)
{
	static const struct trace_events_watcher watcher = { event_added, event_removed };
	struct trace_event_call *call = NULL;
	struct trace_event_file *file;
	struct inode *events;
	int err = tracefs_mkdir(dir, "events", &events);

	if (!err)
		err = tracefs_add_formats(events, node);
	if (!err)
		err = tracefs_add_all(events, system_files, node);
	if (err)
		return err;
	mutex_lock(&event_mutex);
	node->tr->events_dir = events;
	while (!err && (call = trace_event_next(call)) != NULL) {
		file = trace_event_file_of(call, node->tr);
		err = file ? event_added(file) : 0;
	}
	/* From now on those that come while the kernel runs have files as well. */
	trace_events_watcher = &watcher;
	mutex_unlock(&event_mutex);
	return err;
}
