/* SPDX-License-Identifier: MIT */
/* See dirs.h. Paths are relative to the root, which is also the working directory. */
#include "tests/host/dirs.h"
#include "kernel/fs/vfs.h"
#include "kernel/lib/errno.h"
#include "kernel/lib/string.h"
#include "kernel/mm/mm.h"
#include "kernel/shell/console.h"

const char *const dirs_tree[] = {
	".hidden", "a*b", "aab", "b-c/", "b-c/x", "b/", "b/.dot", "b/1", "b/10", "b/2", "b/x",
	"cpu0/", "cpu0/stats", "cpu1/", "cpu1/other", "cpu1/stats", "d/", "d/e/", "d/e/f", "file",
	NULL
};
char dirs_console[256];

struct open_dir {
	struct file file;		/* must be first */
	char path[PATH_MAX];		/* "" or ends with a '/' */
};

/*
 * Copies a path without slashes before it, and with only one between two names. Returns false if it
 * is too long for any path.
 */
static bool clean(const char *path, char *out, size_t size)
{
	size_t n = 0;

	for (; *path && n < size - 2; path++)
		if (*path != '/' || (n && out[n - 1] != '/'))
			out[n++] = *path;
	out[n] = '\0';
	return !*path;
}

/* Is the clean @path in the tree? It must be a directory if it ends like one or @dir is set. */
static bool is_there(const char *path, bool dir)
{
	size_t len = strlen(path);

	if (!len)
		return true;
	for (const char *const *entry = dirs_tree; *entry; entry++) {
		if (!strcmp(*entry, path))
			return !dir || path[len - 1] == '/';
		if (!strncmp(*entry, path, len) && !strcmp(*entry + len, "/"))
			return true;
	}
	return false;
}

struct file *vfs_open(const char *path, unsigned int flags, mode_t mode)
{
	struct open_dir *dir = kmalloc(sizeof(*dir), GFP_KERNEL);
	size_t len;

	if (!dir)
		return ERR_PTR(-ENOMEM);
	if (!strcmp(path, "."))
		path = "";
	if (!clean(path, dir->path, sizeof(dir->path)) || !is_there(dir->path, true)) {
		kfree(dir);
		return ERR_PTR(-ENOENT);
	}
	len = strlen(dir->path);
	if (len && dir->path[len - 1] != '/')
		strscpy(dir->path + len, "/", 2);
	return &dir->file;
}

int vfs_close(struct file *file)
{
	kfree(file);
	return 0;
}

int vfs_readdir(struct file *file, unsigned int *pos, struct dirent *entry)
{
	unsigned int skip = *pos;
	const char *dir = ((struct open_dir *)file)->path;
	size_t len = strlen(dir);

	for (const char *const *path = dirs_tree; *path; path++) {
		const char *name = *path + len, *slash;

		if (strncmp(*path, dir, len) || !*name)
			continue;
		slash = strchr(name, '/');
		if ((slash && slash[1]) || skip--)
			continue;
		entry->mode = slash ? S_IFDIR : S_IFREG;
		strscpy(entry->name, name,
			slash ? (size_t)(slash - name) + 1 : sizeof(entry->name));
		++*pos;
		return 1;
	}
	return 0;
}

int vfs_stat(const char *path, struct stat *st)
{
	char buf[PATH_MAX];

	return clean(path, buf, sizeof(buf)) && is_there(buf, false) ? 0 : -ENOENT;
}

void console_write(const char *buf, size_t len)
{
	strscpy(dirs_console, buf, len + 1 < sizeof(dirs_console) ? len + 1 : sizeof(dirs_console));
}

bool console_interrupted(void)
{
	return false;
}
