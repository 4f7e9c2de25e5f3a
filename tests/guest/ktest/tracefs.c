/* SPDX-License-Identifier: MIT */
/*
 * tracefs as its users see it: what can be read from the files, what they accept, and which errno a
 * wrong word gets. The host tests check text formats to the letter.
 */
#include "kernel/fs/vfs.h"
#include "kernel/lib/errno.h"
#include "kernel/lib/string.h"
#include "kernel/mm/mm.h"
#include "kernel/printk.h"
#include "kernel/shell/console.h"
#include "tests/guest/ktest/files.h"
#include "tests/guest/ktest/ktest.h"
#include "tests/guest/ktest/targets.h"
#include "trace/core/patch_fault.h"
#include "trace/core/site_info.h"
#include "trace/ftrace.h"
#include "trace/output/trace.h"

#define T "/sys/kernel/tracing/"

KTEST(tracefs, tracers)
{
	tracing_restore(t);
	KT_EXPECT(t, file_is(T "current_tracer", "nop\n"));
	KT_EXPECT(t, file_has(T "available_tracers", "function"));
	KT_EXPECT(t, file_has(T "available_tracers", "nop"));
	KT_EXPECT_EQ(t, file_write(T "set_ftrace_filter", "kt_sum\n", 0), 0);
	KT_EXPECT_EQ(t, file_write(T "current_tracer", "function\n", 0), 0);
	KT_EXPECT(t, file_is(T "current_tracer", "function\n"));
	kt_sum(1, 2);
	KT_EXPECT_EQ(t, file_count(T "trace", " kt_sum <-"), 1);
	KT_EXPECT_EQ(t, file_count(T "trace", "ktest_tracefs_tracers"), 1);
	KT_EXPECT_EQ(t, file_write(T "current_tracer", "nope\n", 0), -EINVAL);
	KT_EXPECT(t, file_is(T "current_tracer", "function\n"));
	KT_EXPECT(t, file_has(T "error_log", "nope"));
	tracing_restore(t);
	kt_sum(1, 2);
	KT_EXPECT_EQ(t, file_count(T "trace", "kt_sum"), 0);
}

KTEST(tracefs, filter_files)
{
	KT_EXPECT(t, file_is(T "set_ftrace_filter", "#### all functions enabled ####\n"));
	KT_EXPECT(t, file_is(T "set_ftrace_notrace", "#### no functions disabled ####\n"));
	KT_EXPECT_EQ(t, file_write(T "set_ftrace_filter", "kt_glob_beta kt_glob_alpha\n", 0), 0);
	KT_EXPECT(t, file_is(T "set_ftrace_filter", "kt_glob_alpha\nkt_glob_beta\n"));
	KT_EXPECT_EQ(t, file_write(T "set_ftrace_filter", "kt_glob_g*\n", O_APPEND), 0);
	KT_EXPECT_EQ(t, file_count(T "set_ftrace_filter", "kt_glob_"), 3);
	KT_EXPECT_EQ(t, file_write(T "set_ftrace_filter", "!kt_glob_alpha\n", O_APPEND), 0);
	KT_EXPECT_EQ(t, file_count(T "set_ftrace_filter", "kt_glob_"), 2);
	KT_EXPECT_EQ(t, file_write(T "set_ftrace_filter", "no_such_function\n", O_APPEND), -EINVAL);
	KT_EXPECT_EQ(t, file_count(T "set_ftrace_filter", "kt_glob_"), 2);
	KT_EXPECT_EQ(t, file_write(T "set_ftrace_notrace", "kt_glob_beta\n", 0), 0);
	KT_EXPECT(t, file_is(T "set_ftrace_notrace", "kt_glob_beta\n"));
	KT_EXPECT_EQ(t, file_write(T "current_tracer", "function\n", 0), 0);
	kt_glob_alpha();
	kt_glob_beta();
	kt_glob_gamma();
	KT_EXPECT_EQ(t, file_count(T "trace", "kt_glob_"), 1);
	KT_EXPECT_EQ(t, file_count(T "trace", "kt_glob_gamma"), 1);
	tracing_restore(t);
}

