/* SPDX-License-Identifier: MIT */
/*
 * Trace instances: what each has of its own, by its files and for clients; what is refused; and
 * several that trace the same functions and events on all CPUs while others come and go.
 */
#include "kernel/fs/vfs.h"
#include "kernel/lib/errno.h"
#include "kernel/lib/string.h"
#include "kernel/sched/percpu.h"
#include "kernel/sched/wait.h"
#include "tests/guest/ktest/files.h"
#include "tests/guest/ktest/kt_events.h"
#include "tests/guest/ktest/ktest.h"
#include "tests/guest/ktest/targets.h"
#include "trace/ftrace.h"
#include "trace/output/trace.h"

#define T "/sys/kernel/tracing/"
#define I T "instances/"
#define A I "kt_a/"
#define B I "kt_b/"
#define COUNT "events/ktest/kt_count/"
#define PROBE "events/kprobes/kt_probe/"

static int set(const char *path, const char *text)
{
	return file_write(path, text, 0);
}

static int trace_only(const char *name, const char *tracer_file, const char *filter_file)
{
	int err = set(filter_file, name);

	return err ? err : set(tracer_file, "function");
}

/* Do the traces of the top and of both instances have so many lines with @text? */
static bool lines_are(const char *text, int top, int a, int b)
{
	return file_count(T "trace", text) == top && file_count(A "trace", text) == a &&
	       file_count(B "trace", text) == b;
}

static void make_both(struct ktest *t)
{
	tracing_restore(t);
	KT_EXPECT_EQ(t, vfs_mkdir(I "kt_a", 0755), 0);
	KT_EXPECT_EQ(t, vfs_mkdir(I "kt_b", 0755), 0);
}

static void remove_both(struct ktest *t)
{
	KT_EXPECT_EQ(t, vfs_rmdir(I "kt_a"), 0);
	KT_EXPECT_EQ(t, vfs_rmdir(I "kt_b"), 0);
	tracing_restore(t);
}

KTEST(instances, refusals)
{
	struct file *file;

	KT_EXPECT_EQ(t, vfs_mkdir(I "kt_a", 0755), 0);
	KT_EXPECT_EQ(t, vfs_mkdir(I "kt_a", 0755), -EEXIST);
	KT_EXPECT_EQ(t, vfs_mkdir(A "more", 0755), -EPERM);
	KT_EXPECT_EQ(t, vfs_mkdir(T "more", 0755), -EPERM);
	KT_EXPECT_EQ(t, vfs_rmdir(A "events"), -EPERM);
	KT_EXPECT_EQ(t, vfs_unlink(I "kt_a"), -EISDIR);
	KT_EXPECT_EQ(t, vfs_rmdir(I "kt_b"), -ENOENT);
	KT_EXPECT_EQ(t, vfs_rmdir(T "instances"), -EPERM);
	/* What is refused is told in the log of the instance. */
	KT_EXPECT_EQ(t, set(T "error_log", ""), 0);
	KT_EXPECT_EQ(t, set(A "current_tracer", "function_graph"), -EINVAL);
	KT_EXPECT_EQ(t, set(A "trace_clock", "sun"), -EINVAL);
	KT_EXPECT_EQ(t, set(A COUNT "filter", "trun == 1"), -EINVAL);
	KT_EXPECT_EQ(t, file_count(A "error_log", "error:"), 3);
	KT_EXPECT(t, file_is(T "error_log", ""));
	/* While one of its files is open, nothing of it changes. */
	KT_EXPECT_EQ(t, set(A COUNT "enable", "1"), 0);
	file = vfs_open(A COUNT "format", O_RDONLY, 0);
	KT_ASSERT(t, !IS_ERR(file));
	KT_EXPECT_EQ(t, vfs_rmdir(I "kt_a"), -EBUSY);
	KT_EXPECT(t, file_is(A COUNT "enable", "1\n"));
	KT_EXPECT_EQ(t, vfs_close(file), 0);
	KT_EXPECT_EQ(t, vfs_rmdir(I "kt_a"), 0);
	KT_EXPECT_EQ(t, vfs_rmdir(I "kt_a"), -ENOENT);
	KT_EXPECT(t, !file_exists(A "trace"));
}

