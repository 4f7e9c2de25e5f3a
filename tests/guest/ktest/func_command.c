/* SPDX-License-Identifier: MIT */
/* Commands at functions, by set_ftrace_filter: what they do, how often, and what is refused. */
#include "kernel/fs/vfs.h"
#include "kernel/lib/errno.h"
#include "kernel/lib/string.h"
#include "kernel/module/module.h"
#include "kernel/printk.h"
#include "kernel/sched/wait.h"
#include "kernel/shell/console.h"
#include "tests/guest/ktest/files.h"
#include "tests/guest/ktest/kt_events.h"
#include "tests/guest/ktest/ktest.h"
#include "tests/guest/ktest/targets.h"
#include "trace/output/trace.h"

#define T "/sys/kernel/tracing/"
#define FILTER T "set_ftrace_filter"
#define ALL "#### all functions enabled ####\n"

static int set(const char *text)
{
	return file_write(FILTER, text, O_APPEND);
}

static int attached(const char *function)
{
	return file_count(T "enabled_functions", function);
}

KTEST(func_command, texts)
{
	KT_EXPECT_EQ(t, set("kt_glob_b*:traceoff:0x3\n"), 0);
	KT_EXPECT_EQ(t, set("kt_glob_*:stacktrace kt_sum:enable_event:ktest:kt_kinds:4"), 0);
	KT_EXPECT_EQ(t, set("kt_sum:enable_event:ktest:kt_count\n"), 0);
	KT_EXPECT_EQ(t, set("kt_sum:cpudump\n"), 0);
	KT_EXPECT(t, file_is(FILTER, ALL
			     "kt_sum:cpudump:count=1\n"
			     "kt_sum:enable_event:ktest:kt_count:unlimited\n"
			     "kt_sum:enable_event:ktest:kt_kinds:count=4\n"
			     "kt_glob_alpha:stacktrace:unlimited\n"
			     "kt_glob_beta:stacktrace:unlimited\n"
			     "kt_glob_gamma:stacktrace:unlimited\n"
			     "kt_glob_beta:traceoff:count=3\n"));
	/* They are there whatever the filter is, and the other file has nothing of them. */
	KT_EXPECT_EQ(t, file_write(FILTER, "kt_sum\n", 0), 0);
	KT_EXPECT_EQ(t, file_count(FILTER, ""), 8);
	KT_EXPECT(t, file_is(T "set_ftrace_notrace", "#### no functions disabled ####\n"));
	KT_EXPECT_EQ(t, attached("kt_glob_beta (2)"), 1);
	KT_EXPECT(t, file_is(T "events/ktest/kt_kinds/enable", "0*\n"));
	/* A function that has the command keeps its count. */
	KT_EXPECT_EQ(t, set("kt_glob_[bg]*:traceoff:7"), 0);
	KT_EXPECT_EQ(t, file_count(FILTER, ":traceoff:count="), 2);
	KT_EXPECT_EQ(t, file_count(FILTER, "kt_glob_gamma:traceoff:count=7"), 1);
	KT_EXPECT_EQ(t, set("kt_glob_gamma:traceoff:7"), 0);
	KT_EXPECT_EQ(t, file_count(FILTER, ":traceoff:count="), 2);
	/* Which of them goes, the count says only by being there. */
	KT_EXPECT_EQ(t, set("!kt_glob_*:traceoff"), -EINVAL);
	KT_EXPECT_EQ(t, set("!kt_glob_*:traceoff:0\n!kt_glob_beta:stacktrace"), 0);
	KT_EXPECT_EQ(t, set("!kt_sum:enable_event:ktest:kt_kinds:1"), 0);
	KT_EXPECT(t, file_is(T "events/ktest/kt_kinds/enable", "0\n"));
	KT_EXPECT_EQ(t, set("!kt_sum:enable_event:ktest:kt_count !*:cpudump"), 0);
	KT_EXPECT(t, file_is(FILTER, "kt_sum\nkt_glob_alpha:stacktrace:unlimited\n"
			     "kt_glob_gamma:stacktrace:unlimited\n"));
	KT_EXPECT_EQ(t, attached("kt_glob_beta"), 0);
	KT_EXPECT_EQ(t, set("!:stacktrace\n"), 0);
	KT_EXPECT(t, file_is(FILTER, "kt_sum\n"));
	KT_EXPECT_EQ(t, attached("kt_"), 0);
	tracing_restore(t);
}

