/* SPDX-License-Identifier: MIT */
/*
 * Histograms of events, by their files: texts, what is counted and what is refused; and counting in
 * every context and on all CPUs, against counts that are kept outside.
 */
#include "kernel/fs/vfs.h"
#include "kernel/lib/errno.h"
#include "kernel/lib/string.h"
#include "kernel/nmi.h"
#include "kernel/printk.h"
#include "kernel/sched/current.h"
#include "kernel/sched/percpu.h"
#include "kernel/sched/wait.h"
#include "tests/guest/ktest/files.h"
#include "tests/guest/ktest/kt_events.h"
#include "tests/guest/ktest/ktest.h"
#include "tests/guest/ktest/step.h"
#include "trace/ftrace.h"

#define T "/sys/kernel/tracing/"
#define COUNT T "events/ktest/kt_count/"
#define KINDS T "events/ktest/kt_kinds/"
#define HEAD(info) "# event histogram\n#\n# trigger info: hist:" info "\n#\n\n"
#define TOTALS(hits, entries, dropped) \
	"\nTotals:\n    Hits: " #hits "\n    Entries: " #entries "\n    Dropped: " #dropped "\n"

static char text[1 << 16];

static int set(const char *trigger)
{
	return file_write(COUNT "trigger", trigger, O_APPEND);
}

static bool expect_is(struct ktest *t, const char *file, const char *expected)
{
	ssize_t len = file_read(file, text, sizeof(text));

	/* What is shown is what differs, because the whole would be long. */
	if (!KT_EXPECT(t, len >= 0) || !strcmp(text, expected))
		return true;
	for (len = 0; text[len] == expected[len]; len++)
		;
	ktest_note(t, "%s: \"%.60s\", expected \"%.60s\"", file, text + len, expected + len);
	return KT_EXPECT(t, false);
}

/* Unlike file_has(): of several lines. */
static bool has(const char *file, const char *part)
{
	return file_read(file, text, sizeof(text)) >= 0 && strstr(text, part);
}

static noinline void hit(unsigned int turn, unsigned int times)
{
	while (times--)
		trace_kt_count(turn);
}

KTEST(hist, texts)
{
	kt_one_cpu(t);
	KT_EXPECT(t, file_is(COUNT "hist", ""));
	KT_EXPECT_EQ(t, set("hist:keys=turn\n"), 0);
	KT_EXPECT(t, file_is(COUNT "trigger", "hist:keys=turn:vals=hitcount:sort=hitcount:"
			     "size=2048 [active]\n"));
	KT_EXPECT(t, file_is(COUNT "enable", "0*\n"));
	hit(3, 2);
	hit(4000000000u, 5);
	hit(7, 1);
	hit(8, 2);
	expect_is(t, COUNT "hist",
		  HEAD("keys=turn:vals=hitcount:sort=hitcount:size=2048 [active]")
		  "{ turn:          7 } hitcount:          1\n"
		  "{ turn:          3 } hitcount:          2\n"
		  "{ turn:          8 } hitcount:          2\n"
		  "{ turn: 4000000000 } hitcount:          5\n"
		  TOTALS(10, 4, 0));
	/* What is counted is not recorded. */
	KT_EXPECT_EQ(t, file_count(T "trace", "kt_count"), 0);
	KT_EXPECT_EQ(t, set("!hist:keys=turn"), 0);
	KT_EXPECT(t, file_is(COUNT "hist", ""));
	KT_EXPECT(t, file_is(COUNT "enable", "0\n"));
	tracing_restore(t);
}

