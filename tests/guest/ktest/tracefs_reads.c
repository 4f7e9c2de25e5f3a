/* SPDX-License-Identifier: MIT */
/*
 * Reading tracefs as tools do: from any position, in pieces of any size, without waiting, and while
 * somebody changes the buffer's size.
 */
#include "kernel/fs/vfs.h"
#include "kernel/lib/errno.h"
#include "kernel/lib/string.h"
#include "kernel/mm/mm.h"
#include "kernel/printk.h"
#include "kernel/sched/percpu.h"
#include "kernel/shell/shell.h"
#include "tests/guest/ktest/files.h"
#include "tests/guest/ktest/ktest.h"
#include "trace/output/trace.h"

#define T "/sys/kernel/tracing/"
#define WHOLE (256u << 10)

static void write_markers(struct ktest *t, unsigned int nr)
{
	while (nr--)
		KT_EXPECT_EQ(t, file_write(T "trace_marker", "a line that somebody looks for", 0),
			     0);
}

/* Pieces of @path, each read from a position of its own, must be what @whole has there. */
static void compare_pieces(struct ktest *t, const char *path, const char *whole, size_t len)
{
	struct file *file = vfs_open(path, O_RDONLY, 0);
	static char piece[700];
	unsigned int i;

	KT_ASSERT(t, !IS_ERR(file));
	/* The positions go forwards and backwards, across lines and pages, and past the end. */
	for (i = 0; i < 40; i++) {
		size_t pos = (size_t)i * 7919 * 31 % (len + 10), want = 1 + i * 97 % sizeof(piece);
		ssize_t got;

		KT_EXPECT_EQ(t, vfs_llseek(file, (loff_t)pos, SEEK_SET), (loff_t)pos);
		got = vfs_read(file, piece, want);
		if (pos >= len)
			want = 0;
		else
			want = min(want, len - pos);
		if (!KT_EXPECT_EQ(t, got, (ssize_t)want) ||
		    !KT_EXPECT(t, !memcmp(piece, whole + pos, want))) {
			ktest_note(t, "%s at %zu, %zu bytes", path, pos, want);
			break;
		}
	}
	vfs_close(file);
}

KTEST(tracefs, positions_are_honoured)
{
	static const char *const files[] = {
		T "trace", T "per_cpu/cpu0/trace", T "available_filter_functions",
		T "set_ftrace_filter", T "README", T "trace_options", T "saved_cmdlines",
		T "error_log", T "current_tracer", T "per_cpu/cpu0/stats", "/proc/kallsyms",
	};
	char *whole = vmalloc(WHOLE);

	KT_ASSERT(t, whole);
	write_markers(t, 100);
	KT_EXPECT_EQ(t, file_write(T "tracing_on", "0", 0), 0);
	for (unsigned int i = 0; i < ARRAY_SIZE(files); i++) {
		ssize_t len = file_read(files[i], whole, WHOLE);

		/* These show the time, so each reading gives another text. */
		if (strstr(files[i], "stats"))
			continue;
		KT_EXPECT(t, len >= 0);
		if (len >= 0)
			compare_pieces(t, files[i], whole, (size_t)len);
	}
	vfree(whole);
	KT_EXPECT_EQ(t, file_write(T "tracing_on", "1", 0), 0);
	KT_EXPECT_EQ(t, file_write(T "trace", "", 0), 0);
}

/* Returns how many bytes a read of a CPU's raw pipe gives, or an error such as -EAGAIN. */
static ssize_t read_raw(unsigned int cpu, struct file **file, u8 *page)
{
	char path[64];

	scnprintf(path, sizeof(path), T "per_cpu/cpu%u/trace_pipe_raw", cpu);
	*file = vfs_open(path, O_RDONLY | O_NONBLOCK, 0);
	return IS_ERR(*file) ? PTR_ERR(*file) : vfs_read(*file, page, PAGE_SIZE);
}

