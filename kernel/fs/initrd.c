/* SPDX-License-Identifier: MIT */
/*
 * The initrd: a cpio archive among the boot modules, which is unpacked into ramfs. If the archive
 * is malformed somewhere, the files before that place are unpacked, and the log says so.
 */
#include <asm/memory.h>
#include "kernel/fs/initrd.h"
#include "kernel/fs/vfs.h"
#include "kernel/lib/cpio.h"
#include "kernel/lib/errno.h"
#include "kernel/lib/string.h"
#include "kernel/mm/mm.h"
#include "kernel/printk.h"

static bool ends_with(const char *s, const char *end)
{
	size_t len = strlen(s), end_len = strlen(end);

	return len >= end_len && !strcmp(s + len - end_len, end);
}

const struct boot_module *find_boot_module(const char *name)
{
	for (unsigned int i = 0; i < boot_info.nr_modules; i++) {
		if (ends_with(boot_info.modules[i].name, name))
			return &boot_info.modules[i];
	}
	return NULL;
}

const void *boot_module_data(const struct boot_module *mod)
{
	if (mod->start >= DIRECT_MAP_SIZE || mod->size > DIRECT_MAP_SIZE - mod->start) {
		pr_err("%s: at %llx, out of reach\n", mod->name, (unsigned long long)mod->start);
		return NULL;
	}
	return phys_to_virt(mod->start);
}

bool boot_module_is_cpio(const struct boot_module *mod)
{
	const void *data = mod->size >= 6 ? boot_module_data(mod) : NULL;

	return data && !memcmp(data, "07070", 5);
}

/* Make the directories on the way to @path, as far as they do not exist. */
static void make_parents(char *path)
{
	for (char *s = strchr(path + 1, '/'); s; s = strchr(s + 1, '/')) {
		*s = '\0';
		vfs_mkdir(path, 0755);
		*s = '/';
	}
}

static int write_file(const char *path, const struct cpio_entry *entry)
{
	struct file *file = vfs_open(path, O_WRONLY | O_CREAT | O_TRUNC, 0644);
	ssize_t done;
	int err;

	if (IS_ERR(file))
		return (int)PTR_ERR(file);
	done = entry->size ? vfs_write(file, entry->data, entry->size) : 0;
	err = vfs_close(file);
	return done < 0 ? (int)done : err;
}

static int unpack_entry(const struct cpio_entry *entry)
{
	char path[PATH_MAX];
	const char *name = entry->name;

	/* The names in an archive may have any of the forms `/a`, `./a` and `a`. */
	while (*name == '/' || !strncmp(name, "./", 2))
		name++;
	if (!*name || !strcmp(name, "."))
		return 0;
	if (strlen(name) + 2 > sizeof(path))
		return -ENAMETOOLONG;
	path[0] = '/';
	strscpy(path + 1, name, sizeof(path) - 1);
	make_parents(path);
	if (S_ISDIR(entry->mode)) {
		int err = vfs_mkdir(path, 0755);

		return err == -EEXIST ? 0 : err;
	}
	return (entry->mode & S_IFMT) == S_IFREG ? write_file(path, entry) : -EINVAL;
}

void unpack_initrd(void)
{
	const struct boot_module *mod = find_boot_module("initrd");
	const void *data = mod && boot_module_is_cpio(mod) ? boot_module_data(mod) : NULL;
	unsigned int nr_files = 0;
	struct cpio_entry entry;
	const char *why;
	size_t pos = 0;
	int ret;

	if (!data)
		return;
	while ((ret = cpio_next(data, (size_t)mod->size, &pos, &entry, &why)) > 0) {
		int err = unpack_entry(&entry);

		/* A file that cannot be made does not end the loop, so the others are unpacked. */
		if (err)
			pr_err("initrd: %.64s: %s\n", entry.name, errno_string(err));
		else
			nr_files++;
	}
	if (ret)
		pr_err("initrd: at byte %zu: %s\n", pos, why);
	pr_info("initrd: %u files, %llu KiB\n", nr_files, (unsigned long long)mod->size >> 10);
}
