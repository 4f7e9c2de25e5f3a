/* SPDX-License-Identifier: MIT */
/*
 * /dev/null, which discards what is written and is empty to read, and /dev/zero, which reads as an
 * endless number of zero bytes. For redirections and for reading in bulk.
 */
#include "kernel/bug.h"
#include "kernel/fs/inode.h"
#include "kernel/lib/errno.h"
#include "kernel/lib/string.h"

static ssize_t null_read(struct file *file, char *buf, size_t size, loff_t *pos)
{
	return 0;
}

static ssize_t null_write(struct file *file, const char *buf, size_t size, loff_t *pos)
{
	return (ssize_t)size;
}

static ssize_t zero_read(struct file *file, char *buf, size_t size, loff_t *pos)
{
	memset(buf, 0, size);
	return (ssize_t)size;
}

static const struct file_operations null_ops = { .read = null_read, .write = null_write };
static const struct file_operations zero_ops = { .read = zero_read, .write = null_write };

void devfs_init(void)
{
	struct inode *dev = pseudo_root("/dev");

	if (IS_ERR(dev) || IS_ERR(pseudo_file(dev, "null", 0666, &null_ops, NULL)) ||
	    IS_ERR(pseudo_file(dev, "zero", 0666, &zero_ops, NULL)))
		panic("no memory for /dev");
}