KTEST(tracefs, raw_pipe_gives_what_there_is)
{
	u8 *page = kmalloc(PAGE_SIZE, GFP_KERNEL);
	unsigned int cpu, found = 0;
	struct file *file;

	KT_ASSERT(t, page);
	KT_EXPECT_EQ(t, file_write(T "trace", "", 0), 0);
	KT_EXPECT_EQ(t, file_write(T "buffer_percent", "100", 0), 0);
	KT_EXPECT_EQ(t, file_write(T "trace_marker", "one event", 0), 0);
	for_each_online_cpu(cpu) {
		ssize_t got = read_raw(cpu, &file, page);

		KT_ASSERT(t, !IS_ERR(file));
		KT_EXPECT(t, got == PAGE_SIZE || got == -EAGAIN);
		found += got == PAGE_SIZE;
		if (got == PAGE_SIZE)
			KT_EXPECT_EQ(t, vfs_read(file, page, PAGE_SIZE), -EAGAIN);
		vfs_close(file);
	}
	KT_EXPECT_EQ(t, found, 1);
	KT_EXPECT_EQ(t, file_write(T "buffer_percent", "50", 0), 0);
	kfree(page);
}

KTEST(tracefs, size_stays_while_trace_is_read)
{
	static char text[4096];
	struct file *file;
	char size[16], enough[16];

	KT_EXPECT_EQ(t, tracing_update_buffers(&global_trace), 0);
	KT_ASSERT(t, file_read(T "buffer_size_kb", size, sizeof(size)) > 0);
	/*
	 * Whatever ran before, the buffer is larger now than the least size, which free_buffer
	 * sets.
	 */
	KT_EXPECT_EQ(t, file_write(T "buffer_size_kb", "256", 0), 0);
	KT_ASSERT(t, file_read(T "buffer_size_kb", enough, sizeof(enough)) > 0);
	write_markers(t, 20);
	file = vfs_open(T "trace", O_RDONLY, 0);
	KT_ASSERT(t, !IS_ERR(file));
	KT_EXPECT_EQ(t, vfs_read(file, text, 50), 50);
	KT_EXPECT_EQ(t, file_write(T "buffer_size_kb", "64", 0), -EBUSY);
	KT_EXPECT_EQ(t, file_write(T "per_cpu/cpu0/buffer_size_kb", "64", 0), -EBUSY);
	KT_EXPECT_EQ(t, file_write(T "free_buffer", "", 0), -EBUSY);
	KT_EXPECT_EQ(t, shell_run("trace start -b 64"), 1);
	KT_EXPECT(t, file_has(T "error_log", "reads the trace"));
	KT_EXPECT(t, file_is(T "buffer_size_kb", enough));
	/* Therefore the reader gets all of it. */
	KT_EXPECT(t, vfs_read(file, text, sizeof(text)) > 20 * 30);
	vfs_close(file);
	KT_EXPECT_EQ(t, file_write(T "buffer_size_kb", "64", 0), 0);
	KT_EXPECT_EQ(t, file_write(T "buffer_size_kb", size, 0), 0);
	KT_EXPECT_EQ(t, file_write(T "error_log", "", 0), 0);
	KT_EXPECT_EQ(t, file_write(T "trace", "", 0), 0);
}

KTEST(tracefs, record_puts_the_size_back)
{
	char size[16];

	KT_EXPECT_EQ(t, tracing_update_buffers(&global_trace), 0);
	KT_ASSERT(t, file_read(T "buffer_size_kb", size, sizeof(size)) > 0);
	KT_EXPECT_EQ(t, shell_run("trace record -b 64 -l kt_glob_alpha help > /tmp/recorded"), 0);
	KT_EXPECT(t, file_is(T "buffer_size_kb", size));
	/* The tracer does not exist, or there is no memory: nothing changes. */
	KT_EXPECT_EQ(t, shell_run("trace record -b 64 -p nonesuch help"), 1);
	KT_EXPECT(t, file_is(T "buffer_size_kb", size));
	vfs_unlink("/tmp/recorded");
	KT_EXPECT_EQ(t, file_write(T "trace", "", 0), 0);
}
