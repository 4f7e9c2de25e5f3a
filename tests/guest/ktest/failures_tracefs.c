/* SPDX-License-Identifier: MIT */
/* Every failure once (failures.c): what is written to tracefs, and what is read from there. */
#include "kernel/fs/vfs.h"
#include "kernel/lib/errno.h"
#include "kernel/lib/string.h"
#include "tests/guest/ktest/failures.h"
#include "tests/guest/ktest/files.h"

static char size_before[16];

#define WRITES(fn, file, text, flags)						\
	static int fn(void) { return file_write(T file, text, flags); }

WRITES(tracer_function, "current_tracer", "function\n", 0)
WRITES(tracer_nop, "current_tracer", "nop\n", 0)
WRITES(set_filter, "set_ftrace_filter", "kt_glob_*\n", 0)
WRITES(add_filter, "set_ftrace_filter", "kt_sum\n", O_APPEND)
WRITES(set_filter_waiting, "set_ftrace_filter", "*:mod:no_such_module\n", O_APPEND)
WRITES(clear_filter, "set_ftrace_filter", "", 0)
WRITES(set_notrace, "set_ftrace_notrace", "kt_glob_beta\n", 0)
WRITES(clear_notrace, "set_ftrace_notrace", "", 0)
WRITES(size_larger, "buffer_size_kb", "48\n", 0)
WRITES(size_small, "buffer_size_kb", "24\n", 0)
WRITES(size_larger_cpu, "per_cpu/cpu0/buffer_size_kb", "48\n", 0)
WRITES(size_small_cpu, "per_cpu/cpu0/buffer_size_kb", "24\n", 0)
WRITES(free_buffer, "free_buffer", "", 0)
WRITES(names_more, "saved_cmdlines_size", "200\n", 0)
WRITES(names_usual, "saved_cmdlines_size", "128\n", 0)
WRITES(recording_off, "tracing_on", "0\n", 0)
WRITES(recording_on, "tracing_on", "1\n", 0)
WRITES(clock_global, "trace_clock", "global\n", 0)
WRITES(clock_local, "trace_clock", "local\n", 0)
WRITES(option_off, "trace_options", "noirq-info\n", 0)
WRITES(option_on, "trace_options", "irq-info\n", 0)
WRITES(option_file_off, "options/irq-info", "0\n", 0)
WRITES(option_file_on, "options/irq-info", "1\n", 0)
WRITES(stacks_on, "options/func_stack_trace", "1\n", 0)
WRITES(stacks_off, "options/func_stack_trace", "0\n", 0)
WRITES(no_repeats, "options/func-no-repeats", "1\n", 0)
WRITES(repeats, "options/func-no-repeats", "0\n", 0)
WRITES(percent_10, "buffer_percent", "10\n", 0)
WRITES(percent_50, "buffer_percent", "50\n", 0)
WRITES(clear_trace, "trace", "", 0)
WRITES(clear_errors, "error_log", "", 0)
WRITES(write_marker, "trace_marker", "a word\n", 0)
WRITES(write_raw_marker, "trace_marker_raw", "12345678", 0)

static int tracer_off(void)
{
	return file_write("/proc/sys/kernel/ftrace_enabled", "0\n", 0);
}

static int tracer_on(void)
{
	return file_write("/proc/sys/kernel/ftrace_enabled", "1\n", 0);
}

static const struct operation tracefs_writes[] = {
	{ "set_ftrace_filter", add_filter, set_filter },
	{ "set_ftrace_filter, cleared", clear_filter, set_filter },
	{ "set_ftrace_filter, waiting", set_filter_waiting, set_filter },
	{ "set_ftrace_notrace", set_notrace, clear_notrace },
	{ "buffer_size_kb", size_larger, size_small },
	{ "per_cpu/cpu0/buffer_size_kb", size_larger_cpu, size_small_cpu },
	{ "free_buffer", free_buffer, size_small },
	{ "saved_cmdlines_size", names_more, names_usual },
	{ "tracing_on", recording_off, recording_on },
	{ "trace_clock", clock_global, clock_local },
	{ "trace_options", option_off, option_on },
	{ "options/irq-info", option_file_off, option_file_on },
	{ "buffer_percent", percent_10, percent_50 },
	{ "trace", clear_trace, NULL },
	{ "error_log", clear_errors, NULL },
	{ "trace_marker", write_marker, NULL },
	{ "trace_marker_raw", write_raw_marker, NULL },
	{ "ftrace_enabled", tracer_off, tracer_on },
};

