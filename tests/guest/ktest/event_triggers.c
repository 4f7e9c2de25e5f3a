/* SPDX-License-Identifier: MIT */
/* Triggers of events, by their files: what they do, how often, and what is refused. */
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
#define NONE "# Available triggers:\n# traceon traceoff snapshot stacktrace enable_event " \
	"disable_event enable_hist disable_hist hist\n"

static int set(const char *text)
{
	return file_write(COUNT "trigger", text, O_APPEND);
}

static void count_to(unsigned int end)
{
	for (unsigned int turn = 0; turn < end; turn++)
		trace_kt_count(turn);
}

/* Does the file have the turns of @turns, which ends with -1, and no others? */
static bool recorded(const int *turns)
{
	int nr = 0;

	for (; turns[nr] >= 0; nr++) {
		char text[16];

		scnprintf(text, sizeof(text), "turn=%d\n", turns[nr]);
		if (file_count(T "trace", text) != 1)
			return false;
	}
	return file_count(T "trace", ": kt_count: ") == nr;
}

KTEST(event_triggers, texts)
{
	KT_EXPECT(t, file_is(COUNT "trigger", NONE));
	KT_EXPECT(t, file_is(COUNT "enable", "0\n"));
	KT_EXPECT_EQ(t, file_write(COUNT "trigger", "traceoff:3 if turn == 4\n", 0), 0);
	KT_EXPECT(t, file_is(COUNT "enable", "0*\n"));
	KT_EXPECT_EQ(t, file_write(COUNT "trigger", "  stacktrace\n", 0), 0);
	KT_EXPECT_EQ(t, set("enable_event:ktest:kt_kinds:0x10  if  turn > 1 && turn < 4\n"), 0);
	KT_EXPECT_EQ(t, set("disable_event:ktest:kt_kinds\n"), 0);
	KT_EXPECT(t, file_is(COUNT "trigger",
			     "disable_event:ktest:kt_kinds:unlimited\n"
			     "enable_event:ktest:kt_kinds:count=16 if turn > 1 && turn < 4\n"
			     "stacktrace:unlimited\n"
			     "traceoff:count=3 if turn == 4\n"));
	KT_EXPECT_EQ(t, file_write(COUNT "enable", "1", 0), 0);
	KT_EXPECT(t, file_is(COUNT "enable", "1*\n"));
	KT_EXPECT(t, file_is(KINDS "enable", "0*\n"));
	KT_EXPECT(t, file_is(T "events/ktest/enable", "X\n"));
	KT_EXPECT_EQ(t, set("!enable_event:ktest:kt_kinds:16 if turn > 1\n"), 0);
	KT_EXPECT(t, file_is(KINDS "enable", "0*\n"));
	KT_EXPECT_EQ(t, set("!disable_event:ktest:kt_kinds"), 0);
	KT_EXPECT(t, file_is(KINDS "enable", "0\n"));
	KT_EXPECT_EQ(t, set("!traceoff"), 0);
	KT_EXPECT(t, file_is(COUNT "trigger", "stacktrace:unlimited\n"));
	KT_EXPECT_EQ(t, set("!stacktrace"), 0);
	KT_EXPECT(t, file_is(COUNT "trigger", NONE));
	KT_EXPECT(t, file_is(COUNT "enable", "1\n"));
	KT_EXPECT_EQ(t, file_write(COUNT "enable", "0", 0), 0);
	tracing_restore(t);
}

KTEST(event_triggers, refusals)
{
	static const struct {
		const char *text;
		int err;
		const char *why;
	} cases[] = {
		{ "tracoff\n", -EINVAL, "trigger: error: Unknown command\n" },
		{ "!\n", -EINVAL, "trigger: error: Unknown command\n" },
		{ "snapshot:x\n", -EINVAL, "trigger: error: Not a count\n" },
		{ "hist\n", -EINVAL, "trigger: error: Expected hist:keys=FIELD\n" },
		{ "enable_hist:ktest:no_such\n", -ENOENT, "trigger: error: No such event\n" },
		{ "stacktrace:x\n", -EINVAL, "trigger: error: Not a count\n" },
		{ "stacktrace:\n", -EINVAL, "trigger: error: Not a count\n" },
		{ "stacktrace:1:2\n", -EINVAL, "trigger: error: Expected: if FILTER\n" },
		{ "stacktrace turn == 1\n", -EINVAL, "trigger: error: Expected: if FILTER\n" },
		{ "stacktrace if turn = 1\n", -EINVAL,
		  "event filter parse error: error: Invalid operator\n" },
		{ "enable_event:ktest\n", -EINVAL, "trigger: error: Expected :SYSTEM:EVENT\n" },
		{ "enable_event:ktest:no_such\n", -ENOENT, "trigger: error: No such event\n" },
		{ "traceoff if turn == 2", -EEXIST,
		  "trigger: error: The event has this trigger already\n" },
		{ "!traceon", -ENOENT, "trigger: error: The event has no such trigger\n" },
		{ "!disable_event:ktest:kt_kinds", -ENOENT,
		  "trigger: error: The event has no such trigger\n" },
	};

	KT_EXPECT_EQ(t, set("traceoff if turn == 4"), 0);
	for (unsigned int i = 0; i < ARRAY_SIZE(cases); i++) {
		KT_EXPECT_EQ(t, file_write(T "error_log", "", 0), 0);
		if (!KT_EXPECT_EQ(t, set(cases[i].text), cases[i].err) ||
		    !KT_EXPECT(t, file_has(T "error_log", cases[i].why)))
			ktest_note(t, "%s", cases[i].text);
		KT_EXPECT(t, file_is(COUNT "trigger", "traceoff:unlimited if turn == 4\n"));
	}
	KT_EXPECT_EQ(t, set("!traceoff"), 0);
	KT_EXPECT(t, file_is(COUNT "enable", "0\n"));
	tracing_restore(t);
}

