/* SPDX-License-Identifier: MIT */
/*
 * Open files: the layer between callers and the operations of an inode. These are the functions
 * that people trace with `vfs_*`. namei.c resolves paths; ramfs.c or the owner of a pseudo file
 * supplies the contents.
 */
#include "kernel/fs/inode.h"
#include "kernel/lib/errno.h"
#include "kernel/lib/string.h"
#include "kernel/lockdep.h"
#include "kernel/mm/mm.h"

static const struct file_operations no_operations;

static bool wants_read(unsigned int flags)
{
	return (flags & O_ACCMODE) != O_WRONLY;
}

static bool wants_write(unsigned int flags)
{
	return (flags & O_ACCMODE) != O_RDONLY;
}

/*
 * May @inode be opened with @flags? 0 or -errno. There are no users, so any of the three permission
 * bits is enough.
 */
static int open_check(const struct inode *inode, unsigned int flags)
{
	if ((flags & O_ACCMODE) == O_ACCMODE)
		return -EINVAL;
	if (S_ISDIR(inode->mode))
		return wants_write(flags) || (flags & O_TRUNC) ? -EISDIR : 0;
	if (flags & O_DIRECTORY)
		return -ENOTDIR;
	if (wants_read(flags) && !(inode->mode & 0444))
		return -EACCES;
	if (wants_write(flags) && !(inode->mode & 0222))
		return -EACCES;
	return 0;
}

/* Make @walk's last component, which does not exist, a file. The caller holds vfs_tree_lock. */
static struct inode *create_file(const struct path_walk *walk, mode_t mode)
{
	struct inode *inode;

	lockdep_assert_held(&vfs_tree_lock);
	if (walk->want_dir)
		return ERR_PTR(-EISDIR);
	/* Only the kernel makes files in a pseudo file system. */
	if (walk->parent->pseudo)
		return ERR_PTR(-EACCES);
	if (!vfs_path_fits(walk->parent, walk->last_len))
		return ERR_PTR(-ENAMETOOLONG);
	inode = inode_alloc(walk->last, walk->last_len, S_IFREG | (mode & 0777));
	if (!inode)
		return ERR_PTR(-ENOMEM);
	inode->ops = &ramfs_file_ops;
	inode_link(walk->parent, inode);
	return inode;
}

/* The inode to open, created if @flags ask for that, with a reference for the file. */
static struct inode *open_inode(const char *path, unsigned int flags, mode_t mode)
{
	struct inode *inode;
	struct path_walk walk;
	int err;

	mutex_lock(&vfs_tree_lock);
	err = vfs_walk(path, &walk);
	inode = err ? ERR_PTR(err) : walk.inode;
	if (!inode) {
		inode = flags & O_CREAT ? create_file(&walk, mode) : ERR_PTR(-ENOENT);
	} else if (!IS_ERR(inode)) {
		err = flags & O_CREAT && flags & O_EXCL ? -EEXIST : open_check(inode, flags);
		if (err)
			inode = ERR_PTR(err);
	}
	/* Before the lock is released, because after that the inode could be removed and freed. */
	if (!IS_ERR(inode))
		inode->usage++;
	mutex_unlock(&vfs_tree_lock);
	return inode;
}

static struct file *file_alloc(struct inode *inode, const struct file_operations *ops,
			       unsigned int flags)
{
	struct file *file = kzalloc(sizeof(*file), GFP_KERNEL);

	if (!file)
		return NULL;
	file->inode = inode;
	file->ops = ops ? ops : &no_operations;
	file->flags = flags;
	file->usage = 1;
	return file;
}

struct file *vfs_open(const char *path, unsigned int flags, mode_t mode)
{
	struct inode *inode = open_inode(path, flags, mode);
	struct file *file;
	int err = 0;

