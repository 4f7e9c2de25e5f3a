/* SPDX-License-Identifier: MIT */
/*
 * Works with files in a directory of its own: it creates, writes, reads back, compares and removes
 * them again and again.
 */
#include "kernel/fs/vfs.h"
#include "kernel/lib/errno.h"
#include "kernel/lib/string.h"
#include "kernel/printk.h"
#include "samples/workload/workload.h"

#define DIRECTORY "/tmp/workload"
#define NR_FILES 8
#define NR_LINES 16

struct fs_load {
	unsigned long files, bytes;
	const char *step;		/* what was being done, for the report of an error */
};

static void file_name(char *path, size_t size, unsigned int n)
{
	scnprintf(path, size, DIRECTORY "/file%u", n);
}

static int write_lines(struct fs_load *load, struct file *file, unsigned int n)
{
	char line[64];
	unsigned int i;

	load->step = "write";
	for (i = 0; i < NR_LINES; i++) {
		int len = scnprintf(line, sizeof(line), "line %u of file %u, pass %lu\n", i, n,
				    load->files);
		ssize_t done = vfs_write(file, line, (size_t)len);

		if (done != len)
			return done < 0 ? (int)done : -EIO;
		load->bytes += (size_t)done;
	}
	return 0;
}

/* Read the whole file in pieces of odd sizes. It must have NR_LINES lines. */
static int count_lines(struct fs_load *load, struct file *file)
{
	unsigned int lines = 0;
	char piece[100];
	ssize_t i, done;

	load->step = "read";
	if (vfs_llseek(file, 0, 0))
		return -EIO;
	/* Pieces of a hundred bytes end in the middle of lines. */
	while ((done = vfs_read(file, piece, sizeof(piece))) > 0) {
		load->bytes += (size_t)done;
		for (i = 0; i < done; i++)
			lines += piece[i] == '\n';
	}
	if (done < 0)
		return (int)done;
	return lines == NR_LINES ? 0 : -EIO;
}

static int make_file(struct fs_load *load, unsigned int n)
{
	char path[64];
	struct file *file;
	int err, closed;

	load->step = "create";
	file_name(path, sizeof(path), n);
	file = vfs_open(path, O_RDWR | O_CREAT | O_TRUNC, 0644);
	if (IS_ERR(file))
		return (int)PTR_ERR(file);
	err = write_lines(load, file, n);
	if (!err)
		err = count_lines(load, file);
	/* The first failure is what the report names; closing is done whatever happened. */
	closed = vfs_close(file);
	load->files++;
	return err ? err : closed;
}

static int remove_files(struct fs_load *load)
{
	unsigned int n;
	char path[64];
	int err = 0;

	for (n = 0; n < NR_FILES; n++) {
		int ret;

		file_name(path, sizeof(path), n);
		ret = vfs_unlink(path);
		/* A pass that was cut short has made only some of them. */
		if (ret && ret != -ENOENT && !err) {
			load->step = "remove";
			err = ret;
		}
	}
	return err;
}

static int one_pass(struct fs_load *load)
{
	struct stat st;
	unsigned int n;
	int err;

	for (n = 0; n < NR_FILES; n++) {
		err = make_file(load, n);
		if (err)
			return err;
	}
	load->step = "stat";
	err = vfs_stat(DIRECTORY "/file0", &st);
	if (!err && !st.size)
		err = -EIO;
	return err ? err : remove_files(load);
}

static int run_fs(struct workload_run *run)
{
	struct fs_load load = { .step = "mkdir" };
	int err = vfs_mkdir(DIRECTORY, 0755);

	if (err == -EEXIST)
		err = 0;		/* it was left by a run that could not clean up */
	while (!err && !workload_over(run))
		err = one_pass(&load);
	remove_files(&load);
	vfs_rmdir(DIRECTORY);
	if (err)
		scnprintf(run->report, sizeof(run->report), "%s", load.step);
	else
		scnprintf(run->report, sizeof(run->report),
			  "%lu files made and removed, %lu bytes written and read", load.files,
			  load.bytes);
	return err;
}

const struct workload workload_fs = {
	"fs", "create, write, read and remove files in /tmp", run_fs,
};
