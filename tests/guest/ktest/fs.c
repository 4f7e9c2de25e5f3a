/* SPDX-License-Identifier: MIT */
/*
 * The VFS and ramfs: what a path means, what files keep, every refusal with its errno; and /proc.
 */
#include "kernel/fs/vfs.h"
#include "kernel/lib/errno.h"
#include "kernel/lib/string.h"
#include "kernel/mm/mm.h"
#include "kernel/printk.h"
#include "kernel/sched/percpu.h"
#include "tests/guest/ktest/files.h"
#include "tests/guest/ktest/ktest.h"

#define DIR "/tmp/ktest"

/* Returns the error of an open that must not succeed. */
static int open_error(const char *path, unsigned int flags)
{
	struct file *file = vfs_open(path, flags, 0644);

	if (IS_ERR(file))
		return (int)PTR_ERR(file);
	vfs_close(file);
	return 0;
}

KTEST(fs, write_and_read_back)
{
	struct stat st;

	KT_EXPECT_EQ(t, vfs_mkdir(DIR, 0755), 0);
	KT_EXPECT_EQ(t, file_write(DIR "/a", "hello\n", 0), 0);
	KT_EXPECT(t, file_is(DIR "/a", "hello\n"));
	KT_EXPECT_EQ(t, file_write(DIR "/a", "world\n", O_APPEND), 0);
	KT_EXPECT(t, file_is(DIR "/a", "hello\nworld\n"));
	KT_EXPECT_EQ(t, vfs_stat(DIR "/a", &st), 0);
	KT_EXPECT_EQ(t, st.size, 12);
	KT_EXPECT_EQ(t, st.mode & S_IFMT, S_IFREG);
	KT_EXPECT_EQ(t, file_write(DIR "/a", "", 0), 0);
	KT_EXPECT(t, file_is(DIR "/a", ""));
	KT_EXPECT_EQ(t, vfs_unlink(DIR "/a"), 0);
	KT_EXPECT_EQ(t, vfs_rmdir(DIR), 0);
	KT_EXPECT_EQ(t, vfs_stat(DIR, &st), -ENOENT);
}

/* Every byte of a file of many pages, written and read at unusual offsets. */
KTEST(fs, large_file)
{
	struct mm_stats before, after;
	struct file *file;
	u32 word, i;

	KT_EXPECT_EQ(t, file_write("/tmp/large", "", 0), 0);
	kt_mm_stats(&before);
	file = vfs_open("/tmp/large", O_RDWR, 0);
	KT_ASSERT(t, !IS_ERR(file));
	for (i = 0; i < 50000; i++)
		if (!KT_EXPECT_EQ(t, vfs_write(file, &i, sizeof(i)), sizeof(i)))
			break;
	for (i = 7; i < 50000; i += 997) {
		KT_EXPECT_EQ(t, vfs_llseek(file, i * sizeof(i), 0), i * sizeof(i));
		KT_EXPECT_EQ(t, vfs_read(file, &word, sizeof(word)), sizeof(word));
		KT_EXPECT_EQ(t, word, i);
	}
	KT_EXPECT_EQ(t, vfs_llseek(file, 0, 2), 50000 * sizeof(i));
	KT_EXPECT_EQ(t, vfs_read(file, &word, sizeof(word)), 0);
	KT_EXPECT_EQ(t, vfs_llseek(file, -1, 0), -EINVAL);
	KT_EXPECT_EQ(t, vfs_close(file), 0);
	KT_EXPECT_EQ(t, file_write("/tmp/large", "", 0), 0);
	kt_mm_stats(&after);
	KT_EXPECT(t, (long)(before.free_pages - after.free_pages) < 4);
	KT_EXPECT_EQ(t, vfs_unlink("/tmp/large"), 0);
}