KTEST(hist, modifiers)
{
	char expected[512];

	kt_one_cpu(t);
	KT_EXPECT_EQ(t, set("hist:key=turn.log2:val=turn,turn.hex:sort=turn.descending "
			    "if turn < 50"), 0);
	KT_EXPECT_EQ(t, set("hist:keys=common_cpu,turn.buckets=10:vals=hitcount.percent,turn.graph:"
			    "nohitcount:sort=turn"), 0);
	KT_EXPECT_EQ(t, set("hist:keys=common_pid.execname,turn.hex:size=200"), 0);
	hit(0, 1);
	hit(5, 4);
	hit(8, 1);
	hit(90, 2);
	scnprintf(expected, sizeof(expected),
		  HEAD("keys=common_pid.execname,turn.hex:vals=hitcount:sort=hitcount:size=256 "
		       "[active]")
		  "{ common_pid: %-16s[%10d], turn: 0 } hitcount:          1\n"
		  "{ common_pid: %-16s[%10d], turn: 8 } hitcount:          1\n"
		  "{ common_pid: %-16s[%10d], turn: 5a } hitcount:          2\n"
		  "{ common_pid: %-16s[%10d], turn: 5 } hitcount:          4\n"
		  TOTALS(8, 4, 0), current->comm, current->pid, current->comm, current->pid,
		  current->comm, current->pid, current->comm, current->pid);
	KT_EXPECT(t, has(COUNT "hist", "event histogram"));
	file_read(COUNT "hist", text, sizeof(text));
	KT_EXPECT(t, strstr(text, expected));
	KT_EXPECT(t, strstr(text, "\n\n\n" HEAD("keys=common_cpu,turn.buckets=10:"
		"vals=hitcount.percent,turn.graph:sort=turn.graph:size=2048:nohitcount [active]")
		"{ common_cpu:          0, turn: ~ 0-9 } hitcount (%):  75.00  "
		"turn: ###                 \n"
		"{ common_cpu:          0, turn: ~ 90-99 } hitcount (%):  25.00  "
		"turn: ####################\n" TOTALS(8, 2, 0)));
	KT_EXPECT(t, strstr(text, HEAD("keys=turn.log2:vals=hitcount,turn,turn.hex:"
		"sort=turn.descending:size=2048 if turn < 50 [active]")
		"{ turn: ~ 2^3  } hitcount:          5  turn:         28  turn:         1c\n"
		"{ turn: ~ 2^0  } hitcount:          1  turn:          0  turn:          0\n"
		TOTALS(6, 2, 0)));
	/* `>` takes them away, before it sets another one. */
	KT_EXPECT_EQ(t, file_write(COUNT "trigger", "hist:keys=common_stacktrace", O_TRUNC), 0);
	hit(1, 3);
	KT_EXPECT_EQ(t, file_count(COUNT "hist", "# event histogram"), 1);
	KT_EXPECT(t, has(COUNT "hist", "{ common_stacktrace:\n         hit+0x"));
	KT_EXPECT(t, has(COUNT "hist", "\n         ktest_hist_modifiers+0x"));
	KT_EXPECT(t, has(COUNT "hist", "\n} hitcount:          3\n"));
	KT_EXPECT_EQ(t, file_write(COUNT "trigger", "!hist:keys=common_stacktrace", O_TRUNC), 0);
	KT_EXPECT(t, file_is(COUNT "enable", "0\n"));
	tracing_restore(t);
}

/* Texts, numbers of each size and sign, and functions. */
KTEST(hist, kinds_of_keys)
{
	static const char expected[] =
		HEAD("keys=text,small:vals=hitcount,big:sort=text,small:size=2048 [active]")
		"{ text: %-50s, small: 18446744073709551614 } hitcount:          1  "
		"big:          7\n"
		"{ text: %-50s, small: 18446744073709551613 } hitcount:          1  "
		"big:          5\n"
		"{ text: %-50s, small:          0 } hitcount:          2  big: 8589934592\n"
		TOTALS(4, 3, 0);
	char filled[sizeof(expected) + 200];

	kt_one_cpu(t);
	KT_EXPECT_EQ(t, file_write(KINDS "trigger", "hist:keys=text,small:vals=big:sort=text,small",
				   0), 0);
	trace_kt_kinds(0, 1ull << 32, "two", 0);
	trace_kt_kinds(0, 1ull << 32, "two", 0);
	trace_kt_kinds(3, 5, "two", 0);
	trace_kt_kinds(2, 7, "one", 0);
	scnprintf(filled, sizeof(filled), expected, "one", "two", "two");
	expect_is(t, KINDS "hist", filled);
	KT_EXPECT_EQ(t, file_write(KINDS "trigger", "hist:keys=flags.sym-offset", 0), 0);
	trace_kt_kinds(0, 0, "", (unsigned long)file_write + 1);
	scnprintf(filled, sizeof(filled), "{ flags: [%lx] file_write+0x1/",
		  (unsigned long)file_write + 1);
	KT_EXPECT(t, has(KINDS "hist", filled));
	KT_EXPECT_EQ(t, file_write(KINDS "trigger", "", 0), 0);
	KT_EXPECT(t, file_is(KINDS "enable", "0\n"));
	tracing_restore(t);
}

