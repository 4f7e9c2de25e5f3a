/* SPDX-License-Identifier: MIT */
/*
 * The tree of inodes: looking up paths, making and removing names, and the working directory. All
 * of it is protected by one mutex, vfs_tree_lock. The contents of inodes are in ramfs.c and
 * pseudo.c.
 */
#include "kernel/bug.h"
#include "kernel/fs/inode.h"
#include "kernel/lib/errno.h"
#include "kernel/lib/string.h"
#include "kernel/lockdep.h"
#include "kernel/mm/mm.h"
#include "kernel/sched/job.h"
#include "kernel/time.h"

DEFINE_MUTEX(vfs_tree_lock);
static struct inode *root_dir;
static struct inode *console_dir;	/* the working directory of threads without a job */
static unsigned long last_ino;

struct inode *inode_alloc(const char *name, size_t len, mode_t mode)
{
	struct inode *inode = kzalloc(sizeof(*inode), GFP_KERNEL);

	if (!inode)
		return NULL;
	inode->name = kmalloc(len + 1, GFP_KERNEL);
	if (!inode->name) {
		kfree(inode);
		return NULL;
	}
	memcpy(inode->name, name, len);
	inode->name[len] = '\0';
	inode->mode = mode;
	inode->usage = 1;
	/* Inodes are made without vfs_tree_lock, so the number must be counted atomically. */
	inode->ino = __atomic_add_fetch(&last_ino, 1, __ATOMIC_RELAXED);
	inode->mtime_ns = ktime_get_ns();
	INIT_LIST_HEAD(&inode->children);
	INIT_LIST_HEAD(&inode->sibling);
	mutex_init(&inode->lock);
	return inode;
}

void inode_put(struct inode *inode)
{
	lockdep_assert_held(&vfs_tree_lock);
	BUG_ON(!inode->usage);
	if (--inode->usage)
		return;
	ramfs_free_pages(inode);
	if (inode->owns_data)
		kfree(inode->data);
	kfree(inode->name);
	kfree(inode);
}

void inode_release(struct inode *inode)
{
	mutex_lock(&vfs_tree_lock);
	inode_put(inode);
	mutex_unlock(&vfs_tree_lock);
}

void inode_link(struct inode *dir, struct inode *inode)
{
	struct inode *next;
	struct list_head *before = &dir->children;

	lockdep_assert_held(&vfs_tree_lock);
	/* The search begins at the end, because most directories are filled in name order. */
	while (before->prev != &dir->children) {
		next = list_entry(before->prev, struct inode, sibling);
		if (strcmp(next->name, inode->name) < 0)
			break;
		before = before->prev;
	}
	list_add_tail(&inode->sibling, before);
	inode->parent = dir;
	dir->mtime_ns = ktime_get_ns();
}

void inode_unlink(struct inode *inode)
{
	lockdep_assert_held(&vfs_tree_lock);
	list_del_init(&inode->sibling);
	inode->parent->mtime_ns = ktime_get_ns();
	inode->parent = NULL;
	inode->unlinked = true;
}

struct inode *inode_child(struct inode *dir, const char *name, size_t len)
{
	struct inode *child;

	lockdep_assert_held(&vfs_tree_lock);
	list_for_each_entry(child, &dir->children, sibling)
		if (!strncmp(child->name, name, len) && !child->name[len])
			return child;
	return NULL;
}

/* Step from @dir to its entry @name, which may be "." or "..". */
static struct inode *walk_step(struct inode *dir, const char *name, size_t len)
{
	if (len == 1 && name[0] == '.')
		return dir;
	if (len == 2 && name[0] == '.' && name[1] == '.')
		return dir->parent ? dir->parent : root_dir;
	return inode_child(dir, name, len);
}

static bool is_dots(const char *name, size_t len)
{
	return len <= 2 && name[0] == '.' && (len == 1 || name[1] == '.');
}

/* Where the current thread's working directory is kept. */
static struct inode **working_dir(void)
{
	lockdep_assert_held(&vfs_tree_lock);
	return current->job ? &current->job->working_dir : &console_dir;
}