/*
 * As on Linux: without a filter the switch comes before the record, with one behind it. What the
 * event's own filter refuses may act all the same.
 */
KTEST(event_triggers, recording_on_and_off)
{
	kt_one_cpu(t);
	KT_EXPECT_EQ(t, file_write(COUNT "enable", "1", 0), 0);
	KT_EXPECT_EQ(t, file_write(COUNT "filter", "turn != 1", 0), 0);
	KT_EXPECT_EQ(t, set("traceoff if turn == 2 || turn == 7"), 0);
	KT_EXPECT_EQ(t, set("traceon:1 if turn == 4"), 0);
	count_to(10);
	KT_EXPECT(t, recorded((const int[]){ 0, 2, 5, 6, 7, -1 }));
	KT_EXPECT(t, file_is(T "tracing_on", "0\n"));
	KT_EXPECT_EQ(t, file_count(COUNT "trigger", "traceon:count=0 if turn == 4\n"), 1);
	KT_EXPECT_EQ(t, file_write(T "trace", "", 0), 0);
	count_to(10);
	KT_EXPECT(t, recorded((const int[]){ -1 }));
	KT_EXPECT_EQ(t, set("!traceon"), 0);
	KT_EXPECT_EQ(t, set("!traceoff"), 0);
	KT_EXPECT_EQ(t, set("traceon"), 0);
	KT_EXPECT_EQ(t, file_write(COUNT "filter", "turn == 1", 0), 0);
	count_to(3);
	KT_EXPECT(t, recorded((const int[]){ 1, -1 }));
	KT_EXPECT(t, file_is(T "tracing_on", "1\n"));
	KT_EXPECT_EQ(t, set("!traceon"), 0);
	KT_EXPECT_EQ(t, file_write(COUNT "filter", "0", 0), 0);
	KT_EXPECT_EQ(t, set("traceoff:1"), 0);
	count_to(3);
	KT_EXPECT(t, recorded((const int[]){ 1, -1 }));
	KT_EXPECT_EQ(t, file_write(T "tracing_on", "1", 0), 0);
	count_to(1);
	KT_EXPECT(t, recorded((const int[]){ 0, 1, -1 }));
	KT_EXPECT_EQ(t, set("!traceoff"), 0);
	KT_EXPECT_EQ(t, file_write(COUNT "enable", "0", 0), 0);
	tracing_restore(t);
}

/* The event need not be on. A record on which its filter is asked may have any length. */
KTEST(event_triggers, stacks)
{
	kt_one_cpu(t);
	KT_EXPECT_EQ(t, set("stacktrace:3 if turn >= 2"), 0);
	KT_EXPECT_EQ(t, file_write(KINDS "trigger", "stacktrace if text ~ '*stack*'", 0), 0);
	count_to(10);
	trace_kt_kinds(3, 4, "no stick", 5);
	trace_kt_kinds(3, 4, "one stack", 5);
	KT_EXPECT_EQ(t, file_count(T "trace", "<stack trace>"), 4);
	KT_EXPECT_EQ(t, file_count(T "trace", " => ktest_event_triggers_stacks"), 4);
	KT_EXPECT_EQ(t, file_count(T "trace", " kt_"), 0);
	KT_EXPECT(t, file_is(COUNT "trigger", "stacktrace:count=0 if turn >= 2\n"));
	KT_EXPECT_EQ(t, set("!stacktrace"), 0);
	KT_EXPECT_EQ(t, file_write(KINDS "trigger", "!stacktrace", 0), 0);
	tracing_restore(t);
}

/* What led to the event is in the snapshot, with the event, and what comes later is not. */
KTEST(event_triggers, snapshots)
{
	kt_one_cpu(t);
	KT_EXPECT_EQ(t, file_write(T "snapshot", "0", 0), 0);
	KT_EXPECT_EQ(t, file_write(COUNT "enable", "1", 0), 0);
	KT_EXPECT_EQ(t, set("snapshot:1 if turn == 3"), 0);
	KT_EXPECT(t, file_is(COUNT "trigger", "snapshot:count=1 if turn == 3\n"));
	/* It is there as long as a trigger may take it. */
	KT_EXPECT_EQ(t, file_write(T "snapshot", "0", 0), -EBUSY);
	count_to(6);
	KT_WAIT(t, file_count(T "snapshot", ": kt_count: ") == 4);
	KT_EXPECT_EQ(t, file_count(T "snapshot", ": kt_count: turn=3"), 1);
	KT_EXPECT(t, file_is(COUNT "trigger", "snapshot:count=0 if turn == 3\n"));
	KT_EXPECT_EQ(t, set("!snapshot"), 0);
	KT_EXPECT_EQ(t, file_count(T "trace", ": kt_count: "), 2);
	KT_EXPECT(t, recorded((const int[]){ 4, 5, -1 }));
	KT_EXPECT_EQ(t, file_count(T "snapshot", ": kt_count: "), 4);
	KT_EXPECT_EQ(t, file_write(T "snapshot", "0", 0), 0);
	KT_EXPECT_EQ(t, file_write(COUNT "enable", "0", 0), 0);
	tracing_restore(t);
}