KTEST(hist, paused_cleared_and_full)
{
	kt_one_cpu(t);
	KT_EXPECT_EQ(t, set("hist:keys=turn:size=128:pause"), 0);
	hit(1, 1);
	KT_EXPECT(t, has(COUNT "trigger", "size=128 [paused]\n"));
	KT_EXPECT(t, has(COUNT "hist", TOTALS(0, 0, 0)));
	KT_EXPECT_EQ(t, set("hist:keys=turn:cont"), 0);
	for (unsigned int i = 0; i < 200; i++)
		hit(i, 1 + (i == 127));
	KT_EXPECT(t, has(COUNT "hist", TOTALS(129, 128, 72)));
	hit(5, 1);
	KT_EXPECT(t, has(COUNT "hist", "{ turn:          5 } hitcount:          2\n"));
	KT_EXPECT_EQ(t, set("hist:keys=turn:clear"), 0);
	KT_EXPECT(t, has(COUNT "trigger", " [active]\n"));
	hit(500, 3);
	KT_EXPECT(t, has(COUNT "hist", "{ turn:        500 } hitcount:          3\n"
			      TOTALS(3, 1, 0)));
	/* Another event switches it. */
	KT_EXPECT_EQ(t, file_write(KINDS "trigger", "disable_hist:ktest:kt_count:1 if big == 1", 0),
		     0);
	KT_EXPECT_EQ(t, file_write(KINDS "trigger", "enable_hist:ktest:kt_count if big == 2",
				   O_APPEND), 0);
	trace_kt_kinds(0, 1, "", 0);
	hit(500, 4);
	trace_kt_kinds(0, 2, "", 0);
	hit(500, 1);
	trace_kt_kinds(0, 1, "", 0);
	hit(500, 1);
	KT_EXPECT(t, file_is(KINDS "trigger", "enable_hist:ktest:kt_count:unlimited if big == 2\n"
			     "disable_hist:ktest:kt_count:count=0 if big == 1\n"));
	KT_EXPECT(t, has(COUNT "hist", TOTALS(5, 1, 0)));
	KT_EXPECT_EQ(t, file_write(KINDS "trigger", "!enable_hist:ktest:kt_count", 0), 0);
	KT_EXPECT_EQ(t, file_write(KINDS "trigger", "!disable_hist:ktest:kt_count", 0), 0);
	KT_EXPECT_EQ(t, set("!hist:keys=turn"), 0);
	KT_EXPECT(t, file_is(COUNT "enable", "0\n"));
	tracing_restore(t);
}

/* Two events count in one table. */
KTEST(hist, named)
{
	kt_one_cpu(t);
	KT_EXPECT_EQ(t, set("hist:name=both:keys=common_pid:vals=common_cpu"), 0);
	KT_EXPECT_EQ(t, file_write(KINDS "trigger", "hist:name=both:keys=big", 0), -EINVAL);
	KT_EXPECT(t, has(T "error_log", "hist:ktest:kt_kinds: error: Named hist trigger "
			      "doesn't match existing named trigger (includes variables)\n"
			      "  Command: hist:name=both:keys=big\n"
			      "                     ^\n"));
	KT_EXPECT_EQ(t, file_write(KINDS "trigger", "hist:name=both:keys=common_pid:"
				   "vals=common_cpu", 0), 0);
	hit(1, 2);
	trace_kt_kinds(0, 1, "", 0);
	KT_EXPECT(t, has(COUNT "hist", TOTALS(3, 1, 0)));
	KT_EXPECT(t, has(KINDS "hist", TOTALS(3, 1, 0)));
	KT_EXPECT(t, has(KINDS "hist", "hist:name=both:keys=common_pid:"));
	KT_EXPECT_EQ(t, set("!hist:name=both:keys=common_pid:vals=common_cpu"), 0);
	trace_kt_kinds(0, 1, "", 0);
	KT_EXPECT(t, has(KINDS "hist", TOTALS(4, 1, 0)));
	KT_EXPECT_EQ(t, file_write(KINDS "trigger", "", 0), 0);
	KT_EXPECT(t, file_is(KINDS "hist", ""));
	tracing_restore(t);
}

