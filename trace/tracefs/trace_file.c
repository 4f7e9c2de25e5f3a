/* SPDX-License-Identifier: MIT */
/*
 * `trace` and `trace_pipe`, for all CPUs and for each: the buffer as text.
 * Reading the first leaves the events in place and ends at what was there when it was
 * opened; reading the second takes them and waits for more. Truncating `trace`
 * (`> trace`) empties the buffer.
 */
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

	/* Emptied before a reader is made, which would keep showing what was there. */
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

static ssize_t trace_read(struct file *file, char *buf, size_t size, loff_t *pos)
{
	struct trace_reader *reader = file->private_data;
	size_t done;

	trace_reader_seek(reader, (u64)*pos);
	done = trace_reader_read(reader, buf, size);
	*pos += (loff_t)done;
	return (ssize_t)done;
}

static int trace_release(struct inode *inode, struct file *file)
{
	if (tracefs_reads(file))
		trace_reader_close(file->private_data);
	return 0;
}

static const struct file_operations trace_operations = {
	.open = trace_open,
	.read = trace_read,
	.write = tracefs_ignore_write,	/* `echo > trace` has truncated already, as on Linux */
	.release = trace_release,
};

/* --- trace_pipe --- */

/*
 * Asks again and again, so that writers never have to wake anybody: that would put a test into the
 * hot path, and a wake-up into contexts where none is allowed.
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
		 * With recording off nothing more will come: that is the end, but not before a
		 * beginning.
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
 * Gives what there is, up to @size bytes and a page at most. With everything traced each read makes
 * a few more events, so the file never ends; but no single read goes on for ever.
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
		/* Someone else may have taken them meanwhile: then wait again. */
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
