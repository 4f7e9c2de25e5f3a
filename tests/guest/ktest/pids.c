/* SPDX-License-Identifier: MIT */
/* Tracing of some threads alone: the files, what they limit, and threads that come and go. */
#include "kernel/fs/vfs.h"
#include "kernel/lib/errno.h"
#include "kernel/lib/string.h"
#include "kernel/printk.h"
#include "kernel/sched/wait.h"
#include "tests/guest/ktest/files.h"
#include "tests/guest/ktest/kt_events.h"
#include "tests/guest/ktest/ktest.h"
#include "tests/guest/ktest/targets.h"

#define T "/sys/kernel/tracing/"

static int set(const char *file, pid_t pid)
{
	char path[64], text[16];

	scnprintf(path, sizeof(path), T "%s", file);
	scnprintf(text, sizeof(text), "%d\n", (int)pid);
	return file_write(path, text, 0);
}

KTEST(pids, texts)
{
	static const char *const files[][2] = {
		{ "set_ftrace_pid", "no pid\n" }, { "set_ftrace_notrace_pid", "no pid\n" },
		{ "set_event_pid", "" }, { "set_event_notrace_pid", "" },
	};
	static const char *const wrong[] = { "x\n", "1 2x\n", "-1\n", "32768\n", "1,2\n" };

	for (unsigned int i = 0; i < ARRAY_SIZE(files); i++) {
		char path[64];

		scnprintf(path, sizeof(path), T "%s", files[i][0]);
		KT_EXPECT(t, file_is(path, files[i][1]));
		KT_EXPECT_EQ(t, file_write(path, " 70  0x7\n\t32767 0\n", 0), 0);
		KT_EXPECT_EQ(t, file_write(path, "8 70\n", O_APPEND), 0);
		for (unsigned int n = 0; n < ARRAY_SIZE(wrong); n++)
			KT_EXPECT_EQ(t, file_write(path, wrong[n], O_APPEND), -EINVAL);
		KT_EXPECT(t, file_has(T "error_log", "error: Not a thread's number\n"));
		KT_EXPECT(t, file_is(path, "0\n7\n8\n70\n32767\n"));
		KT_EXPECT_EQ(t, file_write(path, "9\n", 0), 0);
		KT_EXPECT(t, file_is(path, "9\n"));
		KT_EXPECT_EQ(t, file_write(path, "\n", O_APPEND), 0);
		KT_EXPECT(t, file_is(path, "9\n"));
		KT_EXPECT_EQ(t, file_write(path, "\n", 0), 0);
		KT_EXPECT(t, file_is(path, files[i][1]));
	}
	tracing_restore(t);
}

/* --- Another thread, which does the same as this one --- */

static void act(void)
{
	kt_glob_alpha();
	trace_kt_count(1);
}

static int act_once(void *unused)
{
	act();
	return 0;
}

/* One that is listed before it begins, or its maker, which then makes another one. */
static int make_another(void *unused)
{
	act();
	return kthread_join(kthread_run(act_once, NULL, "kt_other"));
}

static void run_thread(struct ktest *t, int (*fn)(void *data), const char *file)
{
	struct task_struct *task = kthread_create(fn, NULL, "kt_thread");

	KT_ASSERT(t, !IS_ERR(task));
	if (file)
		KT_EXPECT_EQ(t, set(file, task->pid), 0);
	wake_up_process(task);
	KT_EXPECT_EQ(t, kthread_join(task), 0);
}

static void trace_functions(struct ktest *t, const char *tracer)
{
	KT_EXPECT_EQ(t, file_write(T "set_ftrace_filter", "kt_glob_alpha", 0), 0);
	KT_EXPECT_EQ(t, file_write(T "current_tracer", tracer, 0), 0);
}

/* How many of the calls and events of @fn, and of this thread, are kept? */
static void expect_kept(struct ktest *t, int (*fn)(void *data), const char *file,
			const char *text, int kept)
{
	KT_EXPECT_EQ(t, file_write(T "trace", "", 0), 0);
	run_thread(t, fn, file);
	act();
	if (file_count(T "trace", text) != kept)
		ktest_note(t, "%s, %s", file ? file : "", text);
	KT_EXPECT_EQ(t, file_count(T "trace", text), kept);
}

static void check_functions(struct ktest *t, const char *tracer, const char *text)
{
	trace_functions(t, tracer);
	expect_kept(t, act_once, NULL, text, 2);
	expect_kept(t, act_once, "set_ftrace_pid", text, 1);
	expect_kept(t, act_once, NULL, text, 0);
	KT_EXPECT_EQ(t, set("set_ftrace_notrace_pid", current->pid), 0);
	KT_EXPECT_EQ(t, set("set_ftrace_pid", current->pid), 0);
	expect_kept(t, act_once, NULL, text, 0);
	KT_EXPECT_EQ(t, file_write(T "set_ftrace_pid", "", 0), 0);
	expect_kept(t, act_once, NULL, text, 1);
	KT_EXPECT_EQ(t, file_write(T "set_ftrace_notrace_pid", "", 0), 0);
	expect_kept(t, act_once, NULL, text, 2);
	tracing_restore(t);
}

KTEST(pids, functions)
{
	kt_one_cpu(t);
	check_functions(t, "function", ": kt_glob_alpha <-");
	check_functions(t, "function_graph", "kt_glob_alpha();");
	KT_EXPECT_EQ(t, file_write(T "options/func-args", "1", 0), 0);
	check_functions(t, "function", ": kt_glob_alpha");
	KT_EXPECT_EQ(t, file_write(T "options/func-args", "0", 0), 0);
}