KTEST(instances, files)
{
	static const char *const of_top[] = {
		"README", "available_events", "available_filter_functions", "dynamic_events",
		"enabled_functions", "instances", "max_graph_depth", "options/record-cmd",
		"options/funcgraph-cpu", "saved_cmdlines", "set_graph_function", "stack_trace",
		"trace_stat", "tracing_max_latency", "tracing_thresh",
	};
	char path[96];

	/* An instance begins with the options of the top one, whatever others have left there. */
	KT_EXPECT_EQ(t, set(T "options/overwrite", "1"), 0);
	make_both(t);
	for (unsigned int i = 0; i < ARRAY_SIZE(of_top); i++) {
		scnprintf(path, sizeof(path), T "%s", of_top[i]);
		if (!KT_EXPECT(t, file_exists(path)))
			ktest_note(t, "there is no %s", of_top[i]);
		scnprintf(path, sizeof(path), A "%s", of_top[i]);
		if (!KT_EXPECT(t, !file_exists(path)))
			ktest_note(t, "an instance has %s", of_top[i]);
	}
	KT_EXPECT(t, file_is(A "available_tracers", "function nop\n"));
	KT_EXPECT(t, file_is(A "current_tracer", "nop\n"));
	/* What is set for one is set for no other. */
	KT_EXPECT_EQ(t, set(A "buffer_size_kb", "64"), 0);
	KT_EXPECT_EQ(t, set(A "trace_clock", "counter"), 0);
	KT_EXPECT_EQ(t, set(A "options/overwrite", "0"), 0);
	KT_EXPECT_EQ(t, set(A "options/func_stack_trace", "1"), 0);
	KT_EXPECT_EQ(t, set(A "tracing_on", "0"), 0);
	KT_EXPECT_EQ(t, set(A "set_ftrace_notrace", "kt_glob_*"), 0);
	KT_EXPECT(t, file_is(B "options/overwrite", "1\n"));
	KT_EXPECT(t, file_is(T "options/overwrite", "1\n"));
	KT_EXPECT(t, file_is(B "options/func_stack_trace", "0\n"));
	KT_EXPECT(t, file_is(B "tracing_on", "1\n"));
	KT_EXPECT(t, file_is(T "tracing_on", "1\n"));
	KT_EXPECT(t, file_has(B "trace_clock", "[local]"));
	KT_EXPECT(t, file_has(A "trace_clock", "[counter]"));
	KT_EXPECT(t, file_has(A "set_ftrace_notrace", "kt_glob_beta"));
	KT_EXPECT(t, !file_has(B "set_ftrace_notrace", "kt_glob_beta"));
	KT_EXPECT(t, !file_has(T "set_ftrace_notrace", "kt_glob_beta"));
	KT_EXPECT(t, !file_is(B "buffer_size_kb", "67\n"));
	KT_EXPECT_EQ(t, set(A "tracing_on", "1"), 0);
	KT_EXPECT_EQ(t, set(A "trace_marker", "for a"), 0);
	KT_EXPECT_EQ(t, set(B "trace_marker", "for b"), 0);
	KT_EXPECT(t, lines_are("for a", 0, 1, 0) && lines_are("for b", 0, 0, 1));
	KT_EXPECT_EQ(t, set(A "snapshot", "1"), 0);
	KT_EXPECT(t, file_has(A "snapshot", "for a") && lines_are("for a", 0, 0, 0));
	KT_EXPECT_EQ(t, set(B "trace", ""), 0);
	KT_EXPECT(t, lines_are("for b", 0, 0, 0));
	remove_both(t);
}

