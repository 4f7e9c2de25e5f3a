/* SPDX-License-Identifier: MIT */
/*
 * The file system layer: one tree of inodes. ramfs keeps the contents of files in pages; in pseudo
 * file systems (/proc, tracefs) each file has operations of its own. All functions are for thread
 * context and may sleep; those that return int return 0 or -errno. A relative path begins at the
 * working directory, of which there is one for the whole kernel.
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

/*
 * The operations of a file, each of which may be missing: read and write then fail with -EINVAL,
 * open and release succeed.
 */
struct file_operations {
	int (*open)(struct inode *inode, struct file *file);
	/* Called once, at the last close, which returns its error. */
	int (*release)(struct inode *inode, struct file *file);
	ssize_t (*read)(struct file *file, char *buf, size_t size, loff_t *pos);
	ssize_t (*write)(struct file *file, const char *buf, size_t size, loff_t *pos);
	/* Empties the file: called for O_TRUNC if the file has no open() of its own. */
	int (*truncate)(struct inode *inode);
};

struct file {
	struct inode *inode;
	const struct file_operations *ops;
	unsigned int flags;		/* O_*, as given to vfs_open() */
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

void vfs_init(void);			/* boot: make /, /proc, /dev, /sys/kernel/tracing, /tmp */
struct file *vfs_open(const char *path, unsigned int flags, mode_t mode);	/* or ERR_PTR() */
struct file *vfs_get(struct file *file);	/* add a reference, for one more vfs_close() */
int vfs_close(struct file *file);	/* the release operation's error, e.g. of a tracefs write */
/* How many bytes were read or written, or -errno. */
ssize_t vfs_read(struct file *file, void *buf, size_t size);
ssize_t vfs_write(struct file *file, const void *buf, size_t size);
/* The new position, or -errno. */
loff_t vfs_llseek(struct file *file, loff_t offset, int whence);
/*
 * Store entry number *@pos of a directory, in name order, and advance *@pos. Returns 1, 0 at the
 * end, or -errno.
 */
int vfs_readdir(struct file *dir, unsigned int *pos, struct dirent *entry);
/* Are both the same ramfs file, and is it not empty? Then one may read what the other writes. */
bool vfs_same_contents(const struct file *a, const struct file *b);
int vfs_stat(const char *path, struct stat *st);
int vfs_mkdir(const char *path, mode_t mode);
int vfs_rmdir(const char *path);
int vfs_unlink(const char *path);
int vfs_chdir(const char *path);
void vfs_getcwd(char *buf, size_t size);
/* The current working directory, for a new job (kernel/sched/job.h); and when that is over. */
struct inode *vfs_share_working_dir(void);
void vfs_leave_working_dir(struct inode *dir);

/* Open a file that is not in the tree, with operations @ops. ERR_PTR(-ENOMEM) if memory is out. */
struct file *anon_inode_getfile(const char *name, const struct file_operations *ops, void *priv,
				unsigned int flags);
/*
 * Make a pipe of limited capacity: ends[0] is for reading, ends[1] for writing, and both block.
 * Once ends[1] is closed, reading gives end of file; once ends[0] is closed, writing gives -EPIPE.
 * Returns 0 or -ENOMEM.
 */
int vfs_pipe(struct file *ends[2]);
/* Is @file the writing end of a pipe whose reading end is closed? */
bool pipe_is_broken(const struct file *file);

/*
 * Make a pseudo file system of the existing directory @path, and directories and files in it, in a
 * @parent from pseudo_root() or pseudo_dir(). inode_data() returns @data. ERR_PTR(-ENOMEM),
 * ERR_PTR(-EEXIST) if the name exists, or another error for a bad name.
 */
struct inode *pseudo_root(const char *path);
struct inode *pseudo_dir(struct inode *parent, const char *name);
struct inode *pseudo_file(struct inode *parent, const char *name, mode_t mode,
			  const struct file_operations *ops, void *data);
void *inode_data(const struct inode *inode);
/* The inode's data came from kmalloc(), and is freed together with it. */
void inode_own_data(struct inode *inode);
/*
 * What others cause by mkdir and rmdir in the directory @dir: its owner makes and removes what has
 * that name. Otherwise both are refused. The functions are called without locks, may sleep, and
 * return 0 or -errno.
 */
struct pseudo_dir_operations {
	int (*mkdir)(const char *name);
	int (*rmdir)(const char *name);
};
void pseudo_dir_owner(struct inode *dir, const struct pseudo_dir_operations *ops);
/*
 * Take a file or a directory, with everything in it, out of the tree. Who has one of them open
 * keeps it, with its data, until it is closed.
 */
void pseudo_remove(struct inode *inode);
/* Is one of them open, or the working directory? remove_unused: remove them, or -EBUSY if so. */
bool pseudo_is_used(struct inode *inode);
int pseudo_remove_unused(struct inode *inode);
const char *inode_name(const struct inode *inode);
