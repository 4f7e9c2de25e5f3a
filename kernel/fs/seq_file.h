/* SPDX-License-Identifier: MIT */
/*
 * Text files made by iteration, like Linux's seq_file: start(), next(), show() and stop() go over
 * items, whose text is collected in a buffer that grows if an item does not fit; reads may have any
 * size. In a file_operations, .open calls seq_open() or single_open(), .read is seq_read, and
 * .release is seq_release. Thread context.
 */
#pragma once
#include <stdarg.h>
#include "kernel/compiler.h"
#include "kernel/fs/vfs.h"
#include "kernel/types.h"

struct seq_operations;

struct seq_file {
	char *buf;
	size_t size, count;		/* capacity of buf, and bytes in use */
	size_t from;			/* the first byte in buf that was not read yet */
	loff_t index;			/* the item to show next */
	loff_t read_pos;		/* the file position of buf[from] */
	bool overflow;
	const struct seq_operations *ops;
	int (*single_show)(struct seq_file *m, void *data);
	struct file *file;
	void *private;
};

struct seq_operations {
	void *(*start)(struct seq_file *m, loff_t *pos);	/* NULL at the end, or ERR_PTR */
	void (*stop)(struct seq_file *m, void *v);
	void *(*next)(struct seq_file *m, void *v, loff_t *pos);
	/* 0, -errno, or SEQ_SKIP to drop the item's text. */
	int (*show)(struct seq_file *m, void *v);
};
#define SEQ_SKIP 1

/* Sets file->private_data to a new seq_file; 0 or -ENOMEM. */
int seq_open(struct file *file, const struct seq_operations *ops);
/* The same for a file of a single item: show(m, data) writes all of its text. */
int single_open(struct file *file, int (*show)(struct seq_file *m, void *data), void *data);
ssize_t seq_read(struct file *file, char *buf, size_t size, loff_t *pos);
int seq_release(struct inode *inode, struct file *file);

void seq_printf(struct seq_file *m, const char *fmt, ...) __printf(2, 3);
void seq_vprintf(struct seq_file *m, const char *fmt, va_list args);
void seq_puts(struct seq_file *m, const char *s);
void seq_putc(struct seq_file *m, char c);
static inline bool seq_has_overflowed(const struct seq_file *m) { return m->overflow; }
