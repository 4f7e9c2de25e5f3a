/* SPDX-License-Identifier: MIT */
/*
 * trace_marker and trace_marker_raw, with which users put text and data into the trace, between the
 * kernel's own events. A text that is too long for one event becomes several.
 */
#include "kernel/lib/errno.h"
#include "trace/tracefs/tracefs.h"

/*
 * The trace shows this function as the source of the text, so it has the name that it has on Linux.
 */
static noinline __noclone ssize_t tracing_mark_write(struct file *file, const char *buf,
						      size_t size, loff_t *pos)
{
	ssize_t done = trace_write_marker(tracefs_node(file)->tr, (unsigned long)tracing_mark_write,
					  buf, size);

	if (done > 0)
		*pos += done;
	return done;
}

static ssize_t tracing_mark_raw_write(struct file *file, const char *buf, size_t size, loff_t *pos)
{
	ssize_t done = trace_write_raw(tracefs_node(file)->tr, buf, size);

	if (done > 0)
		*pos += done;
	return done;
}

static const struct file_operations marker_operations = { .write = tracing_mark_write };
static const struct file_operations raw_marker_operations = { .write = tracing_mark_raw_write };

const struct tracefs_file marker_files[] = {
	{ "trace_marker", TRACEFS_WO, .ops = &marker_operations },
	{ "trace_marker_raw", TRACEFS_WO, .ops = &raw_marker_operations },
	{ .name = NULL },
};
