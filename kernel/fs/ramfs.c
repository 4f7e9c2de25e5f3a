/* SPDX-License-Identifier: MIT */
/*
 * The contents of ordinary files: an array of pages that grows with the file, without holes. An
 * eighth of the memory is never given to files, because without memory the console could not even
 * run `rm`.
 */
#include "kernel/fs/inode.h"
#include "kernel/lib/errno.h"
#include "kernel/lib/string.h"
#include "kernel/lockdep.h"
#include "kernel/mm/mm.h"
#include "kernel/time.h"

#define RAMFS_FILE_MAX (1ll << 30)
#define RAMFS_RESERVE_SHIFT 3		/* files leave 1/2^3 of all pages free */

/* Called for every inode that is freed; only ordinary files have pages. */
void ramfs_free_pages(struct inode *inode)
{
	while (inode->nr_pages)
		free_page(inode->pages[--inode->nr_pages]);
	fs_buf_free(inode->pages, inode->max_pages * sizeof(void *));
	inode->pages = NULL;
	inode->max_pages = 0;
}

/* Make room for @need page pointers: 0 or -ENOMEM. */
static int grow_array(struct inode *inode, size_t need)
{
	size_t max_pages = inode->max_pages ? inode->max_pages : 8;
	void **pages;

	lockdep_assert_held(&inode->lock);
	if (need <= inode->max_pages)
		return 0;
	/* The array is doubled, so that it is seldom copied while a file grows step by step. */
	while (max_pages < need)
		max_pages *= 2;
	pages = fs_buf_alloc(max_pages * sizeof(void *));
	if (!pages)
		return -ENOMEM;
	if (inode->nr_pages)
		memcpy(pages, inode->pages, inode->nr_pages * sizeof(void *));
	fs_buf_free(inode->pages, inode->max_pages * sizeof(void *));
	inode->pages = pages;
	inode->max_pages = max_pages;
	return 0;
}

/*
 * See that the file has pages for @size bytes; new pages are zeroed. On an error it keeps the pages
 * that it had. The caller holds inode->lock.
 */
static int reserve(struct inode *inode, loff_t size)
{
	size_t need, before = inode->nr_pages;
	struct mm_stats stats;
	void *page;
	int err;

	lockdep_assert_held(&inode->lock);
	if (size > RAMFS_FILE_MAX)
		return -EFBIG;
	need = (size_t)DIV_ROUND_UP((u64)size, PAGE_SIZE);
	if (need <= before)
		return 0;
	mm_get_stats(&stats);
	if (stats.free_pages < need - before + (stats.total_pages >> RAMFS_RESERVE_SHIFT))
		return -ENOSPC;
	err = grow_array(inode, need);
	while (!err && inode->nr_pages < need) {
		page = alloc_page(__GFP_ZERO);
		if (page)
			inode->pages[inode->nr_pages++] = page;
		else
			err = -ENOMEM;
	}
	/* After an error the new pages are freed, because the file does not grow. */
	while (err && inode->nr_pages > before)
		free_page(inode->pages[--inode->nr_pages]);
	return err;
}

static void copy_out(const struct inode *inode, loff_t pos, char *buf, size_t size)
{
	lockdep_assert_held(&inode->lock);
	while (size) {
		size_t offset = (size_t)pos & (PAGE_SIZE - 1);
		size_t part = min(size, PAGE_SIZE - offset);

		memcpy(buf, (char *)inode->pages[pos >> PAGE_SHIFT] + offset, part);
		pos += part;
		buf += part;
		size -= part;
	}
}

static void copy_in(struct inode *inode, loff_t pos, const char *buf, size_t size)
{
	lockdep_assert_held(&inode->lock);
	while (size) {
		size_t offset = (size_t)pos & (PAGE_SIZE - 1);
		size_t part = min(size, PAGE_SIZE - offset);

		memcpy((char *)inode->pages[pos >> PAGE_SHIFT] + offset, buf, part);
		pos += part;
		buf += part;
		size -= part;
	}
}

static ssize_t ramfs_read(struct file *file, char *buf, size_t size, loff_t *pos)
{
	struct inode *inode = file->inode;

	mutex_lock(&inode->lock);
	if (*pos >= inode->size)
		size = 0;
	else if ((u64)(inode->size - *pos) < size)
		size = (size_t)(inode->size - *pos);
	copy_out(inode, *pos, buf, size);
	mutex_unlock(&inode->lock);
	*pos += size;
	return (ssize_t)size;
}

static ssize_t ramfs_write(struct file *file, const char *buf, size_t size, loff_t *pos)
{
	struct inode *inode = file->inode;
	loff_t start, end;
	int err;

	mutex_lock(&inode->lock);
	/* Read under the lock, so that two writers that append do not overwrite each other. */
	start = file->flags & O_APPEND ? inode->size : *pos;
	err = __builtin_add_overflow(start, size, &end) ? -EFBIG : reserve(inode, end);
	if (!err) {
		copy_in(inode, start, buf, size);
		if (end > inode->size)
			inode->size = end;
		inode->mtime_ns = ktime_get_ns();
		*pos = end;
	}
	mutex_unlock(&inode->lock);
	return err ? err : (ssize_t)size;
}

static int ramfs_truncate(struct inode *inode)
{
	mutex_lock(&inode->lock);
	while (inode->nr_pages)
		free_page(inode->pages[--inode->nr_pages]);
	inode->size = 0;
	inode->mtime_ns = ktime_get_ns();
	mutex_unlock(&inode->lock);
	return 0;
}

const struct file_operations ramfs_file_ops = {
	.read = ramfs_read,
	.write = ramfs_write,
	.truncate = ramfs_truncate,
};
