/* SPDX-License-Identifier: MIT */
/*
 * per_cpu/cpuN/trace_pipe_raw: sub-buffers as they are in memory, for tools that read the binary
 * format. As on Linux, a read returns at once with what there is, even a sub-buffer that is not
 * full yet, and waits only if there is nothing at all.
 */
#include "kernel/bug.h"
#include "kernel/lib/errno.h"
#include "kernel/lib/string.h"
#include "kernel/mm/mm.h"
#include "kernel/sched/wait.h"
#include "trace/tracefs/tracefs.h"

struct raw_reader {
	const struct tracefs_node *node;
	size_t from, len;		/* page[from .. len - 1] was not returned yet */
	bool any_read;
	u8 page[PAGE_SIZE] __aligned(8);
};

static int raw_open(struct inode *inode, struct file *file)
{
	struct raw_reader *reader = kzalloc(sizeof(*reader), GFP_KERNEL);

	if (!reader)
		return -ENOMEM;
	reader->node = inode_data(inode);
	file->private_data = reader;
	mutex_lock(&trace_types_lock);
	reader->node->tr->pipe_readers++;
	mutex_unlock(&trace_types_lock);
	return 0;
}

static bool raw_ready(void *arg)
{
	const struct raw_reader *reader = arg;

	return !ring_buffer_empty_cpu(reader->node->tr->buffer, reader->node->cpu);
}

static int raw_fill(struct file *file, struct raw_reader *reader)
{
	struct trace_buffer *buffer = reader->node->tr->buffer;
	int ret, bytes;

	/* The wait does not hold the lock, so another reader may take the events: wait again. */
	do {
		ret = tracefs_wait_for_events(file, raw_ready, reader, reader->any_read);
		if (ret <= 0)
			return ret;
		mutex_lock(&tracefs_pipe_lock);
		bytes = ring_buffer_read_page(buffer, reader->page, reader->node->cpu, false);
		mutex_unlock(&tracefs_pipe_lock);
		if (bytes < 0)
			return bytes;
	} while (!bytes);
	reader->from = 0;
	reader->len = sizeof(reader->page);
	reader->any_read = true;
	return 1;
}

static ssize_t raw_read(struct file *file, char *buf, size_t size, loff_t *pos)
{
	struct raw_reader *reader = file->private_data;
	int ret;

	/*
	 * First return what a short read has left: a sub-buffer is taken from the ring as a whole.
	 */
	if (reader->from == reader->len) {
		ret = raw_fill(file, reader);
		if (ret <= 0)
			return ret;
	}
	size = min(size, reader->len - reader->from);
	memcpy(buf, reader->page + reader->from, size);
	reader->from += size;
	*pos += (loff_t)size;
	return (ssize_t)size;
}

static int raw_release(struct inode *inode, struct file *file)
{
	struct raw_reader *reader = file->private_data;

	mutex_lock(&trace_types_lock);
	BUG_ON(!reader->node->tr->pipe_readers);
	reader->node->tr->pipe_readers--;
	mutex_unlock(&trace_types_lock);
	kfree(reader);
	return 0;
}

static const struct file_operations raw_operations = {
	.open = raw_open,
	.read = raw_read,
	.release = raw_release,
};

const struct tracefs_file raw_pipe_file = {
	"trace_pipe_raw", TRACEFS_RO, .ops = &raw_operations,
};
