/* SPDX-License-Identifier: MIT */
/*
 * Pseudo files, of which /proc, /dev and tracefs build their subtrees. Each has operations and a
 * pointer of its owner. Only the kernel can create them; from the console nothing in such a subtree
 * can be created or removed, unless the owner of a directory does it (pseudo_dir_owner()).
 */
#include "kernel/fs/inode.h"
#include "kernel/lib/errno.h"
#include "kernel/lib/string.h"
#include "kernel/lockdep.h"

struct inode *pseudo_root(const char *path)
{
	struct path_walk walk;
	int err;

	mutex_lock(&vfs_tree_lock);
	err = vfs_walk(path, &walk);
	if (!err && !walk.inode)
		err = -ENOENT;
	if (!err && !S_ISDIR(walk.inode->mode))
		err = -ENOTDIR;
	if (!err)
		walk.inode->pseudo = true;
	mutex_unlock(&vfs_tree_lock);
	return err ? ERR_PTR(err) : walk.inode;
}

static struct inode *pseudo_node(struct inode *parent, const char *name, mode_t mode,
				 const struct file_operations *ops, void *data)
{
	size_t len = strlen(name);
	struct inode *inode;

	if (!len || len > NAME_MAX || strchr(name, '/'))
		return ERR_PTR(-EINVAL);
	inode = inode_alloc(name, len, mode);
	if (!inode)
		return ERR_PTR(-ENOMEM);
	inode->pseudo = true;
	inode->ops = ops;
	inode->data = data;
	/* The inode must be complete before it is linked, because then others can find it. */
	mutex_lock(&vfs_tree_lock);
	if (inode_child(parent, name, len)) {
		inode_put(inode);
		inode = ERR_PTR(-EEXIST);
	} else {
		inode_link(parent, inode);
	}
	mutex_unlock(&vfs_tree_lock);
	return inode;
}

struct inode *pseudo_dir(struct inode *parent, const char *name)
{
	return pseudo_node(parent, name, S_IFDIR | 0755, NULL, NULL);
}

struct inode *pseudo_file(struct inode *parent, const char *name, mode_t mode,
			  const struct file_operations *ops, void *data)
{
	return pseudo_node(parent, name, S_IFREG | (mode & 0777), ops, data);
}

void inode_own_data(struct inode *inode)
{
	inode->owns_data = true;
}

void pseudo_dir_owner(struct inode *dir, const struct pseudo_dir_operations *ops)
{
	dir->dir_ops = ops;
}

static void remove_tree(struct inode *inode)
{
	struct inode *child, *next;

	lockdep_assert_held(&vfs_tree_lock);
	/* Children first: a directory that is freed would leave them without a parent. */
	list_for_each_entry_safe(child, next, &inode->children, sibling)
		remove_tree(child);
	inode_unlink(inode);
	inode_put(inode);
}

void pseudo_remove(struct inode *inode)
{
	mutex_lock(&vfs_tree_lock);
	remove_tree(inode);
	mutex_unlock(&vfs_tree_lock);
}

static bool is_used(struct inode *inode)
{
	struct inode *child;

	lockdep_assert_held(&vfs_tree_lock);
	/* The tree itself has one reference; all others are of those who use it. */
	if (inode->usage > 1)
		return true;
	list_for_each_entry(child, &inode->children, sibling) {
		if (is_used(child))
			return true;
	}
	return false;
}

bool pseudo_is_used(struct inode *inode)
{
	bool used;

	mutex_lock(&vfs_tree_lock);
	used = is_used(inode);
	mutex_unlock(&vfs_tree_lock);
	return used;
}

int pseudo_remove_unused(struct inode *inode)
{
	int err = 0;

	/* Under one lock, so that nobody opens one of them in between. */
	mutex_lock(&vfs_tree_lock);
	if (is_used(inode))
		err = -EBUSY;
	else
		remove_tree(inode);
	mutex_unlock(&vfs_tree_lock);
	return err;
}
