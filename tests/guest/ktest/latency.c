/* SPDX-License-Identifier: MIT */
/*
 * The tracers wakeup and wakeup_rt as a user meets them: the text of the longest wait, to the
 * letter but for times; who is followed; and what the files and options change.
 */
#include "kernel/lib/errno.h"
#include "kernel/lib/glob.h"
#include "kernel/lib/string.h"
#include "kernel/mm/mm.h"
#include "kernel/sched/current.h"
#include "kernel/sched/wait.h"
#include "tests/guest/ktest/files.h"
#include "tests/guest/ktest/ktest.h"
#include "tests/guest/ktest/targets.h"
#include "trace/output/trace.h"

#define T "/sys/kernel/tracing/"
#define URGENT -8			/* nice of the thread that is woken */

static char text[4096];

/* Sleeps until it is woken, and again, until it is told to stop. */
static int sleeper(void *data)
{
	unsigned long *runs = data;

	while (!kthread_should_stop()) {
		set_current_state(TASK_UNINTERRUPTIBLE);
		if (!kthread_should_stop())
			schedule();
		set_current_state(TASK_RUNNING);
		kt_outer(kt_tail_end, 1);
		WRITE_ONCE(*runs, *runs + 1);
	}
	return 0;
}

static struct task_struct *thread;
static unsigned long runs;

/* The sleeper is on this CPU. If it is more urgent than this thread, it runs once it is woken. */
static bool begin(struct ktest *t, const char *tracer, long nice)
{
	tracing_restore(t);
	kt_one_cpu(t);
	runs = 0;
	thread = kthread_create(sleeper, &runs, "kt_sleeper");
	if (!KT_EXPECT(t, !IS_ERR(thread)))
		return false;
	kthread_bind(thread, smp_processor_id());
	set_user_nice(thread, nice);
	wake_up_process(thread);
	while (!(READ_ONCE(thread->__state) & TASK_UNINTERRUPTIBLE))
		yield();
	return KT_EXPECT_EQ(t, file_write(T "set_ftrace_filter", "kt_outer kt_inner", 0), 0) &&
	       KT_EXPECT_EQ(t, file_write(T "current_tracer", tracer, 0), 0);
}

static void wake(void)
{
	unsigned long before = READ_ONCE(runs);

	wake_up_process(thread);
	while (READ_ONCE(runs) == before)
		yield();
}

static void end(struct ktest *t)
{
	KT_EXPECT_EQ(t, file_write(T "current_tracer", "nop", 0), 0);
	kthread_stop(thread);
	KT_EXPECT_EQ(t, file_write(T "tracing_max_latency", "0", 0), 0);
	KT_EXPECT_EQ(t, file_write(T "set_ftrace_filter", "", 0), 0);
	KT_EXPECT_EQ(t, file_count(T "enabled_functions", "("), 0);
	KT_EXPECT(t, file_is(T "options/latency-format", "0\n"));
	KT_EXPECT(t, file_has(T "snapshot", "Snapshot is freed"));
}

/* As Linux's self-test of it: a thread was woken, and the second buffer is not empty. */
static const char expected[] =
	"# tracer: wakeup_rt\n"
	"#\n"
	"# wakeup_rt latency trace v1.1.5 on *\n"
	"# --------------------------------------------------------------------\n"
	"# latency: ?* us, #2/2, CPU#0 | (M:preempt VP:0, KP:0, SP:0 HP:0 #P:?)\n"
	"#    -----------------\n"
	"#    | task: kt_sleeper-?* (uid:0 nice:-8 policy:0 rt_prio:0)\n"
	"#    -----------------\n"
	"#\n"
	"#                    _------=> CPU#            \n"
	"#                   / _-----=> irqs-off/BH-disabled\n"
	"#                  | / _----=> need-resched    \n"
	"#                  || / _---=> hardirq/softirq \n"
	"#                  ||| / _--=> preempt-depth   \n"
	"#                  |||| / _-=> migrate-disable \n"
	"#                  ||||| /     delay           \n"
	"#  cmd     pid     |||||| time  |   caller     \n"
	"#     \\\\   /        ||||||  \\\\    |    /       \n"
	"*-?*   0dN.?. *us?:  ???????: 16:R   + \\[000] ???????:  8:R kt_sleeper\n"
	"*-?*   0d..?. *us?:  ???????: 16:R ==> \\[000] ???????:  8:R kt_sleeper\n";

KTEST(latency, wakeup_as_text)
{
	KT_ASSERT(t, begin(t, "wakeup_rt", URGENT));
	KT_EXPECT_EQ(t, file_write(T "options/function-trace", "0", 0), 0);
	KT_EXPECT_EQ(t, file_write(T "tracing_max_latency", "0", 0), 0);
	wake();
	KT_EXPECT_EQ(t, file_write(T "tracing_on", "0", 0), 0);
	KT_EXPECT(t, file_read(T "trace", text, sizeof(text)) > 0);
	if (!glob_match(expected, strlen(expected), text))
		ktest_fail(t, __FILE__, __LINE__, "\"%.1500s\"", text + 800);
	KT_EXPECT(t, !file_is(T "tracing_max_latency", "0\n"));
	KT_EXPECT_EQ(t, file_write(T "tracing_on", "1", 0), 0);
	KT_EXPECT_EQ(t, file_write(T "options/function-trace", "1", 0), 0);
	end(t);
}

