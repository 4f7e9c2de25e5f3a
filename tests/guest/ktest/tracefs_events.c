/* SPDX-License-Identifier: MIT */
/* What the file `trace` shows of an event beside its line: stacks of any depth, and repeats. */
#include "kernel/printk.h"
#include "tests/guest/ktest/files.h"
#include "tests/guest/ktest/ktest.h"
#include "tests/guest/ktest/targets.h"
#include "trace/output/trace.h"

#define T "/sys/kernel/tracing/"

static noinline void go_down(unsigned int levels)
{
	if (levels)
		go_down(levels - 1);
	else
		trace_printk("the bottom\n");
	__asm__ volatile("" : : : "memory");		/* no tail call: each call gets a frame */
}

/* Each frame is shown, however deep the stack is. */
KTEST(tracefs, deep_stacks)
{
	kt_one_cpu(t);
	KT_EXPECT_EQ(t, file_write(T "trace_options", "stacktrace\n", 0), 0);
	go_down(20);
	KT_EXPECT_EQ(t, file_count(T "trace", " => go_down"), 21);
	KT_EXPECT_EQ(t, file_write(T "trace", "", 0), 0);
	go_down(149);
	KT_EXPECT_EQ(t, file_count(T "trace", " => go_down"), 150);
	KT_EXPECT(t, file_has(T "trace", " => ktest_tracefs_deep_stacks"));
	KT_EXPECT_EQ(t, file_count(T "trace", " more"), 0);
	KT_EXPECT_EQ(t, file_write(T "trace_options", "nostacktrace\n", 0), 0);
	tracing_restore(t);
}

/*
 * Calls from one place, whatever the compiler makes of loops: a call from another place is another
 * call.
 */
static void call_often(void (*function)(void), volatile unsigned int times)
{
	while (times--)
		function();
}

/*
 * With the clock that counts its readings, the last repeat came one reading before the event. Only
 * the end of the line is compared, because the beginning may have a thread's number and CPU 1.
 */
static void expect_repeats(struct ktest *t, unsigned int count)
{
	char text[32];

	scnprintf(text, sizeof(text), " %u 1\n", count);
	KT_EXPECT_EQ(t, file_count(T "trace", text), 1);
}

KTEST(tracefs, times_of_repeats)
{
	kt_one_cpu(t);
	KT_EXPECT_EQ(t, file_write(T "set_ftrace_filter", "kt_glob_*\n", 0), 0);
	KT_EXPECT_EQ(t, file_write(T "current_tracer", "function\n", 0), 0);
	KT_EXPECT_EQ(t, file_write(T "trace_options", "func-no-repeats\n", 0), 0);
	KT_EXPECT_EQ(t, file_write(T "trace_options", "raw\n", 0), 0);
	call_often(kt_glob_alpha, 20);
	/*
	 * The twenty calls were timed by another clock, and were dropped with the buffer's
	 * contents.
	 */
	KT_EXPECT_EQ(t, file_write(T "trace_clock", "counter\n", 0), 0);
	call_often(kt_glob_alpha, 5);
	kt_glob_beta();
	expect_repeats(t, 4);
	call_often(kt_glob_alpha, 8);
	kt_glob_beta();
	expect_repeats(t, 7);
	call_often(kt_glob_gamma, 10);
	KT_EXPECT_EQ(t, file_write(T "trace_options", "nofunc-no-repeats\n", 0), 0);
	expect_repeats(t, 9);
	KT_EXPECT_EQ(t, file_write(T "trace_options", "noraw\n", 0), 0);
	KT_EXPECT_EQ(t, file_write(T "trace_clock", "local\n", 0), 0);
	tracing_restore(t);
}