/* One event switches another one, and itself. */
KTEST(event_triggers, events_on_and_off)
{
	kt_one_cpu(t);
	KT_EXPECT_EQ(t, set("enable_event:ktest:kt_kinds:1 if turn == 3"), 0);
	KT_EXPECT_EQ(t, set("disable_event:ktest:kt_kinds if turn == 5"), 0);
	KT_EXPECT_EQ(t, set("enable_event:ktest:kt_count if turn == 6"), 0);
	for (unsigned int turn = 0; turn < 10; turn++) {
		trace_kt_count(turn);
		trace_kt_kinds(0, turn, "", 0);
		if (turn == 4)
			KT_EXPECT(t, file_is(KINDS "enable", "1*\n"));
	}
	KT_EXPECT_EQ(t, file_count(T "trace", " big=3 "), 1);
	KT_EXPECT_EQ(t, file_count(T "trace", " big=4 "), 1);
	KT_EXPECT_EQ(t, file_count(T "trace", ": kt_kinds: "), 2);
	KT_EXPECT(t, recorded((const int[]){ 7, 8, 9, -1 }));
	KT_EXPECT(t, file_is(KINDS "enable", "0*\n"));
	KT_EXPECT(t, file_is(COUNT "enable", "1*\n"));
	/* Its count is used up. */
	count_to(5);
	KT_EXPECT(t, file_is(KINDS "enable", "0*\n"));
	KT_EXPECT_EQ(t, file_write(KINDS "enable", "1", 0), 0);
	KT_EXPECT_EQ(t, set("!enable_event:ktest:kt_kinds"), 0);
	KT_EXPECT_EQ(t, set("!disable_event:ktest:kt_kinds"), 0);
	KT_EXPECT_EQ(t, set("!enable_event:ktest:kt_count"), 0);
	KT_EXPECT(t, file_is(KINDS "enable", "1\n"));
	KT_EXPECT(t, file_is(COUNT "enable", "1\n"));
	KT_EXPECT(t, file_is(T "set_event", "ktest:kt_count\nktest:kt_kinds\n"));
	KT_EXPECT_EQ(t, file_write(T "set_event", "", 0), 0);
	tracing_restore(t);
}

static struct {
	bool stop;
	unsigned int hits;
} crowd;

static int hit_until_stopped(void *unused)
{
	while (!READ_ONCE(crowd.stop)) {
		trace_kt_count(1);
		__atomic_fetch_add(&crowd.hits, 1, __ATOMIC_RELAXED);
		/* Mostly elsewhere: who removes a trigger waits until the thread was seen there. */
		for (unsigned int i = 0; i < 5000; i++)
			barrier();
	}
	return 0;
}

/* All CPUs take from one count, while other triggers come and go: none acts once too often. */
KTEST(event_triggers, count_that_cpus_share)
{
	struct task_struct *tasks[NR_CPUS];
	unsigned int nr = max(nr_cpus_online - 1, 1u), started = 0;

	crowd.stop = false;
	crowd.hits = 0;
	KT_EXPECT_EQ(t, set("stacktrace:7"), 0);
	while (started < nr) {
		tasks[started] = kthread_run(hit_until_stopped, NULL, "kt_hits");
		KT_ASSERT(t, !IS_ERR(tasks[started]));
		started++;
	}
	for (unsigned int i = 0; i < 4; i++) {
		unsigned int before;

		KT_EXPECT_EQ(t, set("enable_event:ktest:kt_kinds if turn == 1"), 0);
		/* Each thread may have been inside when it was set. */
		before = READ_ONCE(crowd.hits);
		KT_WAIT(t, READ_ONCE(crowd.hits) - before > NR_CPUS);
		KT_EXPECT_EQ(t, set("!enable_event:ktest:kt_kinds"), 0);
		KT_EXPECT(t, file_is(KINDS "enable", "1\n"));
		KT_EXPECT_EQ(t, file_write(KINDS "enable", "0", 0), 0);
	}
	WRITE_ONCE(crowd.stop, true);
	while (nr--)
		kthread_join(tasks[nr]);
	KT_EXPECT_EQ(t, file_count(T "trace", "<stack trace>"), 7);
	KT_EXPECT(t, file_is(COUNT "trigger", "stacktrace:count=0\n"));
	KT_EXPECT_EQ(t, set("!stacktrace"), 0);
	tracing_restore(t);
}
