/* SPDX-License-Identifier: MIT */
/*
 * Pipes between the stages of a command line: a ring of bytes with one file at each end. A writer
 * waits while the pipe is full, and gets -EPIPE once the reading end is closed. A reader waits
 * while it is empty, and gets end of file once the writing end is closed. The waits need not check
 * for Ctrl-C: at least one of the stages is not waiting for a pipe, and when that one ends, the
 * others follow.
 */
#include "kernel/fs/inode.h"
#include "kernel/lib/errno.h"
#include "kernel/lib/string.h"

#define PIPE_SIZE 16384u

struct pipe {
	struct mutex lock;
	wait_queue_head_t readers_wait, writers_wait;
	bool reader_open, writer_open;
	size_t head, tail;		/* total number of bytes written, and read */
	char ring[PIPE_SIZE];
};

static size_t pipe_used(const struct pipe *p)
{
	return READ_ONCE(p->head) - READ_ONCE(p->tail);
}

static ssize_t pipe_read(struct file *file, char *buf, size_t size, loff_t *pos)
{
	struct pipe *p = file->private_data;
	size_t done = 0, at, part;

	wait_event(p->readers_wait, pipe_used(p) || !READ_ONCE(p->writer_open));
	mutex_lock(&p->lock);
	/* A read returns what there is now; only a read that would return nothing waits. */
	while (done < size && pipe_used(p)) {
		at = p->tail % PIPE_SIZE;
		part = min3(size - done, pipe_used(p), (size_t)PIPE_SIZE - at);
		memcpy(buf + done, p->ring + at, part);
		done += part;
		WRITE_ONCE(p->tail, p->tail + part);
	}
	mutex_unlock(&p->lock);
	wake_up(&p->writers_wait);
	return (ssize_t)done;
}

/* Write as much as there is room for; returns how many bytes that is. */
static size_t pipe_fill(struct pipe *p, const char *buf, size_t size)
{
	size_t done = 0, at, part;

	mutex_lock(&p->lock);
	while (done < size && pipe_used(p) < PIPE_SIZE) {
		at = p->head % PIPE_SIZE;
		part = min3(size - done, PIPE_SIZE - pipe_used(p), (size_t)PIPE_SIZE - at);
		memcpy(p->ring + at, buf + done, part);
		done += part;
		WRITE_ONCE(p->head, p->head + part);
	}
	mutex_unlock(&p->lock);
	return done;
}

static ssize_t pipe_write(struct file *file, const char *buf, size_t size, loff_t *pos)
{
	struct pipe *p = file->private_data;
	size_t done = 0;

	while (done < size) {
		wait_event(p->writers_wait,
			   pipe_used(p) < PIPE_SIZE || !READ_ONCE(p->reader_open));
		if (!READ_ONCE(p->reader_open))
			return -EPIPE;
		done += pipe_fill(p, buf + done, size - done);
		wake_up(&p->readers_wait);
	}
	return (ssize_t)done;
}

static int pipe_release(struct inode *inode, struct file *file)
{
	struct pipe *p = file->private_data;
	bool last;

	mutex_lock(&p->lock);
	if ((file->flags & O_ACCMODE) == O_RDONLY)
		WRITE_ONCE(p->reader_open, false);
	else
		WRITE_ONCE(p->writer_open, false);
	last = !p->reader_open && !p->writer_open;
	/* Before the unlock, because after it the other end may free the pipe. */
	wake_up(&p->readers_wait);
	wake_up(&p->writers_wait);
	mutex_unlock(&p->lock);
	if (last)
		kfree(p);
	return 0;
}

static const struct file_operations pipe_ops = {
	.read = pipe_read,
	.write = pipe_write,
	.release = pipe_release,
};

bool pipe_is_broken(const struct file *file)
{
	const struct pipe *p = file->private_data;

	return file->ops == &pipe_ops && (file->flags & O_ACCMODE) == O_WRONLY &&
	       !READ_ONCE(p->reader_open);
}

int vfs_pipe(struct file *ends[2])
{
	struct pipe *p = kzalloc(sizeof(*p), GFP_KERNEL);

	if (!p)
		return -ENOMEM;
	mutex_init(&p->lock);
	init_waitqueue_head(&p->readers_wait);
	init_waitqueue_head(&p->writers_wait);
	ends[0] = anon_inode_getfile("pipe", &pipe_ops, p, O_RDONLY);
	if (IS_ERR(ends[0])) {
		kfree(p);
		return -ENOMEM;
	}
	/* So that closing ends[0] frees the pipe if ends[1] cannot be made. */
	p->reader_open = true;
	ends[1] = anon_inode_getfile("pipe", &pipe_ops, p, O_WRONLY);
	if (IS_ERR(ends[1])) {
		vfs_close(ends[0]);
		return -ENOMEM;
	}
	p->writer_open = true;
	return 0;
}