KTEST(tracefs, function_lists)
{
	unsigned int sites = ftrace_nr_sites();

	KT_EXPECT_EQ(t, file_count(T "available_filter_functions", ""), sites);
	KT_EXPECT_EQ(t, file_count(T "available_filter_functions_addrs", ""), sites);
	KT_EXPECT(t, file_has(T "available_filter_functions", "kt_sum"));
	KT_EXPECT(t, !file_has(T "available_filter_functions", "ftrace_caller"));
	KT_EXPECT(t, file_is(T "enabled_functions", ""));
	KT_EXPECT_EQ(t, file_write(T "set_ftrace_filter", "kt_sum", 0), 0);
	KT_EXPECT_EQ(t, file_write(T "current_tracer", "function", 0), 0);
	KT_EXPECT_EQ(t, file_count(T "enabled_functions", "kt_sum (1)"), 1);
	KT_EXPECT_EQ(t, file_count(T "enabled_functions", "("), 1);
	tracing_restore(t);
	KT_EXPECT(t, file_is(T "enabled_functions", ""));
	KT_EXPECT(t, file_has(T "touched_functions", "kt_sum (0)"));
}

/* Otherwise each would restore what the other has set. */
KTEST(tracefs, one_trace_record_at_a_time)
{
	for (unsigned int i = 0; i < 5; i++) {
		/* The first may end before the second begins: then both succeed. */
		int status = shell_run("trace record -l kt_sum help | "
				       "trace record -l kt_many help > /dev/null");

		KT_EXPECT(t, status == 0 || status == 1);
		KT_EXPECT(t, file_is(T "current_tracer", "nop\n"));
		KT_EXPECT(t, file_is(T "set_ftrace_filter", "#### all functions enabled ####\n"));
		KT_EXPECT(t, file_is(T "tracing_on", "1\n"));
	}
	KT_EXPECT_EQ(t, shell_run("trace record trace record help > /dev/null"), 1);
	KT_EXPECT(t, file_is(T "current_tracer", "nop\n"));
	KT_EXPECT_EQ(t, shell_run("trace record help > /dev/null"), 0);
	tracing_restore(t);
}

KTEST(tracefs, trace_says_how_it_is_used)
{
	KT_EXPECT_EQ(t, shell_run("trace --help | grep -q 'record CMD'"), 0);
	KT_EXPECT_EQ(t, shell_run("trace -h | grep -q 'record CMD'"), 0);
	KT_EXPECT_EQ(t, shell_run("trace record --help | grep -q 'record CMD'"), 0);
	KT_EXPECT_EQ(t, shell_run("trace record grep -h > /dev/null"), 2);	/* grep's help */
}

/* If the second of several changes fails, the first is undone. */
KTEST(tracefs, start_that_fails_changes_no_filter)
{
	int n, status = 1;

	KT_EXPECT_EQ(t, file_write(T "set_ftrace_filter", "kt_glob_*", 0), 0);
	KT_EXPECT_EQ(t, file_write(T "current_tracer", "function", 0), 0);
	for (n = 0; n < 100 && status; n++) {
		ftrace_patch_fail_after(n);
		status = shell_run("trace start -l 'kt_glob_[ab]*' -n kt_glob_beta");
		ftrace_patch_fail_after(-1);
		KT_EXPECT_EQ(t, file_count(T "set_ftrace_filter", "kt_glob_"), status ? 3 : 2);
		KT_EXPECT_EQ(t, file_count(T "set_ftrace_notrace", "kt_glob_"), !status);
		KT_EXPECT_EQ(t, file_count(T "enabled_functions", "kt_glob_"), status ? 3 : 1);
	}
	KT_EXPECT(t, n > 2 && !status);
	tracing_restore(t);
}

