/* SPDX-License-Identifier: MIT */
/*
 * Filters of events, by their files: what is recorded and what is not, in each way into the buffer,
 * also while filters change. tests/host/event_filter.c tests expressions and their errors.
 */
#include "kernel/fs/vfs.h"
#include "kernel/lib/errno.h"
#include "kernel/lib/string.h"
#include "kernel/sched/percpu.h"
#include "kernel/sched/wait.h"
#include "tests/guest/ktest/files.h"
#include "tests/guest/ktest/kt_events.h"
#include "tests/guest/ktest/ktest.h"
#include "trace/ring_buffer/ring_buffer.h"

#define T "/sys/kernel/tracing/"
#define COUNT T "events/ktest/kt_count/"
#define KINDS T "events/ktest/kt_kinds/"

/* Does @text, of several lines, occur in error_log? */
static bool error_is(const char *text)
{
	static char buf[4096];

	return file_read(T "error_log", buf, sizeof(buf)) > 0 && strstr(buf, text);
}

static unsigned long entries(void)
{
	return sum_over_cpus(ring_buffer_entries_cpu);
}

KTEST(event_filters, files)
{
	KT_EXPECT(t, file_is(COUNT "filter", "none\n"));
	KT_EXPECT_EQ(t, file_write(COUNT "filter", " turn == 3 && common_pid > 0\n", 0), 0);
	KT_EXPECT(t, file_is(COUNT "filter", "turn == 3 && common_pid > 0\n"));
	/* What is refused changes nothing. */
	KT_EXPECT_EQ(t, file_write(COUNT "filter", "turn == 3 && trun > 0\n", 0), -EINVAL);
	KT_EXPECT(t, file_is(COUNT "filter", "turn == 3 && common_pid > 0\n"));
	KT_EXPECT(t, error_is("event filter parse error: error: Field not found\n"
			      "  Command: turn == 3 && trun > 0\n"
			      "                             ^\n"));
	KT_EXPECT_EQ(t, file_write(COUNT "filter", "\n", 0), -EINVAL);
	KT_EXPECT_EQ(t, file_write(COUNT "filter", "0\n", 0), 0);
	KT_EXPECT(t, file_is(COUNT "filter", "none\n"));
	KT_EXPECT_EQ(t, file_write(COUNT "filter", "0", 0), 0);
	tracing_restore(t);
}

/* A system's filter is for the events that have its fields; the others keep their own. */
KTEST(event_filters, of_a_system)
{
	KT_EXPECT(t, file_has(T "events/ktest/filter", "### global filter ###\n"));
	KT_EXPECT_EQ(t, file_write(T "events/ktest/filter", "common_pid != 0\n", 0), 0);
	KT_EXPECT_EQ(t, file_write(T "events/ktest/filter", "turn < 10\n", 0), 0);
	KT_EXPECT(t, file_is(COUNT "filter", "turn < 10\n"));
	KT_EXPECT(t, file_is(KINDS "filter", "common_pid != 0\n"));
	KT_EXPECT(t, file_is(T "events/ktest/filter", "turn < 10\n"));
	KT_EXPECT_EQ(t, file_write(T "events/ktest/filter", "nothing < 10\n", 0), -EINVAL);
	KT_EXPECT(t, error_is("event filter parse error: error: "
			      "Couldn't find or set field in one of a subsystem's events\n"
			      "  Command: nothing < 10\n           ^\n"));
	KT_EXPECT_EQ(t, file_write(T "events/ktest/filter", "turn < x\n", 0), -EINVAL);
	KT_EXPECT(t, error_is("Invalid value (did you forget quotes)?\n"));
	KT_EXPECT(t, file_is(T "events/ktest/filter", "turn < 10\n"));
	KT_EXPECT_EQ(t, file_write(T "events/ktest/filter", "0\n", 0), 0);
	KT_EXPECT(t, file_is(COUNT "filter", "none\n"));
	KT_EXPECT(t, file_is(KINDS "filter", "none\n"));
	KT_EXPECT(t, file_has(T "events/ktest/filter", "### global filter ###\n"));
	KT_EXPECT(t, !file_exists(T "events/ftrace/function/filter"));
	KT_EXPECT(t, !file_exists(T "events/filter"));
	tracing_restore(t);
}