int vfs_walk(const char *path, struct path_walk *walk)
{
	size_t len;

	lockdep_assert_held(&vfs_tree_lock);
	if (!*path)
		return -ENOENT;
	if (strnlen(path, PATH_MAX) >= PATH_MAX)
		return -ENAMETOOLONG;
	*walk = (struct path_walk){ .inode = *path == '/' ? root_dir : *working_dir() };
	walk->parent = walk->inode;
	for (;;) {
		walk->want_dir = *path == '/';
		while (*path == '/')
			path++;
		if (!*path)
			break;
		/* Only the last component need not exist. */
		if (!walk->inode)
			return -ENOENT;
		if (!S_ISDIR(walk->inode->mode))
			return -ENOTDIR;
		for (len = 0; path[len] && path[len] != '/'; len++)
			;
		if (len > NAME_MAX)
			return -ENAMETOOLONG;
		walk->parent = walk->inode;
		walk->inode = walk_step(walk->parent, path, len);
		walk->last = path;
		/* "." and ".." exist in every directory; they can be neither made nor removed. */
		walk->last_len = is_dots(path, len) ? 0 : len;
		path += len;
	}
	if (walk->inode && walk->want_dir && !S_ISDIR(walk->inode->mode))
		return -ENOTDIR;
	return 0;
}

/* The inode at @path, with one more reference, or ERR_PTR(). */
static struct inode *vfs_lookup(const char *path)
{
	struct path_walk walk;
	int err;

	mutex_lock(&vfs_tree_lock);
	err = vfs_walk(path, &walk);
	if (!err && !walk.inode)
		err = -ENOENT;
	if (!err)
		walk.inode->usage++;
	mutex_unlock(&vfs_tree_lock);
	return err ? ERR_PTR(err) : walk.inode;
}

/* Length of @inode's absolute path in bytes, without the terminator. */
static size_t path_length(const struct inode *inode)
{
	size_t len = 0;

	lockdep_assert_held(&vfs_tree_lock);
	for (; inode != root_dir && inode; inode = inode->parent)
		len += strlen(inode->name) + 1;
	return len ? len : 1;
}

/* This is checked for every new directory, so it limits the depth of the tree. */
bool vfs_path_fits(const struct inode *dir, size_t len)
{
	return path_length(dir) + 1 + len < PATH_MAX;
}

/* A pseudo file system's owner does it. Without the lock, which that takes itself. */
static int let_owner(const struct path_walk *walk, int (*change)(const char *name))
{
	char *name = kmalloc(walk->last_len + 1, GFP_KERNEL);
	int err;

	lockdep_assert_held(&vfs_tree_lock);
	if (!name)
		return -ENOMEM;
	memcpy(name, walk->last, walk->last_len);
	name[walk->last_len] = '\0';
	/* Such a directory is never removed, so its operations stay. */
	mutex_unlock(&vfs_tree_lock);
	err = change(name);
	mutex_lock(&vfs_tree_lock);
	kfree(name);
	return err;
}

int vfs_mkdir(const char *path, mode_t mode)
{
	struct path_walk walk;
	struct inode *dir;
	int err;

	mutex_lock(&vfs_tree_lock);
	err = vfs_walk(path, &walk);
	if (err)
		goto out;
	err = -EEXIST;
	if (walk.inode)
		goto out;
	err = -EPERM;
	if (walk.parent->pseudo && walk.parent->dir_ops)
		err = let_owner(&walk, walk.parent->dir_ops->mkdir);
	if (walk.parent->pseudo)
		goto out;
	/* The length of @path alone says little: a relative path could lead to any depth. */
	err = -ENAMETOOLONG;
	if (!vfs_path_fits(walk.parent, walk.last_len))
		goto out;
	err = -ENOMEM;
	dir = inode_alloc(walk.last, walk.last_len, S_IFDIR | (mode & 0777));
	if (!dir)
		goto out;
	inode_link(walk.parent, dir);
	err = 0;
out:
	mutex_unlock(&vfs_tree_lock);
	return err;
}

static int remove_check(const struct path_walk *walk, bool dir)
{
	const struct inode *inode = walk->inode;

	if (!inode)
		return -ENOENT;
	if (dir && !S_ISDIR(inode->mode))
		return -ENOTDIR;
	if (!dir && S_ISDIR(inode->mode))
		return -EISDIR;
	if (inode == root_dir || inode->nr_working)
		return -EBUSY;
	if (!walk->last_len)
		return -EINVAL;
	if (walk->parent->pseudo)
		return dir && walk->parent->dir_ops ? 0 : -EPERM;
	if (inode->pseudo)		/* the root of a pseudo file system */
		return -EBUSY;
	if (dir && !list_empty(&inode->children))
		return -ENOTEMPTY;
	return 0;
}

