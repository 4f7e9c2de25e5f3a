/* SPDX-License-Identifier: MIT */
/*
 * The function profiler as a user meets it: hits, durations against a second clock, the options
 * graph-time and sleep-time, and the text of the tables, to the letter but for times.
 */
#include "kernel/clock.h"
#include "kernel/lib/errno.h"
#include "kernel/lib/string.h"
#include "kernel/sched/sched.h"
#include "kernel/sched/wait.h"
#include "tests/guest/ktest/files.h"
#include "tests/guest/ktest/ktest.h"
#include "tests/guest/ktest/probe.h"
#include "tests/guest/ktest/targets.h"
#include "trace/output/trace.h"
#include "trace/tracers/trace_profile.h"

#define T "/sys/kernel/tracing/"
/* The host may stop the whole machine for a while, which nobody there can tell from running. */
#define TRIES 8

static bool begin(struct ktest *t, const char *mode)
{
	kt_one_cpu(t);
	return KT_EXPECT_EQ(t, file_write(T "set_ftrace_filter", "kt_outer kt_inner kt_sum", 0),
			    0) &&
	       KT_EXPECT_EQ(t, file_write(T "function_profile_enabled", mode, 0), 0);
}

static void end(struct ktest *t)
{
	KT_EXPECT_EQ(t, file_write(T "function_profile_enabled", "0", 0), 0);
	KT_EXPECT_EQ(t, file_write(T "set_ftrace_filter", "", 0), 0);
	KT_EXPECT_EQ(t, file_count(T "enabled_functions", "("), 0);
}

/* Of CPU 0; all 0 if @function is not in its table. */
static struct profile_record record_of(struct ktest *t, void *function)
{
	struct profile_record found = { 0 };
	struct profile_copy copy;
	enum profile_mode mode;

	if (!KT_EXPECT_EQ(t, trace_profile_read(0, &copy, &mode), 0))
		return found;
	for (unsigned int n = 0; n < copy.nr; n++) {
		if (arch_ftrace_function(copy.records[n].ip) == (unsigned long)function)
			found = copy.records[n];
	}
	trace_profile_free(&copy);
	return found;
}

static unsigned long spin_ns;

static notrace unsigned long spin(unsigned long value)
{
	u64 until = ktime_get_ns() + spin_ns;

	while (ktime_get_ns() < until)
		arch_cpu_relax();
	return kt_sum(value, 0);
}

static notrace unsigned long sleep(unsigned long value)
{
	msleep(20);
	return value;
}

/* A duration lies between what the function waits for and what its caller measures around it. */
KTEST(profile, times)
{
	struct profile_record outer, inner, sum;
	u64 start, around;

	KT_ASSERT(t, begin(t, "1"));
	spin_ns = 3 * NSEC_PER_MSEC;
	start = ktime_get_ns();
	for (unsigned int n = 0; n < 3; n++)
		KT_EXPECT_EQ(t, kt_outer(spin, 40), 42);
	around = ktime_get_ns() - start;
	outer = record_of(t, kt_outer);
	inner = record_of(t, kt_inner);
	sum = record_of(t, kt_sum);
	KT_EXPECT_EQ(t, outer.counter, 3);
	KT_EXPECT_EQ(t, inner.counter, 3);
	KT_EXPECT_EQ(t, sum.counter, 3);
	KT_EXPECT(t, outer.time <= around);
	KT_EXPECT(t, inner.time <= outer.time);
	KT_EXPECT(t, inner.time >= 3 * spin_ns - 1000);
	KT_EXPECT(t, sum.time < inner.time);
	/* Three squares are no less than a third of the sum's, and no more than all of it. */
	KT_EXPECT(t, outer.time_squared >= outer.time * outer.time / 3);
	KT_EXPECT(t, outer.time_squared <= outer.time * outer.time);
	end(t);
	/* The tables stay until it is started again. */
	KT_EXPECT_EQ(t, kt_outer(spin, 40), 42);
	KT_EXPECT_EQ(t, record_of(t, kt_outer).counter, 3);
	KT_ASSERT(t, begin(t, "1"));
	KT_EXPECT_EQ(t, record_of(t, kt_outer).counter, 0);
	end(t);
}

static bool set_option(struct ktest *t, const char *file, const char *value)
{
	return KT_EXPECT_EQ(t, file_write(file, value, 0), 0);
}

/* Without graph-time, what functions call is not theirs. */
KTEST(profile, graph_time)
{
	struct profile_record outer, inner;
	u64 own = 0;

	KT_ASSERT(t, begin(t, "1"));
	set_option(t, T "options/graph-time", "0");
	spin_ns = 3 * NSEC_PER_MSEC;
	for (unsigned int n = 1; n <= TRIES; n++) {
		u64 before = record_of(t, kt_outer).time;

		KT_EXPECT_EQ(t, kt_outer(spin, 40), 42);
		outer = record_of(t, kt_outer);
		inner = record_of(t, kt_inner);
		own = outer.time - before;
		KT_EXPECT(t, outer.counter == n && inner.counter == n);
		KT_EXPECT(t, inner.time >= n * (spin_ns - 1000));
		if (own < spin_ns)
			break;
	}
	KT_EXPECT(t, own < spin_ns);
	set_option(t, T "options/graph-time", "1");
	end(t);
}

