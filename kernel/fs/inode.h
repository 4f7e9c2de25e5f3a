/* SPDX-License-Identifier: MIT */
/*
 * The file system's own view of nodes, shared by kernel/fs/ only. One tree of
 * them is everything there is: no mounts, a pseudo file system is a subtree
 * whose nodes carry the flag `pseudo`.
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

	/* The tree; under vfs_tree_lock. */
	struct inode *parent;		/* the root's is itself; NULL once unlinked */
	struct list_head children;	/* of a directory, in name order */
	struct list_head sibling;
	unsigned int usage;		/* 1 while in the tree, and 1 for each user; freed at 0 */

	const struct file_operations *ops;
	void *data;			/* pseudo files: their owner's */

	/* Contents of a ramfs file, and the time of every change; under lock. */
	struct mutex lock;
	void **pages;
	size_t nr_pages, max_pages;	/* filled, and room in pages[] */
	loff_t size;
	u64 mtime_ns;
};

extern struct mutex vfs_tree_lock;
extern const struct file_operations ramfs_file_ops;

/* A path taken apart. The last component may not exist: inode is NULL then. */
struct path_walk {
	struct inode *parent;		/* holds the last component */
	struct inode *inode;
	const char *last;		/* in the path; last_len 0 when it is "/", "." or ".." */
	size_t last_len;
	bool want_dir;			/* a slash follows */
};
/* Take @path apart: 0 or -errno. The caller holds vfs_tree_lock. */
int vfs_walk(const char *path, struct path_walk *walk);
/* The existing node at @path with one more reference, or ERR_PTR. */
struct inode *vfs_lookup(const char *path);

/* Would a name of @len below @dir still have an absolute path shorter than PATH_MAX? */
bool vfs_path_fits(const struct inode *dir, size_t len);

/* A node outside of the tree, usage 1; NULL when memory is out. */
struct inode *inode_alloc(const char *name, size_t len, mode_t mode);
/* Link @inode below @dir; the tree takes over the caller's reference. The tree is locked. */
void inode_link(struct inode *dir, struct inode *inode);
/* Take it out again; the tree's reference goes with inode_put(). The tree is locked. */
void inode_unlink(struct inode *inode);
void inode_put(struct inode *inode);		/* the tree is locked */
void inode_release(struct inode *inode);	/* the same, takes the lock */
struct inode *inode_child(struct inode *dir, const char *name, size_t len);

/* Buffers of any size: contiguous while that is cheap. The same @size frees them. */
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

/* From vfs_init(). */
void procfs_init(void);
void devfs_init(void);