/* wakeup follows whoever is more urgent than who wakes it, wakeup_rt only those above the usual. */
KTEST(latency, who_is_followed)
{
	KT_ASSERT(t, begin(t, "wakeup_rt", 0));
	wake();
	msleep(20);
	KT_EXPECT_EQ(t, file_count(T "trace", "kt_sleeper"), 0);
	KT_EXPECT_EQ(t, file_count(T "trace", current->comm), 0);
	KT_EXPECT_EQ(t, file_write(T "current_tracer", "wakeup", 0), 0);
	wake();
	KT_EXPECT_EQ(t, file_count(T "trace", "kt_sleeper"), 0);
	/* The idle thread's tick wakes this one. */
	for (unsigned int n = 0; n < 3; n++)
		msleep(20);
	KT_EXPECT(t, file_count(T "trace", "==>") == 1);
	end(t);
	KT_ASSERT(t, begin(t, "wakeup", URGENT));
	wake();
	KT_EXPECT(t, file_count(T "trace", "==>") == 1);
	end(t);
}

/* What the CPU does meanwhile is there if function-trace says so. */
KTEST(latency, functions)
{
	KT_ASSERT(t, begin(t, "wakeup_rt", URGENT));
	KT_EXPECT_EQ(t, file_write(T "set_ftrace_filter", "*sched* *wake*", 0), 0);
	wake();
	KT_EXPECT(t, file_count(T "trace", " <-") > 0);
	KT_EXPECT_EQ(t, file_write(T "options/function-trace", "0", 0), 0);
	KT_EXPECT_EQ(t, file_count(T "enabled_functions", "("), 0);
	KT_EXPECT_EQ(t, file_write(T "trace", "", 0), 0);
	KT_EXPECT_EQ(t, file_write(T "tracing_max_latency", "0", 0), 0);
	wake();
	KT_EXPECT_EQ(t, file_count(T "trace", " <-"), 0);
	KT_EXPECT_EQ(t, file_count(T "trace", "==>"), 1);
	KT_EXPECT_EQ(t, file_write(T "options/function-trace", "1", 0), 0);
	KT_EXPECT(t, file_count(T "enabled_functions", "(") > 0);
	end(t);
}

/* Only a longer time than tracing_max_latency is kept; or each that tracing_thresh allows. */
KTEST(latency, limits)
{
	KT_ASSERT(t, begin(t, "wakeup_rt", URGENT));
	KT_EXPECT_EQ(t, file_write(T "tracing_max_latency", "4000000", 0), 0);
	wake();
	KT_EXPECT(t, file_is(T "tracing_max_latency", "4000000\n"));
	KT_EXPECT_EQ(t, file_count(T "trace", "==>"), 0);
	KT_EXPECT_EQ(t, file_write(T "tracing_thresh", "4000000", 0), 0);
	wake();
	KT_EXPECT_EQ(t, file_count(T "trace", "==>"), 0);
	KT_EXPECT_EQ(t, file_write(T "tracing_thresh", "1", 0), 0);
	wake();
	KT_EXPECT_EQ(t, file_count(T "trace", "==>"), 1);
	KT_EXPECT(t, !file_is(T "tracing_max_latency", "4000000\n"));
	KT_EXPECT_EQ(t, file_write(T "tracing_thresh", "0", 0), 0);
	KT_EXPECT_EQ(t, file_write(T "tracing_max_latency", "long", 0), -EINVAL);
	KT_EXPECT_EQ(t, file_write(T "tracing_max_latency", "-1", 0), -EINVAL);
	end(t);
}

/* The second buffer is the tracer's; the options are as before when it stops. */
KTEST(latency, leaves_things_as_they_were)
{
	KT_EXPECT_EQ(t, file_write(T "options/overwrite", "0", 0), 0);
	KT_ASSERT(t, begin(t, "wakeup", URGENT));
	KT_EXPECT(t, file_is(T "options/latency-format", "1\n"));
	KT_EXPECT(t, file_is(T "options/overwrite", "1\n"));
	KT_EXPECT_EQ(t, file_write(T "snapshot", "1", 0), -EBUSY);
	KT_EXPECT_EQ(t, file_write(T "snapshot", "0", 0), -EBUSY);
	KT_EXPECT(t, file_has(T "error_log", "The current tracer uses it"));
	KT_EXPECT_EQ(t, file_write(T "current_tracer", "wakeup_rt", 0), 0);
	KT_EXPECT_EQ(t, file_write(T "current_tracer", "function", 0), 0);
	KT_EXPECT(t, file_is(T "options/overwrite", "0\n"));
	KT_EXPECT_EQ(t, file_write(T "options/overwrite", "1", 0), 0);
	end(t);
}