KTEST(tracefs, tracing_on_and_marker)
{
	tracing_restore(t);
	KT_EXPECT(t, file_is(T "tracing_on", "1\n"));
	KT_EXPECT_EQ(t, file_write(T "trace_marker", "ktest was here\n", 0), 0);
	KT_EXPECT_EQ(t, file_write(T "tracing_on", "0\n", 0), 0);
	KT_EXPECT(t, file_is(T "tracing_on", "0\n"));
	KT_EXPECT(t, file_write(T "trace_marker", "but not now\n", 0) != 0);
	KT_EXPECT_EQ(t, trace_printk("nor %s\n", "this"), 0);
	KT_EXPECT_EQ(t, file_write(T "tracing_on", "1\n", 0), 0);
	KT_EXPECT(t, trace_printk("but this\n") > 0);
	KT_EXPECT_EQ(t, file_count(T "trace", "tracing_mark_write: ktest was here"), 1);
	KT_EXPECT_EQ(t, file_count(T "trace", "ktest_tracefs_tracing_on_and_marker: but this"), 1);
	KT_EXPECT_EQ(t, file_count(T "trace", "now"), 0);
	KT_EXPECT_EQ(t, file_count(T "trace", "nor"), 0);
	KT_EXPECT_EQ(t, file_write(T "tracing_on", "maybe\n", 0), -EINVAL);
	KT_EXPECT(t, file_is(T "tracing_on", "1\n"));
	tracing_restore(t);
	KT_EXPECT_EQ(t, file_count(T "trace", "ktest was here"), 0);
}

/* Recording stops before the warning is reported, and the trace says why. */
KTEST(tracefs, off_on_warning)
{
	static const char file[] = "/proc/sys/kernel/traceoff_on_warning";

	KT_EXPECT(t, file_is(file, "0\n"));
	trace_on_warning();
	KT_EXPECT(t, file_is(T "tracing_on", "1\n"));
	KT_EXPECT_EQ(t, file_write(file, "2", 0), -EINVAL);
	KT_EXPECT_EQ(t, file_write(file, "1\n", 0), 0);
	KT_EXPECT(t, file_is(file, "1\n"));
	trace_on_warning();
	KT_EXPECT(t, file_is(T "tracing_on", "0\n"));
	/* Nothing is recorded any more, so there is no second line. */
	trace_on_warning();
	KT_EXPECT_EQ(t, file_count(T "trace", ": Disabling tracing due to warning\n"), 1);
	KT_EXPECT_EQ(t, file_write(file, "0", 0), 0);
	KT_EXPECT_EQ(t, file_write(T "tracing_on", "1", 0), 0);
	tracing_restore(t);
}

KTEST(tracefs, trace_is_not_consumed)
{
	unsigned int n;

	kt_one_cpu(t);
	tracing_restore(t);
	for (n = 0; n < 5; n++)
		trace_printk("number %u\n", n);
	KT_EXPECT_EQ(t, file_count(T "trace", "number "), 5);
	KT_EXPECT_EQ(t, file_count(T "trace", "number "), 5);
	KT_EXPECT_EQ(t, file_count(T "per_cpu/cpu0/trace", "number "), 5);
	KT_EXPECT(t, file_has(T "trace", "# tracer: nop"));
	KT_EXPECT(t, file_has(T "trace", "# entries-in-buffer/entries-written: 5/5"));
	KT_EXPECT(t, file_has(T "per_cpu/cpu0/stats", "entries: 5"));
	tracing_restore(t);
	KT_EXPECT(t, file_has(T "per_cpu/cpu0/stats", "entries: 0"));
}

/* Finds the first event's time, which both files round. */
KTEST(tracefs, stats_tell_the_same_time)
{
	char *text = kmalloc(PAGE_SIZE, GFP_KERNEL), *end;
	char label[40] = "oldest event ts: ";
	unsigned int n;

	KT_ASSERT(t, text);
	kt_one_cpu(t);
	for (n = 0; n < 8; n++) {
		tracing_restore(t);
		trace_printk("stamped\n");
		KT_EXPECT(t, file_read(T "trace", text, PAGE_SIZE) > 0);
		end = strstr(text, ": ktest_tracefs_stats");
		if (!KT_EXPECT(t, end))
			break;
		/* "    1.234567" in both */
		strscpy(label + 17, end - 12, 13);
		KT_EXPECT(t, file_has(T "per_cpu/cpu0/stats", label));
	}
	tracing_restore(t);
	kfree(text);
}

