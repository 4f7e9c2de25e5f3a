/* SPDX-License-Identifier: MIT */
/*
 * Inodes, for the files of kernel/fs/ only. There is a single tree of them and no mounts: a pseudo
 * file system is a subtree whose inodes have the flag `pseudo`.
 */
#pragma once
#include "kernel/fs/vfs.h"
#include "kernel/mm/mm.h"
#include "kernel/sched/wait.h"

struct inode {
	char *name;
	mode_t mode;
	unsigned long ino;
	bool pseudo;			/* made by pseudo_*(): the console cannot change it */
	bool unlinked;

	/* The tree, protected by vfs_tree_lock. */
	struct inode *parent;		/* the root is its own parent; NULL once unlinked */
	struct list_head children;	/* a directory's entries, in name order */
	struct list_head sibling;
	unsigned int usage;		/* 1 while in the tree, and 1 for each user; freed at 0 */
	unsigned int nr_working;	/* whose working directory it is: it cannot be removed */

	const struct file_operations *ops;
	const struct pseudo_dir_operations *dir_ops;	/* of a pseudo directory; mostly NULL */
	void *data;			/* of a pseudo file, for its owner */
	bool owns_data;			/* the data is freed with the inode */

	/* Contents and size of a ramfs file, and the time of its last change, protected by lock. */
	struct mutex lock;
	void **pages;
	size_t nr_pages, max_pages;	/* entries of pages[] in use; its length */
	loff_t size;
	u64 mtime_ns;
};

extern struct mutex vfs_tree_lock;
extern const struct file_operations ramfs_file_ops;

/* The result of vfs_walk(). */
struct path_walk {
	struct inode *parent;		/* the directory of the last component */
	struct inode *inode;		/* the last component; NULL if it does not exist */
	const char *last;		/* its name, within the path */
	size_t last_len;		/* 0 if the path is "/" or ends with "." or ".." */
	bool want_dir;			/* the path ends with a slash */
};
/*
 * Follow @path to its last component, which need not exist: 0 or -errno. The caller holds
 * vfs_tree_lock.
 */
int vfs_walk(const char *path, struct path_walk *walk);

/* Would the absolute path of a name with @len bytes in @dir be shorter than PATH_MAX? */
bool vfs_path_fits(const struct inode *dir, size_t len);

/* A new inode outside the tree, with one reference for the caller; NULL if memory is out. */
struct inode *inode_alloc(const char *name, size_t len, mode_t mode);
/*
 * Put @inode into directory @dir; the tree takes over the caller's reference. The caller holds
 * vfs_tree_lock.
 */
void inode_link(struct inode *dir, struct inode *inode);
/* Take @inode out of its directory; the tree's reference stays. The caller holds vfs_tree_lock. */
void inode_unlink(struct inode *inode);
void inode_put(struct inode *inode);		/* drop a reference, vfs_tree_lock held */
void inode_release(struct inode *inode);	/* the same, but takes vfs_tree_lock itself */
/* The entry of @dir with this name of @len bytes, or NULL. The caller holds vfs_tree_lock. */
struct inode *inode_child(struct inode *dir, const char *name, size_t len);

/* Buffers of any size, physically contiguous up to FS_KMALLOC_MAX. Freed with the same @size. */
#define FS_KMALLOC_MAX (16 * PAGE_SIZE)
static inline void *fs_buf_alloc(size_t size)
{
	return size <= FS_KMALLOC_MAX ? kmalloc(size, GFP_KERNEL) : vmalloc(size);
}
static inline void fs_buf_free(void *buf, size_t size)
{
	if (size <= FS_KMALLOC_MAX)
		kfree(buf);
	else
		vfree(buf);
}

void ramfs_free_pages(struct inode *inode);

/* Called by vfs_init(). */
void procfs_init(void);
void devfs_init(void);