KTEST(func_command, refusals)
{
	static const struct {
		const char *text;
		int err;
		const char *why;
	} cases[] = {
		{ "kt_sum:tracoff\n", -EINVAL, "Unknown command" },
		{ "kt_sum:\n", -EINVAL, "Unknown command" },
		{ "kt_sum:hist:keys=ip\n", -EINVAL, "Unknown command" },
		{ "kt_sum:traceoff:x\n", -EINVAL, "Not a count" },
		{ "kt_sum:traceoff:\n", -EINVAL, "Not a count" },
		{ "kt_sum:traceoff:1:2\n", -EINVAL, "Not a count" },
		{ "kt_sum:enable_event:ktest\n", -EINVAL, "Expected :SYSTEM:EVENT" },
		{ "kt_sum:enable_event:ktest:no\n", -ENOENT, "No such event" },
		{ "kt_none:traceoff\n", -EINVAL, "No function matches" },
		{ ":traceoff\n", -EINVAL, "No function matches" },
		{ "!kt_sum:traceon\n", -EINVAL, "No such function has this command" },
	};

	for (unsigned int i = 0; i < ARRAY_SIZE(cases); i++) {
		char line[96];

		scnprintf(line, sizeof(line), "set_ftrace_filter: error: %s\n", cases[i].why);
		KT_EXPECT_EQ(t, file_write(T "error_log", "", 0), 0);
		if (!KT_EXPECT_EQ(t, set(cases[i].text), cases[i].err) ||
		    !KT_EXPECT(t, file_has(T "error_log", line)))
			ktest_note(t, "%s", cases[i].text);
	}
	KT_EXPECT_EQ(t, file_write(T "set_ftrace_notrace", "kt_sum:traceoff\n", 0), -EINVAL);
	KT_EXPECT_EQ(t, file_write(T "set_graph_function", "kt_sum:traceoff\n", 0), -EINVAL);
	KT_EXPECT(t, file_is(FILTER, ALL));
	KT_EXPECT_EQ(t, attached("kt_"), 0);
	tracing_restore(t);
}

/* A count goes down only when the command changes something; each function has its own. */
KTEST(func_command, recording_on_and_off)
{
	kt_one_cpu(t);
	KT_EXPECT_EQ(t, set("kt_glob_alpha:traceoff:2\nkt_glob_beta:traceon\n"), 0);
	KT_EXPECT_EQ(t, set("kt_glob_gamma:traceoff:2\n"), 0);
	for (unsigned int turn = 0; turn < 4; turn++) {
		kt_glob_alpha();
		kt_glob_alpha();
		KT_EXPECT_EQ(t, tracing_is_on(), turn >= 2);
		kt_glob_beta();
		KT_EXPECT(t, tracing_is_on());
	}
	kt_glob_gamma();
	KT_EXPECT(t, !tracing_is_on());
	KT_EXPECT(t, file_is(FILTER, ALL "kt_glob_gamma:traceoff:count=1\n"
			     "kt_glob_beta:traceon:unlimited\nkt_glob_alpha:traceoff:count=0\n"));
	KT_EXPECT_EQ(t, set("!*:traceoff:0 !*:traceon"), 0);
	kt_glob_beta();
	KT_EXPECT(t, !tracing_is_on());
	tracing_restore(t);
}

