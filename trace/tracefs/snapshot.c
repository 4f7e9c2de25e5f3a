/* SPDX-License-Identifier: MIT */
/*
 * The file `snapshot`, for all CPUs and for each one. Reading it shows the second buffer as `trace`
 * shows the first; 1 makes it and exchanges the two, 0 frees it, any other number empties it. The
 * text is exactly Linux's.
 */
#include "kernel/lib/errno.h"
#include "kernel/sched/wait.h"
#include "trace/output/trace_reader.h"
#include "trace/output/trace_snapshot.h"
#include "trace/tracefs/tracefs.h"

static int snapshot_store(const struct tracefs_node *node, const char *text, const char **why)
{
	struct trace_array *tr = node->tr;
	unsigned long number;
	int err = tracefs_number(text, &number);

	if (err)
		return err;
	if (tr->current_trace->use_max) {
		*why = "The current tracer uses it";
		return -EBUSY;
	}
	if (number > 1) {
		tracing_reset_snapshot(tr, node->cpu);
		return 0;
	}
	if (!number) {
		*why = "Only that of all CPUs is freed";
		if (node->cpu != RING_BUFFER_ALL_CPUS)
			return -EINVAL;
		*why = "Somebody reads it";
		return tracing_free_snapshot(tr);
	}
	err = tracing_update_buffers(tr);
	/* A consuming reader looks at an event before it takes it: not in between. */
	mutex_lock(&tracefs_pipe_lock);
	if (!err)
		err = tracing_snapshot(tr, node->cpu);
	mutex_unlock(&tracefs_pipe_lock);
	return err;
}

static int snapshot_open(struct inode *inode, struct file *file)
{
	const struct tracefs_node *node = inode_data(inode);
	struct trace_reader *reader;

	if (!tracefs_reads(file))
		return 0;
	reader = trace_reader_open_snapshot(node->tr, node->cpu);
	if (IS_ERR(reader))
		return (int)PTR_ERR(reader);
	file->private_data = reader;
	return 0;
}

static ssize_t snapshot_write(struct file *file, const char *buf, size_t size, loff_t *pos)
{
	return tracefs_write_text(file, buf, size, pos, snapshot_store);
}

static const struct file_operations snapshot_operations = {
	.open = snapshot_open,
	.read = tracefs_read_trace,
	.write = snapshot_write,
	.release = tracefs_release_trace,
};

const struct tracefs_file snapshot_file = {
	"snapshot", TRACEFS_RW, .ops = &snapshot_operations,
};