KTEST(instances, functions)
{
	make_both(t);
	KT_EXPECT_EQ(t, trace_only("kt_glob_alpha", A "current_tracer",
				       A "set_ftrace_filter"), 0);
	kt_glob_alpha();
	KT_EXPECT(t, lines_are(": kt_glob_alpha", 0, 1, 0));
	/* The top, with its sequence, and both instances at the same function. */
	KT_EXPECT_EQ(t, trace_only("kt_glob_alpha", B "current_tracer",
				       B "set_ftrace_filter"), 0);
	KT_EXPECT_EQ(t, trace_only("kt_glob_alpha", T "current_tracer",
				       T "set_ftrace_filter"), 0);
	kt_glob_alpha();
	kt_glob_beta();
	KT_EXPECT(t, lines_are(": kt_glob_alpha", 1, 2, 1));
	KT_EXPECT(t, lines_are(": kt_glob_beta", 0, 0, 0));
	/* What stops one stops no other. */
	KT_EXPECT_EQ(t, set(A "tracing_on", "0"), 0);
	kt_glob_alpha();
	KT_EXPECT(t, lines_are(": kt_glob_alpha", 2, 2, 2));
	KT_EXPECT_EQ(t, set(A "tracing_on", "1"), 0);
	KT_EXPECT_EQ(t, set(T "current_tracer", "nop"), 0);
	KT_EXPECT_EQ(t, set(B "options/func_stack_trace", "1"), 0);
	kt_glob_alpha();
	KT_EXPECT(t, lines_are(": kt_glob_alpha", 0, 3, 3));
	KT_EXPECT(t, lines_are("<stack trace>", 0, 0, 1));
	KT_EXPECT_EQ(t, set(B "options/func_stack_trace", "0"), 0);
	KT_EXPECT_EQ(t, set(B "options/func-no-repeats", "1"), 0);
	KT_EXPECT_EQ(t, set(B "trace", ""), 0);
	for (unsigned int i = 0; i < 5; i++)
		kt_glob_alpha();
	KT_EXPECT_EQ(t, set(B "current_tracer", "nop"), 0);
	KT_EXPECT_EQ(t, file_count(A "trace", ": kt_glob_alpha"), 8);
	/* A command at a function is one instance's as well. */
	KT_EXPECT_EQ(t, file_write(A "set_ftrace_filter", "kt_glob_beta:traceoff", O_APPEND), 0);
	KT_EXPECT(t, !file_has(B "set_ftrace_filter", "traceoff"));
	kt_glob_beta();
	KT_EXPECT(t, file_is(A "tracing_on", "0\n") && file_is(B "tracing_on", "1\n"));
	/* Instances go with all that is on. */
	remove_both(t);
}

KTEST(instances, events)
{
	make_both(t);
	KT_EXPECT_EQ(t, set(A COUNT "enable", "1"), 0);
	KT_EXPECT_EQ(t, set(B COUNT "filter", "turn > 5"), 0);
	KT_EXPECT_EQ(t, set(B "set_event", "ktest:kt_count"), 0);
	KT_EXPECT(t, file_is(T COUNT "enable", "0\n") && file_is(A COUNT "filter", "none\n"));
	KT_EXPECT(t, file_is(A "set_event", "ktest:kt_count\n"));
	for (unsigned int turn = 0; turn < 10; turn++)
		trace_kt_count(turn);
	KT_EXPECT(t, lines_are("turn=", 0, 10, 4));
	/* A trigger acts in its own instance. */
	KT_EXPECT_EQ(t, set(A COUNT "trigger", "traceoff if turn == 3"), 0);
	KT_EXPECT_EQ(t, set(B COUNT "trigger", "hist:keys=turn"), 0);
	KT_EXPECT_EQ(t, file_write(B COUNT "trigger", "disable_event:ktest:kt_count", O_APPEND),
		     0);
	KT_EXPECT(t, file_is(T COUNT "enable", "0\n"));
	trace_kt_count(3);
	trace_kt_count(9);
	KT_EXPECT(t, file_is(A "tracing_on", "0\n") && file_is(B "tracing_on", "1\n"));
	KT_EXPECT(t, lines_are("turn=", 0, 11, 4));
	KT_EXPECT(t, file_has(B COUNT "hist", "{ turn:          9 } hitcount:          1"));
	KT_EXPECT(t, file_is(B COUNT "enable", "0*\n") && file_is(A COUNT "enable", "1*\n"));
	remove_both(t);
	trace_kt_count(3);
}

KTEST(instances, dynamic_events)
{
	make_both(t);
	KT_EXPECT_EQ(t, file_write(T "dynamic_events", "p:kt_probe kt_glob_alpha", O_APPEND), 0);
	KT_EXPECT(t, file_exists(T PROBE "enable") && file_exists(A PROBE "enable"));
	KT_EXPECT_EQ(t, set(A PROBE "enable", "1"), 0);
	kt_glob_alpha();
	KT_EXPECT(t, lines_are("kt_probe:", 0, 1, 0));
	KT_EXPECT_EQ(t, set(T PROBE "enable", "1"), 0);
	KT_EXPECT_EQ(t, set(B PROBE "filter", "common_pid == 0"), 0);
	KT_EXPECT_EQ(t, set(B PROBE "enable", "1"), 0);
	kt_glob_alpha();
	KT_EXPECT(t, lines_are("kt_probe:", 1, 2, 0));
	/* It is in use as long as an instance has it on. */
	KT_EXPECT_EQ(t, set(T PROBE "enable", "0"), 0);
	KT_EXPECT_EQ(t, set(B PROBE "enable", "0"), 0);
	KT_EXPECT_EQ(t, set(T "dynamic_events", ""), -EBUSY);
	kt_glob_alpha();
	KT_EXPECT(t, lines_are("kt_probe:", 1, 3, 0));
	KT_EXPECT_EQ(t, set(A PROBE "enable", "0"), 0);
	kt_glob_alpha();
	KT_EXPECT(t, lines_are("kt_probe:", 1, 3, 0));
	KT_EXPECT_EQ(t, set(T "dynamic_events", ""), 0);
	KT_EXPECT(t, !file_exists(T PROBE "enable") && !file_exists(A PROBE "enable"));
	remove_both(t);
}