/* Records of each length, in threads and with interrupts off, with a stack and without. */
KTEST(event_filters, what_is_recorded)
{
	static char text[1000];
	unsigned long flags;

	memset(text, 'x', sizeof(text) - 1);
	kt_one_cpu(t);
	/* Set while the event is off, and on an event that is on already. */
	KT_EXPECT_EQ(t, file_write(COUNT "filter", "turn >= 100 && turn < 103", 0), 0);
	KT_EXPECT_EQ(t, file_write(T "set_event", "kt_count kt_kinds\n", 0), 0);
	KT_EXPECT_EQ(t, file_write(KINDS "filter", "text ~ 'x*' || small < -1 && big == 7", 0), 0);
	for (unsigned int i = 0; i < 200; i++)
		trace_kt_count(i);
	KT_EXPECT_EQ(t, entries(), 3);
	KT_EXPECT_EQ(t, file_count(T "trace", ": kt_count: turn=10"), 3);
	flags = arch_irq_save();
	trace_kt_count(101);
	trace_kt_count(103);
	arch_irq_restore(flags);
	KT_EXPECT_EQ(t, file_count(T "trace", "] d.... "), 1);
	trace_kt_kinds(200, 1, text, 0);
	trace_kt_kinds(1, 7, "short", 0);
	trace_kt_kinds(2, 7, "short", 0);
	trace_kt_kinds(2, 8, "short", 0);
	KT_EXPECT_EQ(t, entries(), 6);
	KT_EXPECT(t, file_has(T "trace", text));
	KT_EXPECT_EQ(t, file_count(T "trace", "small=-2 big=7 odd=even text=short "), 1);
	/* Depth and CPU are those of the tracepoint, not of what looks at it. */
	KT_EXPECT_EQ(t, file_count(T "trace", " [000] ..... "), 5);
	KT_EXPECT_EQ(t, file_write(COUNT "filter", "cpu == 0 && common_preempt_count == 0", 0), 0);
	trace_kt_count(777);
	KT_EXPECT_EQ(t, file_count(T "trace", " [000] ..... "), 6);
	KT_EXPECT_EQ(t, file_write(T "trace_options", "stacktrace\n", 0), 0);
	trace_kt_count(778);
	KT_EXPECT_EQ(t, file_write(COUNT "filter", "turn == 0", 0), 0);
	trace_kt_count(779);
	KT_EXPECT_EQ(t, file_write(T "trace_options", "nostacktrace\n", 0), 0);
	KT_EXPECT_EQ(t, file_count(T "trace", "<stack trace>"), 1);
	KT_EXPECT_EQ(t, file_count(T "trace", " => ktest_event_filters_what_is_recorded"), 1);
	KT_EXPECT_EQ(t, file_write(T "events/ktest/filter", "0", 0), 0);
	trace_kt_count(780);
	KT_EXPECT_EQ(t, file_count(T "trace", "turn=780"), 1);
	KT_EXPECT_EQ(t, file_write(T "set_event", "", 0), 0);
	tracing_restore(t);
}

/* Nothing is recorded while recording is off; what is too long for a record counts as dropped. */
KTEST(event_filters, what_is_not)
{
	static char text[5000];
	unsigned long dropped = sum_over_cpus(ring_buffer_dropped_events_cpu);

	memset(text, 'x', sizeof(text) - 1);
	kt_one_cpu(t);
	KT_EXPECT_EQ(t, file_write(T "events/ktest/filter", "common_pid > 0", 0), 0);
	KT_EXPECT_EQ(t, file_write(T "set_event", "ktest:\n", 0), 0);
	KT_EXPECT_EQ(t, file_write(T "tracing_on", "0\n", 0), 0);
	trace_kt_count(1);
	trace_kt_kinds(1, 2, "text", 3);
	KT_EXPECT_EQ(t, file_write(T "tracing_on", "1\n", 0), 0);
	KT_EXPECT_EQ(t, entries(), 0);
	trace_kt_kinds(1, 2, text, 3);
	KT_EXPECT_EQ(t, entries(), 0);
	KT_EXPECT_EQ(t, sum_over_cpus(ring_buffer_dropped_events_cpu) - dropped, 1);
	trace_kt_count(2);
	KT_EXPECT_EQ(t, entries(), 1);
	KT_EXPECT_EQ(t, file_write(T "set_event", "", 0), 0);
	KT_EXPECT_EQ(t, file_write(T "events/ktest/filter", "0", 0), 0);
	tracing_restore(t);
}

/* Threads on other CPUs hit the event. */
static struct {
	bool stop;
	unsigned int hits;
} crowd;

static int hit_until_stopped(void *unused)
{
	unsigned int turn = 0;

	while (!READ_ONCE(crowd.stop)) {
		trace_kt_count(turn++ % 10);
		__atomic_fetch_add(&crowd.hits, 1, __ATOMIC_RELAXED);
		/* Mostly elsewhere: who changes a filter waits until the thread was seen there. */
		for (unsigned int i = 0; i < 5000; i++)
			barrier();
	}
	return 0;
}

/* Each event passes one of the filters that there were: none of them lets odd turns pass. */
KTEST(event_filters, change_while_events_run)
{
	static const char *const filters[] = {
		"!(turn & 1)", "turn & 2 && !(turn & 1)", "cpu >= 0 && !(turn & 1)",
		"turn == 4 || turn == 8",
	};
	struct task_struct *tasks[NR_CPUS];
	/* One CPU is left for this thread. */
	unsigned int nr = max(nr_cpus_online - 1, 1u);

	crowd.stop = false;
	crowd.hits = 0;
	KT_EXPECT_EQ(t, file_write(COUNT "filter", filters[0], 0), 0);
	KT_EXPECT_EQ(t, file_write(COUNT "enable", "1", 0), 0);
	for (unsigned int i = 0; i < nr; i++) {
		tasks[i] = kthread_run(hit_until_stopped, NULL, "kt_hits");
		KT_ASSERT(t, !IS_ERR(tasks[i]));
	}
	for (unsigned int i = 1; i <= 8; i++) {
		unsigned int before = READ_ONCE(crowd.hits);

		const char *filter = filters[i % ARRAY_SIZE(filters)];

		KT_EXPECT_EQ(t, file_write(COUNT "filter", filter, 0), 0);
		KT_WAIT(t, READ_ONCE(crowd.hits) - before >= 5);
	}
	WRITE_ONCE(crowd.stop, true);
	while (nr--)
		kthread_join(tasks[nr]);
	KT_EXPECT_EQ(t, file_write(COUNT "enable", "0", 0), 0);
	KT_EXPECT_EQ(t, file_write(COUNT "filter", "0", 0), 0);
	KT_EXPECT(t, file_count(T "trace", ": kt_count: turn=") > 8);
	for (unsigned int odd = 1; odd < 10; odd += 2) {
		char text[16];

		scnprintf(text, sizeof(text), "turn=%u\n", odd);
		KT_EXPECT(t, !file_has(T "trace", text));
	}
	tracing_restore(t);
}