static int remove_name(const char *path, bool dir)
{
	struct path_walk walk;
	int err;

	mutex_lock(&vfs_tree_lock);
	err = vfs_walk(path, &walk);
	if (!err)
		err = remove_check(&walk, dir);
	if (!err && walk.parent->pseudo) {
		err = let_owner(&walk, walk.parent->dir_ops->rmdir);
	} else if (!err) {
		inode_unlink(walk.inode);
		inode_put(walk.inode);
	}
	mutex_unlock(&vfs_tree_lock);
	return err;
}

int vfs_rmdir(const char *path)
{
	return remove_name(path, true);
}

int vfs_unlink(const char *path)
{
	return remove_name(path, false);
}

int vfs_stat(const char *path, struct stat *st)
{
	struct inode *inode = vfs_lookup(path), *child;

	if (IS_ERR(inode))
		return (int)PTR_ERR(inode);
	mutex_lock(&vfs_tree_lock);
	st->mode = inode->mode;
	st->ino = inode->ino;
	st->nlink = inode->unlinked ? 0 : S_ISDIR(inode->mode) ? 2 : 1;
	if (S_ISDIR(inode->mode))
		list_for_each_entry(child, &inode->children, sibling)
			st->nlink += S_ISDIR(child->mode);
	mutex_unlock(&vfs_tree_lock);
	/* The locks are not nested; the reference keeps the inode between them. */
	mutex_lock(&inode->lock);
	st->size = inode->size;
	st->mtime_ns = inode->mtime_ns;
	mutex_unlock(&inode->lock);
	inode_release(inode);
	return 0;
}

static struct inode *use_working_dir(struct inode *dir)
{
	lockdep_assert_held(&vfs_tree_lock);
	dir->usage++;
	dir->nr_working++;
	return dir;
}

static void leave_working_dir(struct inode *dir)
{
	lockdep_assert_held(&vfs_tree_lock);
	dir->nr_working--;
	inode_put(dir);
}

struct inode *vfs_share_working_dir(void)
{
	struct inode *dir;

	mutex_lock(&vfs_tree_lock);
	dir = use_working_dir(*working_dir());
	mutex_unlock(&vfs_tree_lock);
	return dir;
}

void vfs_leave_working_dir(struct inode *dir)
{
	mutex_lock(&vfs_tree_lock);
	leave_working_dir(dir);
	mutex_unlock(&vfs_tree_lock);
}

int vfs_chdir(const char *path)
{
	struct inode *dir = vfs_lookup(path);
	int err = 0;

	if (IS_ERR(dir))
		return (int)PTR_ERR(dir);
	mutex_lock(&vfs_tree_lock);
	if (!S_ISDIR(dir->mode)) {
		err = -ENOTDIR;
	} else if (dir->unlinked) {
		err = -ENOENT;
	} else {
		struct inode **place = working_dir(), *left = *place;

		/* First the new one: it may be the one that is left, and have no other user. */
		*place = use_working_dir(dir);
		leave_working_dir(left);
	}
	inode_put(dir);
	mutex_unlock(&vfs_tree_lock);
	return err;
}

/* Gives "/" for the root. A path that is longer than @size (PATH_MAX is enough) is cut in front. */
void vfs_getcwd(char *buf, size_t size)
{
	const struct inode *dir;
	size_t at, len;

	if (!size)
		return;
	mutex_lock(&vfs_tree_lock);
	dir = *working_dir();
	at = path_length(dir) + 1;
	if (at > size)
		at = size;
	/* Written from its end, because an inode knows only its name and its parent. */
	buf[--at] = '\0';
	if (dir == root_dir && at)
		buf[0] = '/';
	for (; dir != root_dir && dir && at; dir = dir->parent) {
		len = strlen(dir->name);
		while (len && at)
			buf[--at] = dir->name[--len];
		if (at)
			buf[--at] = '/';
	}
	mutex_unlock(&vfs_tree_lock);
}

static const char *const first_dirs[] = {
	"/dev", "/proc", "/sys", "/sys/kernel", "/sys/kernel/tracing", "/tmp",
};

void vfs_init(void)
{
	unsigned int i;
	int err;

	root_dir = inode_alloc("", 0, S_IFDIR | 0755);
	if (!root_dir)
		panic("no memory for the root directory");
	/* "/.." is "/", and this use of it is never given back. */
	root_dir->parent = root_dir;
	root_dir->usage++;
	root_dir->nr_working++;
	console_dir = root_dir;
	for (i = 0; i < ARRAY_SIZE(first_dirs); i++) {
		err = vfs_mkdir(first_dirs[i], 0755);
		if (err)
			panic("cannot make the directory %s: %s", first_dirs[i], errno_string(err));
	}
	procfs_init();
	devfs_init();
}