KTEST(tracefs, trace_pipe_consumes)
{
	struct file *pipe = vfs_open(T "trace_pipe", O_RDONLY | O_NONBLOCK, 0);
	char text[400];
	ssize_t len;

	KT_ASSERT(t, !IS_ERR(pipe));
	tracing_restore(t);
	KT_EXPECT_EQ(t, vfs_read(pipe, text, sizeof(text)), -EAGAIN);
	trace_printk("through the pipe\n");
	len = vfs_read(pipe, text, sizeof(text) - 1);
	KT_EXPECT(t, len > 0);
	text[len > 0 ? len : 0] = '\0';
	KT_EXPECT(t, strstr(text, "through the pipe\n"));
	KT_EXPECT_EQ(t, vfs_read(pipe, text, sizeof(text)), -EAGAIN);
	KT_EXPECT_EQ(t, file_write(T "current_tracer", "function\n", 0), -EBUSY);
	KT_EXPECT_EQ(t, vfs_close(pipe), 0);
	KT_EXPECT_EQ(t, file_count(T "trace", "through the pipe"), 0);
	tracing_restore(t);
}

KTEST(tracefs, buffer_size)
{
	char before[32], most[32], *end;

	KT_EXPECT_EQ(t, tracing_update_buffers(&global_trace), 0);
	KT_ASSERT(t, file_read(T "buffer_size_kb", before, sizeof(before)) > 0);
	KT_EXPECT_EQ(t, file_write(T "buffer_size_kb", "64\n", 0), 0);
	KT_EXPECT(t, file_has(T "per_cpu/cpu0/buffer_size_kb", "6"));
	/*
	 * Before the buffer is used, its future size is shown for all CPUs, not for each of them.
	 */
	global_trace.buffer_expanded = false;
	KT_EXPECT(t, file_has(T "buffer_size_kb", " (expanded: "));
	KT_EXPECT(t, !file_has(T "per_cpu/cpu0/buffer_size_kb", "expanded"));
	global_trace.buffer_expanded = true;
	KT_EXPECT(t, !file_is(T "buffer_size_kb", before));
	KT_EXPECT_EQ(t, file_write(T "buffer_size_kb", "0\n", 0), -EINVAL);
	KT_EXPECT_EQ(t, file_write(T "buffer_size_kb", "lots\n", 0), -EINVAL);
	KT_EXPECT_EQ(t, file_write(T "buffer_size_kb", "4000000\n", 0), -ENOMEM);
	/* So many bytes that rounding them up to whole sub-buffers would overflow to 0. */
	snprintf(most, sizeof(most), "%lu\n", -1ul >> 10);
	KT_EXPECT_EQ(t, file_write(T "buffer_size_kb", most, 0), -ENOMEM);
	KT_EXPECT_EQ(t, file_write(T "per_cpu/cpu0/buffer_size_kb", most, 0), -ENOMEM);
	KT_EXPECT(t, file_has(T "per_cpu/cpu0/buffer_size_kb", "6"));
	mm_fail_after(0);
	KT_EXPECT(t, file_write(T "buffer_size_kb", "256\n", 0) < 0);
	mm_fail_after(-1);
	end = strchr(before, '\n');
	KT_ASSERT(t, end);
	KT_EXPECT_EQ(t, file_write(T "buffer_size_kb", before, 0), 0);
	KT_EXPECT(t, file_is(T "buffer_size_kb", before));
	tracing_restore(t);
}