KTEST(hist, refusals)
{
	static const struct {
		const char *trigger;
		unsigned int pos;
		const char *why;
	} cases[] = {
		{ "hist:keys=trun", 10, "Couldn't find field" },
		{ "hist:keys=turn,hitcount", 15, "Couldn't find field" },
		{ "hist:keys=", 5, "Empty assignment" },
		{ "hist:vals=turn", 5, "keys= is missing" },
		{ "hist:keys=turn.hex2", 15, "Invalid field modifier" },
		{ "hist:keys=turn.execname", 15, "Invalid field modifier" },
		{ "hist:keys=turn.buckets=0", 15, "Invalid field modifier" },
		{ "hist:keys=turn:vals=turn.log2", 25, "Invalid field modifier" },
		{ "hist:keys=turn:sort=turn.down", 25, "Invalid sort modifier" },
		{ "hist:keys=turn:sort=turn,", 25, "Empty sort field" },
		{ "hist:keys=turn:sort=turn,hitcount,turn", 34, "Too many sort fields (Max = 2)" },
		{ "hist:keys=turn:sort=common_pid", 20, "Sort field must be a key or a val" },
		{ "hist:keys=turn:size=100000000", 20, "Not a size from 128 to 131072" },
		{ "hist:keys=turn,turn,turn,turn", 25, "Too many keys (3 max)" },
		{ "hist:keys=turn:nohitcount", 15,
		  "Non-hitcount value is required for 'nohitcount'" },
		{ "hist:keys=turn:ts0=common_timestamp.usecs", 15,
		  "There are no variables in histograms here" },
		{ "hist:keys=turn:vals=turn-$x", 20, "There are no variables in histograms here" },
		{ "hist:keys=turn:onmax($x).save(turn)", 15,
		  "There are no inter-event actions here" },
		{ "hist:keys=turn:vals=turn*2", 20, "There are no expressions in histograms here" },
		{ "hist:keys=turn:keys=turn", 15, "This parameter is given twice" },
		{ "hist:keys=common_timestamp:clock=sun", 33, "Couldn't set trace_clock" },
		{ "hist:keys=turn:stop", 15, "Unknown parameter" },
		{ "hist:keys=turn", 0, "Hist trigger already exists" },
		{ "hist:keys=common_pid:clear", 0,
		  "Can't clear or continue a nonexistent hist trigger" },
	};
	char expected[256];

	KT_EXPECT_EQ(t, set("hist:keys=turn"), 0);
	for (unsigned int i = 0; i < ARRAY_SIZE(cases); i++) {
		KT_EXPECT_EQ(t, file_write(T "error_log", "", 0), 0);
		scnprintf(expected, sizeof(expected), "hist:ktest:kt_count: error: %s\n"
			  "  Command: %s\n%*s^\n", cases[i].why, cases[i].trigger,
			  (int)(11 + cases[i].pos), "");
		if (!KT_EXPECT(t, set(cases[i].trigger) < 0) ||
		    !KT_EXPECT(t, has(T "error_log", expected)))
			ktest_note(t, "%s", cases[i].trigger);
		KT_EXPECT_EQ(t, file_count(COUNT "trigger", "hist:"), 1);
	}
	KT_EXPECT_EQ(t, set("hist:keys=turn if turn = 1"), -EINVAL);
	KT_EXPECT(t, has(T "error_log", "event filter parse error: error: Invalid operator\n"
			      "  Command: turn = 1\n"));
	KT_EXPECT_EQ(t, set("!hist:keys=turn"), 0);
	tracing_restore(t);
}

/* --- Contexts --- */

#define STEPS 1500			/* stepped instructions; some processors never end a loop */
#define SAME_KEY 77			/* of the thread, and of some NMIs */

static unsigned int steps, same;

static void hit_in_nmi(struct pt_regs *regs)
{
	/* Not each time: a sum that changes at each instruction is never added to. */
	bool is_same = steps % 16 == 3;

	if (steps++ == STEPS) {
		ktest_stop_stepping(regs);
		return;
	}
	nmi_enter();
	trace_kt_count(is_same ? SAME_KEY : 1000 + steps);
	nmi_exit();
	same += is_same;
}

static void hit_below(void)
{
	trace_kt_count(SAME_KEY);
}

/* While a thread adds a key, NMIs add the same one and others, at each of its instructions. */
KTEST(hist, nmi_at_each_instruction)
{
	char expected[128];

	kt_one_cpu(t);
	KT_EXPECT_EQ(t, set("hist:keys=turn"), 0);
	steps = same = 0;
	ktest_single_step(hit_below, hit_in_nmi);
	KT_EXPECT(t, steps > 100);
	steps = min(steps, (unsigned int)STEPS);
	scnprintf(expected, sizeof(expected), "{ turn: %10u } hitcount: %10u\n", SAME_KEY,
		  same + 1);
	KT_EXPECT(t, has(COUNT "hist", expected));
	scnprintf(expected, sizeof(expected), "    Hits: %u\n    Entries: %u\n    Dropped: 0\n",
		  steps + 1, steps - same + 1);
	if (!KT_EXPECT(t, has(COUNT "hist", expected)))
		ktest_note(t, "%s", expected);
	KT_EXPECT_EQ(t, set("!hist:keys=turn"), 0);
	tracing_restore(t);
}