KTEST(instances, for_clients)
{
	struct trace_array *a = trace_array_get_by_name("kt_a", NULL), *b;

	KT_ASSERT(t, a);
	KT_EXPECT(t, trace_array_get_by_name("kt_a", NULL) == a);
	trace_array_put(a);
	KT_EXPECT(t, !trace_array_get_by_name("", NULL) && !trace_array_get_by_name("a/b", NULL));
	KT_EXPECT_EQ(t, trace_array_init_printk(a), 0);
	KT_EXPECT_EQ(t, trace_array_init_printk(&global_trace), -EINVAL);
	KT_EXPECT_EQ(t, trace_array_printk(a, 0, "number %d\n", 7), 9);
	KT_EXPECT_EQ(t, trace_array_printk(&global_trace, 0, "number %d\n", 7), 0);
	KT_EXPECT_EQ(t, trace_array_printk(NULL, 0, "number %d\n", 7), -ENOENT);
	KT_EXPECT(t, file_has(A "trace", "number 7\n"));
	KT_EXPECT_EQ(t, trace_array_set_clr_event(a, "ktest", "kt_count", true), 0);
	KT_EXPECT_EQ(t, trace_array_set_clr_event(a, "ktest", "no_such", true), -EINVAL);
	KT_EXPECT_EQ(t, trace_array_set_clr_event(NULL, "ktest", "kt_count", true), -ENOENT);
	KT_EXPECT(t, file_is(A "set_event", "ktest:kt_count\n"));
	/* One with some systems alone. */
	b = trace_array_get_by_name("kt_b", "irq,ktest");
	KT_ASSERT(t, b);
	KT_EXPECT(t, file_exists(B COUNT "enable") && !file_exists(B "events/sched"));
	KT_EXPECT_EQ(t, set(B "set_event", "sched:sched_switch"), -EINVAL);
	KT_EXPECT_EQ(t, set(B "events/enable", "1"), 0);
	KT_EXPECT(t, !file_has(B "set_event", "sched:"));
	/* Its users keep it. */
	KT_EXPECT_EQ(t, trace_array_destroy(a), -EBUSY);
	KT_EXPECT_EQ(t, vfs_rmdir(I "kt_a"), -EBUSY);
	KT_EXPECT(t, file_is(A "set_event", "ktest:kt_count\n"));
	trace_array_put(a);
	trace_array_put(b);
	KT_EXPECT_EQ(t, trace_array_destroy(a), 0);
	KT_EXPECT_EQ(t, trace_array_destroy(b), 0);
	KT_EXPECT_EQ(t, trace_array_destroy(b), -ENODEV);
	KT_EXPECT_EQ(t, trace_array_destroy(&global_trace), -ENODEV);
	KT_EXPECT(t, !file_exists(A "trace") && !file_exists(B "trace"));
}

/* --- Many at once --- */

#define ROUNDS 3
#define BURST 500

static struct {
	unsigned int stop;
	unsigned long turns;		/* each is a call and an event */
	unsigned long taken;
	struct trace_array *a, *b;
} crowd;

static int work_until_stopped(void *unused)
{
	unsigned int turn = 0;

	while (!READ_ONCE(crowd.stop)) {
		kt_sum(turn, 1);
		trace_kt_count(turn++);
		/* What comes and goes meanwhile is to have some of the processors, too. */
		if (!(turn % BURST))
			msleep(1);
	}
	__atomic_fetch_add(&crowd.turns, turn, __ATOMIC_RELAXED);
	return 0;
}