	if (IS_ERR(inode))
		return ERR_PTR(PTR_ERR(inode));
	file = file_alloc(inode, inode->ops, flags);
	if (!file) {
		err = -ENOMEM;
	} else if (file->ops->open) {
		/* The file's own open() decides what O_TRUNC means. */
		err = file->ops->open(inode, file);
	} else if (flags & O_TRUNC && wants_write(flags) && file->ops->truncate) {
		err = file->ops->truncate(inode);
	}
	if (!err)
		return file;
	kfree(file);
	inode_release(inode);
	return ERR_PTR(err);
}

struct file *anon_inode_getfile(const char *name, const struct file_operations *ops, void *priv,
				unsigned int flags)
{
	struct inode *inode = inode_alloc(name, strlen(name), S_IFREG | 0600);
	struct file *file = inode ? file_alloc(inode, ops, flags) : NULL;

	if (!file) {
		if (inode)
			inode_release(inode);
		return ERR_PTR(-ENOMEM);
	}
	inode->ops = ops;
	inode->unlinked = true;
	inode->pseudo = true;
	file->private_data = priv;
	return file;
}

struct file *vfs_get(struct file *file)
{
	__atomic_add_fetch(&file->usage, 1, __ATOMIC_RELAXED);
	return file;
}

int vfs_close(struct file *file)
{
	int err = 0;

	if (__atomic_sub_fetch(&file->usage, 1, __ATOMIC_ACQ_REL))
		return 0;
	if (file->ops->release)
		err = file->ops->release(file->inode, file);
	inode_release(file->inode);
	kfree(file);
	return err;
}

ssize_t vfs_read(struct file *file, void *buf, size_t size)
{
	loff_t pos = file->pos;
	ssize_t ret;

	if (!wants_read(file->flags))
		return -EBADF;
	if (S_ISDIR(file->inode->mode))
		return -EISDIR;
	if (!file->ops->read || (ssize_t)size < 0)
		return -EINVAL;
	if (!size)
		return 0;
	ret = file->ops->read(file, buf, size, &pos);
	file->pos = pos;
	return ret;
}

ssize_t vfs_write(struct file *file, const void *buf, size_t size)
{
	loff_t pos = file->pos;
	ssize_t ret;

	if (!wants_write(file->flags))
		return -EBADF;
	if (!file->ops->write || (ssize_t)size < 0)
		return -EINVAL;
	ret = file->ops->write(file, buf, size, &pos);
	file->pos = pos;
	return ret;
}

bool vfs_same_contents(const struct file *a, const struct file *b)
{
	return a->inode && a->inode == b->inode && a->ops == &ramfs_file_ops && a->inode->size;
}

loff_t vfs_llseek(struct file *file, loff_t offset, int whence)
{
	loff_t base;

	switch (whence) {
	case SEEK_SET:
		base = 0;
		break;
	case SEEK_CUR:
		base = file->pos;
		break;
	case SEEK_END:
		/* Locked, because a 32-bit machine reads the 64-bit size in two halves. */
		mutex_lock(&file->inode->lock);
		base = file->inode->size;
		mutex_unlock(&file->inode->lock);
		break;
	default:
		return -EINVAL;
	}
	if (__builtin_add_overflow(base, offset, &base))
		return -EOVERFLOW;
	if (base < 0)
		return -EINVAL;
	file->pos = base;
	return base;
}

int vfs_readdir(struct file *dir, unsigned int *pos, struct dirent *entry)
{
	struct inode *child;
	unsigned int skip = *pos;
	int ret = 0;

	if (!S_ISDIR(dir->inode->mode))
		return -ENOTDIR;
	mutex_lock(&vfs_tree_lock);
	list_for_each_entry(child, &dir->inode->children, sibling) {
		/*
		 * The position counts entries. If entries are created or removed between calls, one
		 * may be returned twice or not at all.
		 */
		if (skip--)
			continue;
		strscpy(entry->name, child->name, sizeof(entry->name));
		entry->mode = child->mode;
		entry->ino = child->ino;
		++*pos;
		ret = 1;
		break;
	}
	mutex_unlock(&vfs_tree_lock);
	return ret;
}

void *inode_data(const struct inode *inode)
{
	return inode->data;
}

const char *inode_name(const struct inode *inode)
{
	return inode->name;
}
