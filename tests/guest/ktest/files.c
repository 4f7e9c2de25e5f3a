/* SPDX-License-Identifier: MIT */
/*
 * Whole files are written and read at once. Texts are short: a line that is searched fits into the
 * buffer.
 */
#include "tests/guest/ktest/files.h"
#include "kernel/compiler.h"
#include "kernel/fs/vfs.h"
#include "kernel/lib/errno.h"
#include "kernel/lib/string.h"
#include "kernel/module/module.h"
#include "kernel/printk.h"
#include "kernel/smp.h"
#include "tests/guest/ktest/ktest.h"
#include "trace/output/trace.h"

#define T "/sys/kernel/tracing/"

#define FILE_LINE 2048			/* room for two of the longest names */

int file_write(const char *path, const char *text, unsigned int flags)
{
	struct file *file = vfs_open(path, O_WRONLY | O_CREAT | (flags ? flags : O_TRUNC), 0644);
	size_t len = strlen(text);
	ssize_t done;
	int closed;

	if (IS_ERR(file))
		return (int)PTR_ERR(file);
	done = len ? vfs_write(file, text, len) : 0;
	closed = vfs_close(file);
	if (done < 0)
		return (int)done;
	return (size_t)done == len ? closed : -EIO;
}

ssize_t file_read(const char *path, char *buf, size_t size)
{
	struct file *file = vfs_open(path, O_RDONLY, 0);
	size_t len = 0;
	ssize_t done = 0;

	if (IS_ERR(file))
		return PTR_ERR(file);
	while (len < size - 1 && (done = vfs_read(file, buf + len, size - 1 - len)) > 0)
		len += (size_t)done;
	buf[len] = '\0';
	vfs_close(file);
	return done < 0 ? done : (ssize_t)len;
}

bool file_is(const char *path, const char *text)
{
	char buf[FILE_LINE];

	return file_read(path, buf, sizeof(buf)) == (ssize_t)strlen(text) && !strcmp(buf, text);
}

/*
 * Count the lines that contain @text, but at most @max. The file is read in parts, each of which
 * ends with a line. A @text that includes the newline matches the end of a line.
 */
static int count_lines(const char *path, const char *text, int max)
{
	struct file *file = vfs_open(path, O_RDONLY, 0);
	char buf[FILE_LINE], *line, *end;
	size_t len = 0;
	ssize_t done;
	int count = 0;

	if (IS_ERR(file))
		return (int)PTR_ERR(file);
	while (count < max && (done = vfs_read(file, buf + len, sizeof(buf) - 1 - len)) > 0) {
		len += (size_t)done;
		buf[len] = '\0';
		for (line = buf; (end = strchr(line, '\n')); line = end + 1) {
			char next = end[1];

			end[1] = '\0';
			count += strstr(line, text) != NULL;
			end[1] = next;
		}
		len = strlen(line);
		memmove(buf, line, len + 1);
		if (len == sizeof(buf) - 1)
			len = 0;	/* a line that is too long is ignored */
	}
	vfs_close(file);
	return count;
}

bool file_has(const char *path, const char *text)
{
	return count_lines(path, text, 1) > 0;
}

int file_count(const char *path, const char *text)
{
	return count_lines(path, text, 0x7fffffff);
}

unsigned long usual_buffer_size(void)
{
	/*
	 * If there is no memory for that, the size stays as it is, for the other callers as well.
	 */
	tracing_update_buffers(&global_trace);
	return ring_buffer_size(global_trace.buffer, 0);
}

unsigned long sum_over_cpus(unsigned long (*counter)(struct trace_buffer *buffer, int cpu))
{
	unsigned long sum = 0;
	unsigned int cpu;

	for_each_online_cpu(cpu)
		sum += counter(global_trace.buffer, (int)cpu);
	return sum;
}

int insmod(const char *what)
{
	char why[160];

	return module_insert(what, 0, NULL, why, sizeof(why));
}

bool file_exists(const char *path)
{
	struct stat st;

	return !vfs_stat(path, &st);
}

bool log_has(u64 *pos, const char *text)
{
	static char part[2048];
	bool found = false;
	size_t len;

	while ((len = printk_read(pos, part, sizeof(part) - 1))) {
		part[len] = '\0';
		found |= strstr(part, text) != NULL;
	}
	return found;
}

void tracing_restore(struct ktest *t)
{
	KT_EXPECT_EQ(t, file_write(T "current_tracer", "nop\n", 0), 0);
	KT_EXPECT_EQ(t, file_write(T "set_ftrace_filter", "", 0), 0);
	KT_EXPECT_EQ(t, file_write(T "set_ftrace_notrace", "", 0), 0);
	KT_EXPECT_EQ(t, file_write(T "tracing_on", "1\n", 0), 0);
	KT_EXPECT_EQ(t, file_write(T "trace", "", 0), 0);
	KT_EXPECT_EQ(t, file_write(T "error_log", "", 0), 0);
}