static int read_until_stopped(void *unused)
{
	unsigned int cpu;

	while (!READ_ONCE(crowd.stop)) {
		for_each_online_cpu(cpu) {
			for (unsigned int i = 0; i < BURST; i++)
				crowd.taken += ring_buffer_consume(crowd.a->buffer, (int)cpu, NULL,
								   NULL) != NULL;
		}
		msleep(2);
	}
	return 0;
}

static void expect_all_accounted(struct ktest *t, struct trace_array *tr, unsigned long taken)
{
	unsigned long left = 0, overrun = 0, dropped = 0, read = 0;

	for (int cpu = 0; cpu < (int)nr_cpus_online; cpu++) {
		left += ring_buffer_entries_cpu(tr->buffer, cpu);
		overrun += ring_buffer_overrun_cpu(tr->buffer, cpu);
		read += ring_buffer_read_events_cpu(tr->buffer, cpu);
		dropped += ring_buffer_dropped_events_cpu(tr->buffer, cpu) +
			   ring_buffer_commit_overrun_cpu(tr->buffer, cpu);
	}
	KT_EXPECT_EQ(t, read, taken);
	KT_EXPECT_EQ(t, 2 * crowd.turns, read + left + overrun + dropped);
	ktest_note(t, "%s: %lu events = %lu read + %lu left + %lu overwritten + %lu dropped",
		   tr->name, 2 * crowd.turns, read, left, overrun, dropped);
}

static void record_all(struct ktest *t, struct trace_array *tr, const char *dir)
{
	char path[96];

	KT_EXPECT_EQ(t, ftrace_set_filter(tr->ops, "kt_sum", 6, 1), 0);
	scnprintf(path, sizeof(path), "%s" COUNT "enable", dir);
	KT_EXPECT_EQ(t, set(path, "1"), 0);
	KT_EXPECT_EQ(t, tracing_resize(tr, 4 * PAGE_SIZE, RING_BUFFER_ALL_CPUS), 0);
	KT_EXPECT_EQ(t, tracing_set_tracer(tr, "function"), 0);
}

/* Others come and go, with functions, events, a filter and a trigger. */
static void come_and_go(struct ktest *t)
{
	for (unsigned int i = 0; i < ROUNDS; i++) {
		KT_EXPECT_EQ(t, vfs_mkdir(I "kt_c", 0755), 0);
		KT_EXPECT_EQ(t, trace_only("kt_sum", I "kt_c/current_tracer",
					       I "kt_c/set_ftrace_filter"), 0);
		KT_EXPECT_EQ(t, set(I "kt_c/events/sched/enable", "1"), 0);
		KT_EXPECT_EQ(t, set(I "kt_c/" COUNT "enable", "1"), 0);
		KT_EXPECT_EQ(t, set(I "kt_c/" COUNT "trigger", "hist:keys=turn"), 0);
		KT_EXPECT_EQ(t, set(I "kt_c/" COUNT "filter", "turn & 1"), 0);
		KT_WAIT(t, file_has(I "kt_c/trace", "turn="));
		KT_EXPECT_EQ(t, vfs_rmdir(I "kt_c"), 0);
	}
}

KTEST(instances, several_while_others_come_and_go)
{
	unsigned int nr = max(nr_cpus_online - 1, 1u), started = 0;
	struct task_struct *tasks[NR_CPUS], *reader;

	make_both(t);
	memset(&crowd, 0, sizeof(crowd));
	crowd.a = trace_array_get_by_name("kt_a", NULL);
	crowd.b = trace_array_get_by_name("kt_b", NULL);
	record_all(t, crowd.a, A);
	record_all(t, crowd.b, B);
	/* Of what comes when it is full, one loses the oldest, and the other the latest. */
	KT_EXPECT_EQ(t, set(B "options/overwrite", "0"), 0);
	reader = kthread_run(read_until_stopped, NULL, "kt_read");
	KT_ASSERT(t, !IS_ERR(reader));
	while (started < nr) {
		tasks[started] = kthread_run(work_until_stopped, NULL, "kt_work");
		KT_ASSERT(t, !IS_ERR(tasks[started]));
		started++;
	}
	come_and_go(t);
	WRITE_ONCE(crowd.stop, true);
	while (started--)
		kthread_join(tasks[started]);
	kthread_join(reader);
	KT_EXPECT(t, crowd.turns > 0);
	expect_all_accounted(t, crowd.a, crowd.taken);
	expect_all_accounted(t, crowd.b, 0);
	trace_array_put(crowd.a);
	trace_array_put(crowd.b);
	remove_both(t);
}