KTEST(fs, refusals)
{
	static char long_name[NAME_MAX + 20] = "/tmp/";

	KT_EXPECT_EQ(t, open_error("/tmp/none", O_RDONLY), -ENOENT);
	KT_EXPECT_EQ(t, open_error("/none/a", O_WRONLY | O_CREAT), -ENOENT);
	KT_EXPECT_EQ(t, open_error("", O_RDONLY), -ENOENT);
	KT_EXPECT_EQ(t, open_error("/tmp", O_WRONLY), -EISDIR);
	KT_EXPECT_EQ(t, file_write("/tmp/file", "x", 0), 0);
	KT_EXPECT_EQ(t, open_error("/tmp/file/below", O_RDONLY), -ENOTDIR);
	KT_EXPECT_EQ(t, open_error("/tmp/file", O_RDONLY | O_DIRECTORY), -ENOTDIR);
	KT_EXPECT_EQ(t, open_error("/tmp/file", O_WRONLY | O_CREAT | O_EXCL), -EEXIST);
	KT_EXPECT_EQ(t, vfs_mkdir("/tmp/file", 0755), -EEXIST);
	KT_EXPECT_EQ(t, vfs_mkdir("/none/dir", 0755), -ENOENT);
	KT_EXPECT_EQ(t, vfs_rmdir("/tmp/file"), -ENOTDIR);
	KT_EXPECT_EQ(t, vfs_rmdir("/tmp/none"), -ENOENT);
	KT_EXPECT_EQ(t, vfs_unlink("/tmp"), -EISDIR);
	KT_EXPECT_EQ(t, vfs_unlink("/tmp/none"), -ENOENT);
	KT_EXPECT_EQ(t, vfs_chdir("/tmp/file"), -ENOTDIR);
	KT_EXPECT_EQ(t, vfs_chdir("/none"), -ENOENT);
	memset(long_name + 5, 'x', NAME_MAX + 1);
	KT_EXPECT_EQ(t, open_error(long_name, O_WRONLY | O_CREAT), -ENAMETOOLONG);
	long_name[5 + NAME_MAX] = '\0';
	KT_EXPECT_EQ(t, file_write(long_name, "x", 0), 0);
	KT_EXPECT_EQ(t, vfs_unlink(long_name), 0);
	KT_EXPECT_EQ(t, vfs_mkdir(DIR, 0755), 0);
	KT_EXPECT_EQ(t, file_write(DIR "/a", "x", 0), 0);
	KT_EXPECT_EQ(t, vfs_rmdir(DIR), -ENOTEMPTY);
	KT_EXPECT_EQ(t, vfs_unlink(DIR "/a"), 0);
	KT_EXPECT_EQ(t, vfs_rmdir(DIR), 0);
	KT_EXPECT_EQ(t, vfs_unlink("/tmp/file"), 0);
}

KTEST(fs, modes_of_opening)
{
	struct file *file;
	char c = 'x';

	KT_EXPECT_EQ(t, file_write("/tmp/mode", "abc", 0), 0);
	file = vfs_open("/tmp/mode", O_RDONLY, 0);
	KT_ASSERT(t, !IS_ERR(file));
	KT_EXPECT_EQ(t, vfs_write(file, &c, 1), -EBADF);
	KT_EXPECT_EQ(t, vfs_close(file), 0);
	file = vfs_open("/tmp/mode", O_WRONLY, 0);
	KT_ASSERT(t, !IS_ERR(file));
	KT_EXPECT_EQ(t, vfs_read(file, &c, 1), -EBADF);
	KT_EXPECT_EQ(t, vfs_close(file), 0);
	KT_EXPECT(t, file_is("/tmp/mode", "abc"));
	/* A file that is open still exists when its name is gone. */
	file = vfs_open("/tmp/mode", O_RDONLY, 0);
	KT_ASSERT(t, !IS_ERR(file));
	KT_EXPECT_EQ(t, vfs_unlink("/tmp/mode"), 0);
	KT_EXPECT_EQ(t, vfs_read(file, &c, 1), 1);
	KT_EXPECT_EQ(t, c, 'a');
	KT_EXPECT_EQ(t, vfs_close(file), 0);
}