/* Without sleep-time, time off the CPU does not count. */
KTEST(profile, sleep_time)
{
	u64 slept, awake = 0;

	KT_ASSERT(t, begin(t, "1"));
	KT_EXPECT_EQ(t, kt_outer(sleep, 40), 42);
	slept = record_of(t, kt_outer).time;
	KT_EXPECT(t, slept >= 20 * NSEC_PER_MSEC - 1000);
	set_option(t, T "options/sleep-time", "0");
	for (unsigned int n = 2; n < 2 + TRIES; n++) {
		u64 before = record_of(t, kt_outer).time;

		KT_EXPECT_EQ(t, kt_outer(sleep, 40), 42);
		KT_EXPECT_EQ(t, record_of(t, kt_outer).counter, n);
		awake = record_of(t, kt_outer).time - before;
		if (awake < 15 * NSEC_PER_MSEC)
			break;
	}
	KT_EXPECT(t, awake < 15 * NSEC_PER_MSEC);
	/* An option that changes while a call is open counts from the next call on. */
	set_option(t, T "options/sleep-time", "1");
	end(t);
}

#define LEGEND								\
	"  Function                               Hit    Time            "	\
	"Avg             s^2\n"							\
	"  --------                               ---    ----            "	\
	"---             ---\n"

#define HITS								\
	"  Function                               Hit\n"			\
	"  --------                               ---\n"			\
	"  kt_sum                                  12\n"
#define INNER "  kt_inner                                 1\n"
#define OUTER "  kt_outer                                 1\n"

static char text[4096];

KTEST(profile, text)
{
	const char *line = text + strlen(LEGEND);

	KT_ASSERT(t, begin(t, "1"));
	spin_ns = 100 * NSEC_PER_USEC;
	KT_EXPECT_EQ(t, kt_outer(spin, 40), 42);
	KT_ASSERT(t, file_read(T "trace_stat/function0", text, sizeof(text)) > 0);
	KT_EXPECT(t, !strncmp(text, LEGEND, strlen(LEGEND)));
	/* The longest comes first, and one call has no deviation. */
	KT_EXPECT(t, !strncmp(line, "  kt_outer                                 1    ", 48));
	line = strchr(line, '\n');
	KT_ASSERT(t, line);
	KT_EXPECT(t, !strncmp(line - 12, "0.000 us    \n", 13));
	KT_EXPECT(t, !strncmp(line, "\n  kt_inner                                 1    ", 49));
	KT_EXPECT_EQ(t, file_count(T "trace_stat/function0", " us "), 3);
	KT_EXPECT(t, file_is(T "function_profile_enabled", "1\n"));
	end(t);
	KT_EXPECT(t, file_is(T "function_profile_enabled", "0\n"));
	KT_ASSERT(t, begin(t, "2"));
	for (unsigned int n = 0; n < 12; n++)
		kt_sum(n, n);
	KT_EXPECT_EQ(t, kt_outer(sleep, 40), 42);
	/* Equal numbers are in the order of addresses. */
	KT_EXPECT(t, file_is(T "trace_stat/function0", (unsigned long)kt_inner <
			     (unsigned long)kt_outer ? HITS INNER OUTER : HITS OUTER INNER));
	KT_EXPECT(t, file_is(T "function_profile_enabled", "2\n"));
	end(t);
}

KTEST(profile, refusals)
{
	KT_EXPECT_EQ(t, file_write(T "function_profile_enabled", "3", 0), -EINVAL);
	KT_EXPECT(t, file_has(T "error_log", "Only 0, 1, and 2 for hits without times"));
	KT_EXPECT_EQ(t, file_write(T "function_profile_enabled", "on", 0), -EINVAL);
	KT_EXPECT(t, file_is(T "function_profile_enabled", "0\n"));
	KT_EXPECT(t, file_write(T "trace_stat/function0", "0", 0) < 0);
}

static bool callers_stop;

static int call_until_stopped(void *data)
{
	unsigned long *calls = data;

	for (; !READ_ONCE(callers_stop); ++*calls) {
		kt_sum(1, 2);
		if (!(*calls % 64))
			yield();
	}
	return 0;
}

/* Threads on all CPUs call, interrupts are profiled too, and no call is lost. */
KTEST(profile, many_cpus)
{
	unsigned long calls[4] = { 0 }, all = 0, counted = 0;
	struct task_struct *callers[ARRAY_SIZE(calls)];
	struct profile_copy copy;
	enum profile_mode mode;
	unsigned int n;

	KT_EXPECT_EQ(t, file_write(T "function_profile_enabled", "1", 0), 0);
	callers_stop = false;
	for (n = 0; n < ARRAY_SIZE(calls); n++) {
		callers[n] = kthread_run(call_until_stopped, &calls[n], "kt-profile%u", n);
		KT_ASSERT(t, !IS_ERR(callers[n]));
	}
	msleep(40);
	WRITE_ONCE(callers_stop, true);
	for (n = 0; n < ARRAY_SIZE(calls); n++) {
		kthread_join(callers[n]);
		all += calls[n];
	}
	KT_EXPECT_EQ(t, trace_profile_read(RING_BUFFER_ALL_CPUS, &copy, &mode), 0);
	for (n = 0; n < copy.nr; n++) {
		if (arch_ftrace_function(copy.records[n].ip) == (unsigned long)kt_sum)
			counted += copy.records[n].counter;
	}
	KT_EXPECT(t, all > 0);
	KT_EXPECT_EQ(t, counted, all);
	KT_EXPECT_EQ(t, copy.missed, 0);
	trace_profile_free(&copy);
	KT_EXPECT_EQ(t, file_write(T "function_profile_enabled", "0", 0), 0);
	KT_EXPECT_EQ(t, file_count(T "enabled_functions", "("), 0);
}