KTEST(tracefs, clocks)
{
	tracing_restore(t);
	KT_EXPECT(t, file_has(T "trace_clock", "[local]"));
	KT_EXPECT_EQ(t, file_write(T "trace_clock", "counter\n", 0), 0);
	KT_EXPECT(t, file_has(T "trace_clock", "[counter]"));
	trace_printk("counted\n");
	KT_EXPECT_EQ(t, file_count(T "trace", "counted"), 1);
	KT_EXPECT_EQ(t, file_write(T "trace_clock", "sundial\n", 0), -EINVAL);
	KT_EXPECT(t, file_has(T "trace_clock", "[counter]"));
	KT_EXPECT_EQ(t, file_write(T "trace_clock", "local\n", 0), 0);
	KT_EXPECT_EQ(t, file_count(T "trace", "counted"), 0);	/* its stamps do not compare */
	tracing_restore(t);
}

KTEST(tracefs, options)
{
	KT_EXPECT(t, file_is(T "options/sym-addr", "0\n"));
	KT_EXPECT_EQ(t, file_write(T "trace_options", "sym-addr\n", 0), 0);
	KT_EXPECT(t, file_is(T "options/sym-addr", "1\n"));
	KT_EXPECT_EQ(t, file_write(T "trace_options", "nosym-addr\n", 0), 0);
	KT_EXPECT(t, file_has(T "trace_options", "nosym-addr"));
	KT_EXPECT_EQ(t, file_write(T "options/print-parent", "0\n", 0), 0);
	KT_EXPECT(t, file_has(T "trace_options", "noprint-parent"));
	KT_EXPECT_EQ(t, file_write(T "options/print-parent", "1\n", 0), 0);
	KT_EXPECT_EQ(t, file_write(T "trace_options", "frobnicate\n", 0), -EINVAL);
	KT_EXPECT_EQ(t, file_write(T "options/print-parent", "2\n", 0), -EINVAL);
	tracing_restore(t);
}

KTEST(tracefs, files_and_their_modes)
{
	static const char *const read_only[] = {
		"README", "available_tracers", "available_filter_functions", "enabled_functions",
		"touched_functions", "dyn_ftrace_total_info", "buffer_total_size_kb",
		"per_cpu/cpu0/stats",
	};
	char path[80];
	unsigned int n;

	for (n = 0; n < ARRAY_SIZE(read_only); n++) {
		strscpy(path, T, sizeof(path));
		strscpy(path + strlen(T), read_only[n], sizeof(path) - strlen(T));
		KT_EXPECT(t, file_read(path, path, 1) >= 0);
		KT_EXPECT(t, file_write(path, "x", 0) < 0);
	}
	KT_EXPECT(t, file_write(T "made_up", "x", 0) < 0);
	KT_EXPECT(t, vfs_unlink(T "trace") < 0);
	KT_EXPECT(t, vfs_rmdir(T "options") < 0);
}

/*
 * Writes a megabyte to every file that takes writes: each gives an error or not, but nothing else
 * happens.
 */
KTEST(tracefs, huge_writes)
{
	static const char *const files[] = {
		"current_tracer", "set_ftrace_filter", "set_ftrace_notrace", "tracing_on",
		"trace_marker", "trace_clock", "buffer_size_kb", "trace_options",
		"options/sym-addr", "trace", "error_log",
	};
	size_t size = 1 << 20;
	char *junk = vmalloc(size + 1), path[80];
	unsigned int n;

	KT_ASSERT(t, junk);
	memset(junk, 'x', size);
	junk[size] = '\0';
	for (n = 0; n < ARRAY_SIZE(files); n++) {
		struct file *file;

		strscpy(path, T, sizeof(path));
		strscpy(path + strlen(T), files[n], sizeof(path) - strlen(T));
		file = vfs_open(path, O_WRONLY | O_APPEND, 0);
		if (!KT_EXPECT(t, !IS_ERR(file)))
			continue;
		vfs_write(file, junk, size);
		vfs_close(file);
	}
	vfree(junk);
	KT_EXPECT(t, file_is(T "current_tracer", "nop\n"));
	KT_EXPECT(t, file_is(T "set_ftrace_filter", "#### all functions enabled ####\n"));
	KT_EXPECT(t, file_is(T "tracing_on", "1\n"));
	tracing_restore(t);
}