/* A filter of the event's own, and triggers: those that act at once act whatever the thread. */
KTEST(pids, events)
{
	static const char text[] = ": kt_count: ";

	kt_one_cpu(t);
	KT_EXPECT_EQ(t, file_write(T "events/ktest/kt_count/enable", "1", 0), 0);
	expect_kept(t, act_once, NULL, text, 2);
	expect_kept(t, act_once, "set_event_pid", text, 1);
	expect_kept(t, act_once, NULL, text, 0);
	KT_EXPECT_EQ(t, file_write(T "events/ktest/kt_count/filter", "turn == 1", 0), 0);
	expect_kept(t, act_once, "set_event_pid", text, 1);
	KT_EXPECT_EQ(t, file_write(T "events/ktest/kt_count/trigger", "stacktrace", 0), 0);
	expect_kept(t, act_once, "set_event_pid", "<stack trace>", 1);
	KT_EXPECT_EQ(t, file_write(T "events/ktest/kt_count/trigger", "!stacktrace", 0), 0);
	KT_EXPECT_EQ(t, file_write(T "events/ktest/kt_count/trigger",
				   "disable_event:ktest:kt_kinds:9", 0), 0);
	KT_EXPECT_EQ(t, file_write(T "events/ktest/kt_kinds/enable", "1", 0), 0);
	expect_kept(t, act_once, NULL, text, 0);
	KT_EXPECT(t, file_is(T "events/ktest/kt_kinds/enable", "0*\n"));
	KT_EXPECT_EQ(t, file_write(T "events/ktest/kt_count/trigger",
				   "!disable_event:ktest:kt_kinds", 0), 0);
	KT_EXPECT_EQ(t, file_write(T "set_event_pid", "", 0), 0);
	expect_kept(t, act_once, "set_event_notrace_pid", text, 1);
	expect_kept(t, act_once, NULL, text, 2);
	KT_EXPECT_EQ(t, file_write(T "set_event_notrace_pid", "", 0), 0);
	KT_EXPECT_EQ(t, file_write(T "events/ktest/kt_count/filter", "0", 0), 0);
	KT_EXPECT_EQ(t, file_write(T "events/ktest/kt_count/enable", "0", 0), 0);
	tracing_restore(t);
}

/* What concerns two threads is kept if either is listed: so it is seen who waits for whom. */
KTEST(pids, events_of_two_threads)
{
	kt_one_cpu(t);
	KT_EXPECT_EQ(t, file_write(T "events/sched/sched_switch/enable", "1", 0), 0);
	KT_EXPECT_EQ(t, file_write(T "events/sched/sched_waking/enable", "1", 0), 0);
	run_thread(t, act_once, "set_event_pid");
	KT_EXPECT_EQ(t, file_write(T "events/enable", "0", 0), 0);
	KT_EXPECT_EQ(t, file_write(T "set_event_pid", "", 0), 0);
	KT_EXPECT_EQ(t, file_count(T "trace", ": sched_waking: comm=kt_thread "), 1);
	KT_EXPECT_EQ(t, file_count(T "trace", "==> next_comm=kt_thread "), 1);
	KT_EXPECT_EQ(t, file_count(T "trace", "prev_comm=kt_thread "), 1);
	KT_EXPECT_EQ(t, file_count(T "trace", ": sched_switch: "), 2);
	tracing_restore(t);
}

static void check_children(struct ktest *t, const char *file, const char *option, const char *text,
			   const char *none)
{
	char path[64], fork[64];

	scnprintf(path, sizeof(path), T "%s", file);
	scnprintf(fork, sizeof(fork), T "options/%s", option);
	expect_kept(t, make_another, file, text, 1);
	KT_EXPECT_EQ(t, file_count(path, ""), 1);
	KT_EXPECT_EQ(t, file_write(fork, "1", 0), 0);
	/* The thread and the one that it makes; both are gone at the end, and the list stays. */
	expect_kept(t, make_another, file, text, 2);
	/* The end of a thread is its own. */
	if (!*none)
		KT_EXPECT_EQ(t, file_count(T "trace", ": sched_process_exit: comm=kt_"), 2);
	KT_EXPECT(t, file_is(path, ""));
	expect_kept(t, make_another, NULL, text, 0);
	KT_EXPECT_EQ(t, file_write(fork, "0", 0), 0);
	KT_EXPECT_EQ(t, file_write(path, "", 0), 0);
	KT_EXPECT(t, file_is(path, none));
}

KTEST(pids, children)
{
	kt_one_cpu(t);
	trace_functions(t, "function");
	check_children(t, "set_ftrace_pid", "function-fork", ": kt_glob_alpha <-", "no pid\n");
	KT_EXPECT_EQ(t, file_write(T "current_tracer", "nop", 0), 0);
	KT_EXPECT_EQ(t, file_write(T "events/ktest/kt_count/enable", "1", 0), 0);
	KT_EXPECT_EQ(t, file_write(T "events/sched/sched_process_exit/enable", "1", 0), 0);
	check_children(t, "set_event_pid", "event-fork", ": kt_count: ", "");
	KT_EXPECT_EQ(t, file_write(T "events/enable", "0", 0), 0);
	tracing_restore(t);
}
