/* SPDX-License-Identifier: MIT */
/*
 * `trace` and `trace_pipe`, for all CPUs and for each one: the buffer as text. Reading `trace`
 * leaves the events in the buffer, and ends with those that were there when it was opened. Reading
 * `trace_pipe` removes them, and waits for more. Truncating `trace` (`> trace`) empties the buffer.
 */
#include "kernel/bug.h"
#include "kernel/lib/errno.h"
#include "kernel/sched/current.h"
#include "kernel/sched/wait.h"
#include "kernel/shell/console.h"
#include "trace/output/trace_reader.h"
#include "trace/tracefs/tracefs.h"

#define POLL_MS 10

DEFINE_MUTEX(tracefs_pipe_lock);

/* --- trace --- */

static int trace_open(struct inode *inode, struct file *file)
{
	const struct tracefs_node *node = inode_data(inode);
	struct trace_reader *reader;

	/* Emptied first, because a reader shows what is in the buffer when it is made. */
	if (tracefs_writes(file) && (file->flags & O_TRUNC)) {
		if (node->cpu == RING_BUFFER_ALL_CPUS)
			tracing_reset(node->tr);
		else
			tracing_reset_cpu(node->tr, node->cpu);
	}
	if (!tracefs_reads(file))
		return 0;
	reader = trace_reader_open(node->tr, node->cpu, false);
	if (IS_ERR(reader))
		return (int)PTR_ERR(reader);
	file->private_data = reader;
	return 0;
}

ssize_t tracefs_read_trace(struct file *file, char *buf, size_t size, loff_t *pos)
{
	struct trace_reader *reader = file->private_data;
	size_t done;

	trace_reader_seek(reader, (u64)*pos);
	done = trace_reader_read(reader, buf, size);
	*pos += (loff_t)done;
	return (ssize_t)done;
}

int tracefs_release_trace(struct inode *inode, struct file *file)
{
	if (tracefs_reads(file))
		trace_reader_close(file->private_data);
	return 0;
}

static const struct file_operations trace_operations = {
	.open = trace_open,
	.read = tracefs_read_trace,
	.write = tracefs_ignore_write,	/* as on Linux: opening for `echo > trace` has emptied it */
	.release = tracefs_release_trace,
};

/* --- trace_pipe --- */

/*
 * Polls, so that writers need not wake readers: that would need a test on the hot path, and
 * wake-ups in contexts where none are allowed.
 */
int tracefs_wait_for_events(const struct file *file, bool (*ready)(void *arg), void *arg,
			    bool any_read)
{
	struct trace_array *tr = tracefs_node(file)->tr;

	while (!ready(arg)) {
		if (file->flags & O_NONBLOCK)
			return -EAGAIN;
		if (console_interrupted())
			return -EINTR;
		/*
		 * With recording off there will be no more events: end of file, if any were read.
		 */
		if (any_read && !tracer_tracing_is_on(tr))
			return 0;
		msleep(POLL_MS);
	}
	return 1;
}

static int trace_pipe_open(struct inode *inode, struct file *file)
{
	const struct tracefs_node *node = inode_data(inode);
	struct trace_reader *reader = trace_reader_open(node->tr, node->cpu, true);

	if (IS_ERR(reader))
		return (int)PTR_ERR(reader);
	mutex_lock(&trace_types_lock);
	node->tr->pipe_readers++;
	mutex_unlock(&trace_types_lock);
	file->private_data = reader;
	return 0;
}

static bool pipe_has_text(void *arg)
{
	struct trace_reader *reader = arg;

	return reader->seq_from != reader->seq.len || !trace_reader_empty(reader);
}

/*
 * Returns what there is, up to @size bytes and at most a page. If everything is traced, each read
 * records a few more events, so the file never ends; but because of the limit every read does.
 */
static ssize_t trace_pipe_read(struct file *file, char *buf, size_t size, loff_t *pos)
{
	struct trace_reader *reader = file->private_data;
	size_t done = 0;
	int ret;

	while (!done) {
		ret = tracefs_wait_for_events(file, pipe_has_text, reader, *pos != 0);
		if (ret <= 0)
			return ret;
		/* Another reader may have taken the events meanwhile: wait again. */
		mutex_lock(&tracefs_pipe_lock);
		trace_reader_update(reader);
		done = trace_reader_read(reader, buf, min(size, (size_t)PAGE_SIZE));
		mutex_unlock(&tracefs_pipe_lock);
	}
	*pos += (loff_t)done;
	return (ssize_t)done;
}

static int trace_pipe_release(struct inode *inode, struct file *file)
{
	struct trace_array *tr = ((const struct tracefs_node *)inode_data(inode))->tr;

	mutex_lock(&trace_types_lock);
	BUG_ON(!tr->pipe_readers);
	tr->pipe_readers--;
	mutex_unlock(&trace_types_lock);
	trace_reader_close(file->private_data);
	return 0;
}

static const struct file_operations trace_pipe_operations = {
	.open = trace_pipe_open,
	.read = trace_pipe_read,
	.release = trace_pipe_release,
};

const struct tracefs_file text_files[] = {
	{ "trace", TRACEFS_RW, .ops = &trace_operations },
	{ "trace_pipe", TRACEFS_RO, .ops = &trace_pipe_operations },
	{ .name = NULL },
};