/* Beside the function tracer, and with another tracer or none. */
KTEST(func_command, stacks_and_events)
{
	kt_one_cpu(t);
	KT_EXPECT_EQ(t, set("kt_glob_alpha:stacktrace:2\n"), 0);
	KT_EXPECT_EQ(t, set("kt_glob_beta:enable_event:ktest:kt_count:1\n"), 0);
	KT_EXPECT_EQ(t, set("kt_glob_gamma:disable_event:ktest:kt_count\n"), 0);
	KT_EXPECT_EQ(t, file_write(FILTER, "kt_glob_*\n", 0), 0);
	KT_EXPECT_EQ(t, file_write(T "current_tracer", "function\n", 0), 0);
	for (unsigned int turn = 0; turn < 3; turn++) {
		trace_kt_count(3 * turn);
		kt_glob_alpha();
		kt_glob_beta();
		trace_kt_count(3 * turn + 1);
		kt_glob_gamma();
		trace_kt_count(3 * turn + 2);
	}
	KT_EXPECT_EQ(t, file_count(T "trace", "<stack trace>"), 2);
	KT_EXPECT_EQ(t, file_count(T "trace", " => kt_glob_alpha"), 2);
	KT_EXPECT_EQ(t, file_count(T "trace", ": kt_glob_"), 9);
	KT_EXPECT_EQ(t, file_count(T "trace", ": kt_count: "), 1);
	KT_EXPECT_EQ(t, file_count(T "trace", ": kt_count: turn=1\n"), 1);
	KT_EXPECT_EQ(t, set("!:stacktrace:0 !:enable_event:ktest:kt_count:0"), 0);
	KT_EXPECT_EQ(t, set("!:disable_event:ktest:kt_count"), 0);
	KT_EXPECT(t, file_is(T "events/ktest/kt_count/enable", "0\n"));
	tracing_restore(t);
}

KTEST(func_command, snapshots)
{
	kt_one_cpu(t);
	KT_EXPECT_EQ(t, file_write(T "snapshot", "0", 0), 0);
	KT_EXPECT_EQ(t, set("kt_glob_alpha:snapshot:1\n"), 0);
	KT_EXPECT_EQ(t, file_write(T "snapshot", "0", 0), -EBUSY);
	trace_printk("kt before\n");
	kt_glob_alpha();
	KT_WAIT(t, file_count(T "snapshot", "kt before") == 1);
	kt_glob_alpha();
	KT_EXPECT(t, file_is(FILTER, ALL "kt_glob_alpha:snapshot:count=0\n"));
	KT_EXPECT_EQ(t, set("!kt_glob_alpha:snapshot:0\n"), 0);
	KT_EXPECT_EQ(t, file_count(T "trace", "kt before"), 0);
	KT_EXPECT_EQ(t, file_write(T "snapshot", "0", 0), 0);
	tracing_restore(t);
}

/* It comes once, behind which recording is off; the events stay. */
KTEST(func_command, dumps)
{
	int level = console_loglevel;
	u64 pos = 0;

	log_has(&pos, "");
	console_loglevel = 0;
	KT_EXPECT_EQ(t, set("kt_glob_alpha:dump:7\n"), 0);
	KT_EXPECT(t, file_is(FILTER, ALL "kt_glob_alpha:dump:count=1\n"));
	trace_printk("kt dumped\n");
	kt_glob_alpha();
	KT_EXPECT(t, !tracing_is_on());
	/* Taking it back waits for it. */
	KT_EXPECT_EQ(t, set("!kt_glob_alpha:dump\n"), 0);
	console_loglevel = level;
	KT_EXPECT(t, log_has(&pos, ": kt dumped"));
	KT_EXPECT_EQ(t, file_count(T "trace", "kt dumped"), 1);
	tracing_restore(t);
}

KTEST(func_command, module_that_goes)
{
	KT_NEED_MODULE(t, KTEST_MODULE);
	KT_ASSERT(t, !insmod(KTEST_MODULE));
	KT_EXPECT_EQ(t, set("ktest_module_work:traceon:3 kt_sum:traceon:3"), 0);
	KT_EXPECT_EQ(t, file_count(FILTER, "work [ktest_module]:traceon:count=3\n"), 1);
	KT_EXPECT_EQ(t, module_remove("ktest_module"), 0);
	KT_EXPECT(t, file_is(FILTER, ALL "kt_sum:traceon:count=3\n"));
	KT_ASSERT(t, !insmod(KTEST_MODULE));
	KT_EXPECT_EQ(t, attached("[ktest_module]"), 0);
	KT_EXPECT_EQ(t, module_remove("ktest_module"), 0);
	KT_EXPECT_EQ(t, set("!*:traceon:0\n"), 0);
	KT_EXPECT(t, file_is(FILTER, ALL));
	KT_EXPECT_EQ(t, attached("kt_sum"), 0);
	tracing_restore(t);
}
