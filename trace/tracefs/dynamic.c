/* SPDX-License-Identifier: MIT */
/*
 * dynamic_events, kprobe_events and kprobe_profile. A line may be written in pieces: it ends with a
 * newline, or when the file is closed.
 */
#include "kernel/lib/errno.h"
#include "kernel/lib/string.h"
#include "kernel/mm/mm.h"
#include "trace/probes/probe.h"
#include "trace/tracefs/tracefs.h"

struct line_reader {
	unsigned int kinds;
	size_t len;
	char line[TRACEFS_TEXT_MAX + 1];
};

static unsigned int kinds_of(const struct tracefs_node *node)
{
	return strcmp(node->file->name, "kprobe_events") ? PROBE_ANY : PROBE_KPROBE;
}

static void refuse(const struct file *file, const struct line_reader *reader, size_t pos,
		   const char *text, const char *log)
{
	const struct tracefs_node *node = tracefs_node(file);

	tracing_log_err(node->tr, log ? log : node->file->name, reader->line, reader->len, pos, 0,
			text);
}

static int apply_line(const struct file *file, struct line_reader *reader)
{
	struct probe_error error;
	int err;

	reader->line[reader->len] = '\0';
	err = probe_command(reader->line, reader->kinds, &error);
	if (err)
		refuse(file, reader, error.pos, error.text ? error.text : errno_string(err),
		       error.log);
	reader->len = 0;
	return err;
}

static int add_text(const struct file *file, struct line_reader *reader, const char *buf,
		    size_t size)
{
	int err = 0;

	for (size_t i = 0; !err && i < size; i++) {
		/* A NUL ends the text of some programs. */
		if (buf[i] == '\n' || buf[i] == '\0') {
			err = apply_line(file, reader);
		} else if (reader->len < TRACEFS_TEXT_MAX) {
			reader->line[reader->len++] = buf[i];
		} else {
			refuse(file, reader, reader->len, "Line too long", NULL);
			reader->len = 0;
			err = -EINVAL;
		}
	}
	return err;
}

static int events_show(struct seq_file *m, void *data)
{
	const struct line_reader *reader = data;

	probe_show_events(m, reader->kinds);
	return 0;
}

static struct line_reader *reader_of(const struct file *file)
{
	return ((struct seq_file *)file->private_data)->private;
}

static int events_open(struct inode *inode, struct file *file)
{
	struct line_reader *reader = kzalloc(sizeof(*reader), GFP_KERNEL);
	int err = reader ? 0 : -ENOMEM;

	if (err)
		return err;
	reader->kinds = kinds_of(inode_data(inode));
	/* As on Linux, `>` takes away what is there, and `>>` adds to it. */
	if (tracefs_writes(file) && (file->flags & O_TRUNC)) {
		err = probe_remove_all(reader->kinds);
		if (err)
			refuse(file, reader, 0, "An event is in use", NULL);
	}
	if (!err)
		err = single_open(file, events_show, reader);
	if (err)
		kfree(reader);
	return err;
}

static ssize_t events_write(struct file *file, const char *buf, size_t size, loff_t *pos)
{
	int err = add_text(file, reader_of(file), buf, size);

	if (err)
		return err;
	*pos += (loff_t)size;
	return (ssize_t)size;
}

static int events_release(struct inode *inode, struct file *file)
{
	struct line_reader *reader = reader_of(file);
	int err = reader->len ? apply_line(file, reader) : 0;

	kfree(reader);
	seq_release(inode, file);
	return err;
}

static const struct file_operations events_operations = {
	.open = events_open,
	.read = seq_read,
	.write = events_write,
	.release = events_release,
};

static int profile_show(struct seq_file *m, const struct tracefs_node *node)
{
	probe_show_profile(m);
	return 0;
}

const struct tracefs_file dynamic_files[] = {
	{ "dynamic_events", TRACEFS_RW, .ops = &events_operations },
	{ "kprobe_events", TRACEFS_RW, .ops = &events_operations },
	{ "kprobe_profile", TRACEFS_RO, .show = profile_show },
	{ .name = NULL },
};