static bool small_buffers(struct ktest *t)
{
	char *end;

	usual_buffer_size();
	if (!KT_EXPECT(t, file_read(T "buffer_size_kb", size_before, sizeof(size_before)) > 0))
		return false;
	end = strchr(size_before, ' ');
	if (end)
		*end = '\0';
	return KT_EXPECT_EQ(t, file_write(T "buffer_size_kb", "24\n", 0), 0) &&
	       KT_EXPECT_EQ(t, set_filter(), 0);
}

static void usual_buffers(struct ktest *t)
{
	KT_EXPECT_EQ(t, clear_filter(), 0);
	KT_EXPECT_EQ(t, file_write(T "buffer_size_kb", size_before, 0), 0);
	KT_EXPECT_EQ(t, clear_trace(), 0);
	KT_EXPECT_EQ(t, clear_errors(), 0);
}

KTEST(failures, tracefs_without_a_tracer)
{
	static const struct operation start[] = {
		{ "current_tracer", tracer_function, tracer_nop },
	};

	if (!small_buffers(t))
		return;
	FAIL_ALL(t, start);
	FAIL_ALL(t, tracefs_writes);
	usual_buffers(t);
}

KTEST(failures, tracefs_with_a_tracer)
{
	static const struct operation tracer[] = {
		{ "current_tracer, nop", tracer_nop, tracer_function },
		{ "options/func_stack_trace", stacks_on, stacks_off },
		{ "options/func-no-repeats", no_repeats, repeats },
	};

	if (!small_buffers(t))
		return;
	KT_EXPECT_EQ(t, tracer_function(), 0);
	FAIL_ALL(t, tracer);
	FAIL_ALL(t, tracefs_writes);
	KT_EXPECT_EQ(t, tracer_nop(), 0);
	usual_buffers(t);
}

static const char *read_path;

static int read_it(void)
{
	static char text[512];
	struct file *file = vfs_open(read_path, O_RDONLY | O_NONBLOCK, 0);
	ssize_t got;

	if (IS_ERR(file))
		return (int)PTR_ERR(file);
	do
		got = vfs_read(file, text, sizeof(text));
	while (got > 0);
	vfs_close(file);
	return got == -EAGAIN ? 0 : (int)got;
}

KTEST(failures, reading)
{
	static const char *const paths[] = {
		T "trace", T "trace_pipe", T "per_cpu/cpu0/trace_pipe_raw", T "per_cpu/cpu0/trace",
		T "set_ftrace_filter", T "enabled_functions", T "touched_functions",
		T "available_tracers", T "error_log", T "saved_cmdlines", T "README",
		T "per_cpu/cpu0/stats", T "events/header_page", T "dyn_ftrace_total_info",
		"/proc/modules", "/proc/meminfo", "/proc/interrupts", "/proc/cpuinfo",
	};
	struct operation op = { .act = read_it };
	unsigned int failures = 0, tolerated = 0;

	KT_EXPECT_EQ(t, write_marker(), 0);
	for (unsigned int i = 0; i < ARRAY_SIZE(paths); i++) {
		op.name = read_path = paths[i];
		fail_each(t, &op, &failures, &tolerated);
	}
	ktest_note(t, "%u files, %u failures, %u of them did no harm",
		   (unsigned int)ARRAY_SIZE(paths), failures, tolerated);
	KT_EXPECT_EQ(t, clear_trace(), 0);
}
