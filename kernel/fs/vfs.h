/* SPDX-License-Identifier: MIT */
/*
 * The file system layer: one tree of nodes; ramfs keeps file contents in
 * pages, pseudo file systems (/proc, tracefs) give operations to their files.
 * All calls are for thread context and may sleep. Paths may be relative to the
 * thread's working directory (one for all threads of the console: see vfs_chdir).
 */
#pragma once
#include "kernel/types.h"

#define O_RDONLY 0x0000u
#define O_WRONLY 0x0001u
#define O_RDWR 0x0002u
#define O_ACCMODE 0x0003u
#define O_CREAT 0x0040u
#define O_EXCL 0x0080u
#define O_TRUNC 0x0200u
#define O_APPEND 0x0400u
#define O_NONBLOCK 0x0800u
#define O_DIRECTORY 0x10000u

#define S_IFMT 0170000u
#define S_IFDIR 0040000u
#define S_IFREG 0100000u
#define S_ISDIR(m) (((m) & S_IFMT) == S_IFDIR)

#define SEEK_SET 0
#define SEEK_CUR 1
#define SEEK_END 2

#define NAME_MAX 255
#define PATH_MAX 1024

struct file;
struct inode;

/* What a file can do. Missing ones: read/write -EINVAL, open/release succeed. */
struct file_operations {
	int (*open)(struct inode *inode, struct file *file);
	/* Called once, at the last close; its error is vfs_close()'s. */
	int (*release)(struct inode *inode, struct file *file);
	ssize_t (*read)(struct file *file, char *buf, size_t size, loff_t *pos);
	ssize_t (*write)(struct file *file, const char *buf, size_t size, loff_t *pos);
	/* O_TRUNC at open of a file that has no open() of its own, and vfs_truncate(). */
	int (*truncate)(struct inode *inode, loff_t size);
};

struct file {
	struct inode *inode;
	const struct file_operations *ops;
	unsigned int flags;		/* O_* of the open */
	loff_t pos;
	void *private_data;
	int usage;
};

struct stat {
	mode_t mode;
	unsigned long ino, nlink;
	loff_t size;
	u64 mtime_ns;
};

struct dirent {
	char name[NAME_MAX + 1];
	mode_t mode;
	unsigned long ino;
};

void vfs_init(void);			/* ramfs on /, with /proc, /sys/kernel/tracing, /tmp made */
struct file *vfs_open(const char *path, unsigned int flags, mode_t mode);	/* or ERR_PTR */
struct file *vfs_get(struct file *file);	/* one more user, one more vfs_close() */
int vfs_close(struct file *file);	/* the release operation's error, e.g. of a tracefs write */
ssize_t vfs_read(struct file *file, void *buf, size_t size);
ssize_t vfs_write(struct file *file, const void *buf, size_t size);
loff_t vfs_llseek(struct file *file, loff_t offset, int whence);
/* Entries in name order; *pos counts them. 1 = filled, 0 = end, or -errno. */
int vfs_readdir(struct file *dir, unsigned int *pos, struct dirent *entry);
/* Both are the same file of the ramfs, and it is not empty: what one writes the other may read. */
bool vfs_same_contents(const struct file *a, const struct file *b);
int vfs_stat(const char *path, struct stat *st);
int vfs_mkdir(const char *path, mode_t mode);
int vfs_rmdir(const char *path);
int vfs_unlink(const char *path);
int vfs_truncate(const char *path, loff_t size);
int vfs_chdir(const char *path);
void vfs_getcwd(char *buf, size_t size);

/* A file without a name; anything that has read or write may be one. ERR_PTR(-ENOMEM). */
struct file *anon_inode_getfile(const char *name, const struct file_operations *ops, void *priv,
				unsigned int flags);
/*
 * A bounded pipe, ends[0] to read and ends[1] to write; both block. End of file once nobody has
 * ends[1] open; -EPIPE once nobody has ends[0]. 0 or -ENOMEM.
 */
int vfs_pipe(struct file *ends[2]);
/* @file writes to a pipe that nobody reads any more. */
bool pipe_is_broken(const struct file *file);

/*
 * Pseudo files: @parent from pseudo_dir(); NULL is not allowed. Created nodes stay
 * for good. ERR_PTR(-ENOMEM/-EEXIST).
 * @data is inode_data(inode).
 */
struct inode *pseudo_root(const char *path);	/* existing directory */
struct inode *pseudo_dir(struct inode *parent, const char *name);
struct inode *pseudo_file(struct inode *parent, const char *name, mode_t mode,
			  const struct file_operations *ops, void *data);
void *inode_data(const struct inode *inode);
const char *inode_name(const struct inode *inode);