KTEST(fs, paths)
{
	char cwd[PATH_MAX], before[PATH_MAX];

	vfs_getcwd(before, sizeof(before));
	KT_EXPECT_EQ(t, vfs_mkdir(DIR, 0755), 0);
	KT_EXPECT_EQ(t, vfs_chdir(DIR), 0);
	vfs_getcwd(cwd, sizeof(cwd));
	KT_EXPECT_STREQ(t, cwd, DIR);
	KT_EXPECT_EQ(t, file_write("a", "here", 0), 0);
	KT_EXPECT(t, file_is(DIR "/a", "here"));
	KT_EXPECT(t, file_is("./a", "here"));
	KT_EXPECT(t, file_is("../ktest//a", "here"));
	KT_EXPECT(t, file_is("/../tmp/./ktest/a", "here"));
	KT_EXPECT_EQ(t, vfs_chdir(".."), 0);
	vfs_getcwd(cwd, sizeof(cwd));
	KT_EXPECT_STREQ(t, cwd, "/tmp");
	KT_EXPECT_EQ(t, vfs_unlink("ktest/a"), 0);
	KT_EXPECT_EQ(t, vfs_rmdir("ktest"), 0);
	KT_EXPECT_EQ(t, vfs_chdir(before), 0);
}

KTEST(fs, readdir_in_name_order)
{
	static const char *const names[] = { "a", "b", "c", "d" };
	static struct dirent entry;
	unsigned int pos = 0, n = 0;
	struct file *dir;

	/* They are made in another order than that of their names. */
	KT_EXPECT_EQ(t, vfs_mkdir(DIR, 0755), 0);
	KT_EXPECT_EQ(t, file_write(DIR "/c", "", 0), 0);
	KT_EXPECT_EQ(t, file_write(DIR "/a", "", 0), 0);
	KT_EXPECT_EQ(t, vfs_mkdir(DIR "/d", 0755), 0);
	KT_EXPECT_EQ(t, file_write(DIR "/b", "", 0), 0);
	dir = vfs_open(DIR, O_RDONLY, 0);
	KT_ASSERT(t, !IS_ERR(dir));
	while (vfs_readdir(dir, &pos, &entry) == 1) {
		if (entry.name[0] == '.')
			continue;
		if (!KT_EXPECT(t, n < ARRAY_SIZE(names)))
			break;
		KT_EXPECT_STREQ(t, entry.name, names[n]);
		KT_EXPECT_EQ(t, S_ISDIR(entry.mode), n == 3);
		n++;
	}
	KT_EXPECT_EQ(t, n, ARRAY_SIZE(names));
	vfs_close(dir);
	KT_EXPECT_EQ(t, vfs_rmdir(DIR "/d"), 0);
	for (n = 0; n < 3; n++) {
		char path[] = DIR "/?";

		path[sizeof(path) - 2] = names[n][0];
		KT_EXPECT_EQ(t, vfs_unlink(path), 0);
	}
	KT_EXPECT_EQ(t, vfs_rmdir(DIR), 0);
}

KTEST(fs, proc)
{
	struct stat st;
	char cpu[16];

	snprintf(cpu, sizeof(cpu), "CPU%u", nr_cpus_online - 1);
	KT_EXPECT(t, file_has("/proc/interrupts", cpu));
	KT_EXPECT_EQ(t, file_count("/proc/cpuinfo", "processor"), nr_cpus_online);
	KT_EXPECT_EQ(t, file_count("/proc/cpuinfo", "model name\t: "), nr_cpus_online);
	KT_EXPECT(t, file_has("/proc/kallsyms", " kt_sum"));
	KT_EXPECT(t, file_has("/proc/meminfo", "MemFree:"));
	KT_EXPECT(t, file_has("/proc/interrupts", "timer"));
	KT_EXPECT(t, file_has("/proc/threads", "swapper"));
	KT_EXPECT_EQ(t, vfs_stat("/proc/cmdline", &st), 0);
	KT_EXPECT(t, file_write("/proc/cmdline", "x", 0) < 0);
	KT_EXPECT_EQ(t, vfs_unlink("/proc/cmdline") < 0, true);
	KT_EXPECT_EQ(t, file_write("/proc/new", "x", 0) < 0, true);
}