#define KEYS 300			/* more than there is room for */
#define ROOM 256

static struct {
	bool stop;
	u32 hits[KEYS];			/* what was counted outside */
	u32 rounds, ticks;
} crowd;

static void hit_random(u32 *seed)
{
	u32 key;

	*seed = *seed * 1664525 + 1013904223;
	key = (*seed >> 8) % KEYS;
	trace_kt_count(key);
	__atomic_fetch_add(&crowd.hits[key], 1, __ATOMIC_RELAXED);
}

static int hit_until_stopped(void *arg)
{
	u32 seed = (u32)(unsigned long)arg;

	while (!READ_ONCE(crowd.stop)) {
		hit_random(&seed);
		__atomic_fetch_add(&crowd.rounds, 1, __ATOMIC_RELAXED);
	}
	return 0;
}

static void hit_from_tick(unsigned long ip, unsigned long parent_ip, struct ftrace_ops *op,
			  struct ftrace_regs *fregs)
{
	static u32 seeds[NR_CPUS];

	if (!in_hardirq())
		return;
	hit_random(&seeds[smp_processor_id()]);
	__atomic_fetch_add(&crowd.ticks, 1, __ATOMIC_RELAXED);
}

/* What is in the table has the count from outside, and what is not in it was dropped. */
static void compare_counts(struct ktest *t)
{
	unsigned int entries = 0, hits = 0, dropped = 0, wrong = 0;
	char line[80];

	file_read(COUNT "hist", text, sizeof(text));
	for (unsigned int key = 0; key < KEYS; key++) {
		u32 count = crowd.hits[key];
		const char *at;

		scnprintf(line, sizeof(line), "{ turn: %10u } hitcount: ", key);
		at = strstr(text, line);
		if (!at) {
			dropped += count;
			continue;
		}
		entries++;
		scnprintf(line, sizeof(line), "{ turn: %10u } hitcount: %10u\n", key, count);
		hits += count;
		/* While its room was asked for by two at once, hits may have been dropped. */
		wrong += strncmp(at, line, strlen(line)) != 0;
	}
	scnprintf(line, sizeof(line), "    Hits: %u\n    Entries: %u\n    Dropped: %u\n", hits,
		  entries, dropped);
	KT_EXPECT_EQ(t, wrong, 0);
	KT_EXPECT_EQ(t, entries, ROOM);
	if (!KT_EXPECT(t, strstr(text, line)))
		ktest_note(t, "expected %s", line);
}

/* All CPUs and their timer interrupts add to one table, while it fills up and is read. */
KTEST(hist, crowd)
{
	static struct ftrace_ops op = { .func = hit_from_tick };
	struct task_struct *tasks[NR_CPUS] = { NULL };
	unsigned int nr = nr_cpus_online, started = 0;

	memset(&crowd, 0, sizeof(crowd));
	KT_EXPECT_EQ(t, set("hist:keys=turn:sort=turn:size=256"), 0);
	KT_EXPECT_EQ(t, register_ftrace_function(&op), 0);
	while (started < nr) {
		tasks[started] = kthread_run(hit_until_stopped, (void *)(unsigned long)started,
					     "kt_hits");
		KT_ASSERT(t, !IS_ERR(tasks[started]));
		started++;
	}
	for (unsigned int i = 0; i < 5; i++) {
		u32 before = READ_ONCE(crowd.rounds);

		KT_EXPECT(t, has(COUNT "hist", "    Entries: "));
		KT_WAIT(t, READ_ONCE(crowd.rounds) - before > 1000);
	}
	KT_WAIT(t, READ_ONCE(crowd.ticks) > 20);
	KT_EXPECT_EQ(t, unregister_ftrace_function(&op), 0);
	WRITE_ONCE(crowd.stop, true);
	while (nr--)
		kthread_join(tasks[nr]);
	compare_counts(t);
	KT_EXPECT_EQ(t, set("!hist:keys=turn:sort=turn"), 0);
	tracing_restore(t);
}
