/* SPDX-License-Identifier: MIT */
/*
 * Text files made by iteration. A read fills a buffer with whole items and copies from that what
 * was asked for. An item that does not fit into the buffer is shown again in a larger one, so
 * show() functions need not care about sizes.
 */
#include "kernel/fs/inode.h"
#include "kernel/fs/seq_file.h"
#include "kernel/lib/errno.h"
#include "kernel/lib/string.h"
#include "kernel/printk.h"

#define SEQ_BUF_MAX (64u << 20)		/* a larger single item is a bug or an attack */

static void *single_start(struct seq_file *m, loff_t *pos)
{
	return *pos ? NULL : m;
}

static void *single_next(struct seq_file *m, void *v, loff_t *pos)
{
	++*pos;
	return NULL;
}

static void single_stop(struct seq_file *m, void *v)
{
}

static int single_item(struct seq_file *m, void *v)
{
	return m->single_show(m, m->private);
}

static const struct seq_operations single_ops = {
	.start = single_start,
	.next = single_next,
	.stop = single_stop,
	.show = single_item,
};

int seq_open(struct file *file, const struct seq_operations *ops)
{
	struct seq_file *m = kzalloc(sizeof(*m), GFP_KERNEL);

	if (!m)
		return -ENOMEM;
	m->ops = ops;
	m->file = file;
	file->private_data = m;
	return 0;
}

int single_open(struct file *file, int (*show)(struct seq_file *m, void *data), void *data)
{
	struct seq_file *m;
	int err = seq_open(file, &single_ops);

	if (err)
		return err;
	m = file->private_data;
	m->single_show = show;
	m->private = data;
	return 0;
}

int seq_release(struct inode *inode, struct file *file)
{
	struct seq_file *m = file->private_data;

	fs_buf_free(m->buf, m->size);
	kfree(m);
	return 0;
}

/* Replace the buffer by one that is twice as large, and empty: 0 or -ENOMEM. */
static int grow_buffer(struct seq_file *m)
{
	size_t size = m->size ? m->size * 2 : PAGE_SIZE;
	char *buf = size <= SEQ_BUF_MAX ? fs_buf_alloc(size) : NULL;

	if (!buf)
		return -ENOMEM;
	fs_buf_free(m->buf, m->size);
	m->buf = buf;
	m->size = size;
	m->count = 0;
	m->overflow = false;
	return 0;
}

/* Append one item to the buffer: 0, -errno, or 1 if it did not fit; then it has left no text. */
static int show_item(struct seq_file *m, void *v)
{
	size_t before = m->count;
	int err = m->ops->show(m, v);

	if (err < 0)
		return err;
	if (m->overflow) {
		m->count = before;
		m->overflow = false;
		return 1;
	}
	if (err == SEQ_SKIP)
		m->count = before;
	return 0;
}

/*
 * Fill the empty buffer with items until there are @want bytes, the buffer is full, or the end is
 * reached. An empty buffer afterwards means the end. 0 or -errno.
 */
static int fill(struct seq_file *m, size_t want)
{
	void *v;
	int err;

	m->from = 0;
	m->count = 0;
	for (;;) {
		/*
		 * start() and stop() take and release the owner's lock. They are called in each
		 * round, so that the buffer is not allocated with that lock held.
		 */
		v = m->ops->start(m, &m->index);
		err = 0;
		while (v && !IS_ERR(v) && !err) {
			loff_t index = m->index;

			err = show_item(m, v);
			if (err)
				break;
			v = m->ops->next(m, v, &m->index);
			/*
			 * A next() that does not advance the index would repeat its item forever.
			 */
			if (m->index == index)
				m->index++;
			if (m->count >= want)
				break;
		}
		if (IS_ERR(v))
			err = (int)PTR_ERR(v);
		m->ops->stop(m, IS_ERR(v) ? NULL : v);
		/* If some items fit, the one that did not is left for the next call. */
		if (err != 1 || m->count)
			return err < 0 && !m->count ? err : 0;
		err = grow_buffer(m);
		if (err)
			return err;
	}
}

/* The file position was changed: begin again, and skip the text before it. 0 or -errno. */
static int seek(struct seq_file *m, loff_t pos)
{
	size_t part;
	int err;

	/* Items have no fixed size, so the position can be found only from the first one on. */
	m->index = 0;
	m->from = m->count = 0;
	m->read_pos = 0;
	while (m->read_pos < pos) {
		err = fill(m, m->size);
		if (err || !m->count)
			return err;
		part = (u64)(pos - m->read_pos) < m->count ? (size_t)(pos - m->read_pos) : m->count;
		m->from = part;
		m->read_pos += part;
	}
	return 0;
}

ssize_t seq_read(struct file *file, char *buf, size_t size, loff_t *pos)
{
	struct seq_file *m = file->private_data;
	size_t done = 0, part;
	int err = 0;

	if (!m->size)
		err = grow_buffer(m);
	if (!err && *pos != m->read_pos)
		err = seek(m, *pos);
	while (!err && done < size) {
		if (m->from == m->count) {
			err = fill(m, size - done);
			if (err || !m->count)
				break;
		}
		part = min(size - done, m->count - m->from);
		memcpy(buf + done, m->buf + m->from, part);
		m->from += part;
		done += part;
	}
	/* After some text an error is left to the next read, which meets it again. */
	if (!done)
		return err;
	m->read_pos = *pos += done;
	return (ssize_t)done;
}

void seq_vprintf(struct seq_file *m, const char *fmt, va_list args)
{
	size_t room = m->size - m->count;
	int len;

	if (m->overflow)
		return;
	len = vsnprintf(m->buf + m->count, room, fmt, args);
	if (len < 0 || (size_t)len >= room)
		m->overflow = true;
	else
		m->count += len;
}

void seq_printf(struct seq_file *m, const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	seq_vprintf(m, fmt, args);
	va_end(args);
}

static void seq_write(struct seq_file *m, const char *data, size_t len)
{
	if (m->overflow || len > m->size - m->count) {
		m->overflow = true;
		return;
	}
	memcpy(m->buf + m->count, data, len);
	m->count += len;
}

void seq_puts(struct seq_file *m, const char *s)
{
	seq_write(m, s, strlen(s));
}

void seq_putc(struct seq_file *m, char c)
{
	seq_write(m, &c, 1);
}
