/* SPDX-License-Identifier: MIT */
/*
 * The stack tracer as a user meets it: the text of stack_trace, what functions of known frames have
 * on the stack, in threads and in interrupts, and on all CPUs at once.
 */
#include "kernel/arch.h"
#include "kernel/lib/errno.h"
#include "kernel/lib/glob.h"
#include "kernel/lib/string.h"
#include "kernel/sched/current.h"
#include "kernel/sched/percpu.h"
#include "kernel/smp.h"
#include "kernel/time.h"
#include "tests/guest/ktest/files.h"
#include "tests/guest/ktest/ktest.h"
#include "tests/guest/ktest/targets.h"
#include "trace/arch.h"
#include "trace/tracers/trace_stack.h"

#define T "/sys/kernel/tracing/"
#define SWITCH "/proc/sys/kernel/stack_tracer_enabled"
#define ROOM 1000			/* bytes on the stack of a test's function */
#define SLACK 320			/* what it has besides, KASAN's red zones among it */

#define DISABLED							\
	"        Depth    Size   Location    (0 entries)\n"		\
	"        -----    ----   --------\n"				\
	"#\n#  Stack tracer disabled\n#\n"				\
	"# To enable the stack tracer, either add 'stacktrace' to the\n"	\
	"# kernel command line\n"					\
	"# or 'echo 1 > /proc/sys/kernel/stack_tracer_enabled'\n#\n"

static struct stack_trace_max largest;
static char text[4096];

static noinline unsigned long with_room(unsigned long value)
{
	volatile unsigned char room[ROOM];
	unsigned long sum;

	room[value] = 0;
	sum = kt_sum(value, room[value]);
	barrier();
	return sum + room[value];
}

static bool begin(struct ktest *t, const char *filter)
{
	kt_one_cpu(t);
	return KT_EXPECT_EQ(t, file_write(T "stack_trace_filter", filter, 0), 0) &&
	       KT_EXPECT_EQ(t, file_write(T "stack_max_size", "0", 0), 0) &&
	       KT_EXPECT_EQ(t, file_write(SWITCH, "1", 0), 0);
}

static void end(struct ktest *t)
{
	KT_EXPECT_EQ(t, file_write(SWITCH, "0", 0), 0);
	KT_EXPECT_EQ(t, file_write(T "stack_trace_filter", "", 0), 0);
	KT_EXPECT_EQ(t, file_write(T "stack_max_size", "0", 0), 0);
	KT_EXPECT_EQ(t, file_count(T "enabled_functions", "("), 0);
}

/* The number of @function's entry, or -1. */
static int entry_of(const void *function)
{
	for (unsigned int n = 0; n < largest.nr; n++) {
		if (largest.entries[n].pc - (unsigned long)function < 1000)
			return (int)n;
	}
	return -1;
}

/* What each has on the stack is not negative, and all of it is what stack_max_size says. */
static void expect_sound(struct ktest *t)
{
	KT_EXPECT(t, largest.nr > 1 && !largest.left_out);
	KT_EXPECT_EQ(t, largest.entries[0].depth, largest.size);
	for (unsigned int n = 1; n < largest.nr; n++)
		KT_EXPECT(t, largest.entries[n].depth <= largest.entries[n - 1].depth);
}

/*
 * The stacks of ticks that came before there was all of its frame are forgotten; and those of other
 * CPUs are not waited for.
 */
static noinline unsigned long with_room_until_tick(unsigned long value)
{
	volatile unsigned char room[ROOM];

	room[value] = 0;
	trace_stack_set_max_size(0);
	do {
		trace_stack_read(&largest);
	} while (entry_of(with_room_until_tick) < 0);
	return value + room[value];
}

static void expect_room(struct ktest *t, const void *function)
{
	int n = entry_of(function);
	unsigned int own;

	if (!KT_EXPECT(t, n >= 0 && (unsigned int)n + 1 < largest.nr))
		return;
	own = largest.entries[n].depth - largest.entries[n + 1].depth;
	if (own < ROOM || own > ROOM + SLACK)
		ktest_fail(t, __FILE__, __LINE__, "%u bytes on the stack", own);
}

KTEST(stack, frames)
{
	KT_ASSERT(t, begin(t, "kt_sum"));
	KT_EXPECT_EQ(t, kt_outer(with_room, 40), 42);
	trace_stack_read(&largest);
	expect_sound(t);
	KT_EXPECT_EQ(t, entry_of(kt_sum), 0);
	expect_room(t, with_room);
	KT_EXPECT(t, entry_of(kt_outer) > entry_of(kt_inner));
	end(t);
}

KTEST(stack, text)
{
	static const char expected[] =
		"        Depth    Size   Location    (?* entries)\n"
		"        -----    ----   --------\n"
		"  0)     ????      ??*   kt_sum+0x?*/0x?*\n"
		"  1)     ????    1???   with_room+0x?*/0x?*\n"
		"  2)     ????      ??*   kt_inner+0x?*/0x?*\n"
		"  3)     ????      ??*   kt_outer+0x?*/0x?*\n"
		"  4)     *";

	KT_EXPECT_EQ(t, file_write(T "stack_max_size", "0", 0), 0);
	KT_EXPECT(t, file_is(T "stack_trace", DISABLED));
	KT_ASSERT(t, begin(t, "kt_sum"));
	KT_EXPECT_EQ(t, kt_outer(with_room, 40), 42);
	KT_EXPECT(t, file_read(T "stack_trace", text, sizeof(text)) > 0);
	if (!glob_match(expected, strlen(expected), text))
		ktest_fail(t, __FILE__, __LINE__, "\"%.600s\"", text);
	KT_EXPECT(t, !file_is(T "stack_max_size", "0\n"));
	KT_EXPECT(t, file_is(SWITCH, "1\n"));
	KT_EXPECT(t, file_is(T "stack_trace_filter", "kt_sum\n"));
	/* A smaller stack changes nothing, and neither does one that is not above what was set. */
	trace_stack_read(&largest);
	kt_sum(1, 2);
	KT_EXPECT_EQ(t, trace_stack_max_size(), largest.size);
	KT_EXPECT_EQ(t, file_write(T "stack_max_size", "100000", 0), 0);
	KT_EXPECT_EQ(t, kt_outer(with_room, 40), 42);
	KT_EXPECT(t, file_is(T "stack_max_size", "100000\n"));
	end(t);
	KT_EXPECT(t, file_is(T "stack_trace_filter", "#### all functions enabled ####\n"));
}

/* An interrupt has its frames above those of the thread that it has interrupted. */
KTEST(stack, interrupts)
{
	KT_ASSERT(t, begin(t, "scheduler_tick"));
	KT_EXPECT_EQ(t, kt_outer(with_room_until_tick, 40), 42);
	expect_sound(t);
	KT_EXPECT_EQ(t, entry_of(scheduler_tick), 0);
	KT_EXPECT(t, entry_of(with_room_until_tick) > 1);
	expect_room(t, with_room_until_tick);
	KT_EXPECT(t, entry_of(kt_outer) > entry_of(with_room_until_tick));
	end(t);
}

static unsigned int calls_by_cpu[NR_CPUS];

static void call_often(void *arg)
{
	for (unsigned int n = 0; n < 200; n++) {
		/* Each round needs a new maximum of somebody. */
		if (n % 16 == smp_processor_id())
			trace_stack_set_max_size(0);
		kt_outer(n % 2 ? with_room : kt_tail_end, 40);
	}
	calls_by_cpu[smp_processor_id()]++;
}

/* Every CPU finds larger stacks at the same time, and resets; what is read is always one stack. */
KTEST(stack, all_cpus)
{
	KT_ASSERT(t, begin(t, "kt_*"));
	memset(calls_by_cpu, 0, sizeof(calls_by_cpu));
	on_each_cpu(call_often, NULL);
	for (unsigned int cpu = 0; cpu < nr_cpus_online; cpu++)
		KT_EXPECT_EQ(t, calls_by_cpu[cpu], 1);
	trace_stack_set_max_size(0);
	KT_EXPECT_EQ(t, kt_outer(with_room, 40), 42);
	trace_stack_read(&largest);
	expect_sound(t);
	end(t);
}

/* All functions, while the files are read; function graph's hidden return addresses do not show. */
KTEST(stack, all_functions)
{
	KT_EXPECT_EQ(t, file_write(T "current_tracer", "function_graph", 0), 0);
	KT_ASSERT(t, begin(t, ""));
	KT_EXPECT_EQ(t, kt_outer(with_room, 40), 42);
	KT_EXPECT(t, file_has(T "stack_trace", "Location"));
	/* With blanks before it: an interrupt may find ftrace_return_to_handler() at work. */
	if (!KT_EXPECT_EQ(t, file_count(T "stack_trace", "   return_to_handler"), 0)) {
		file_read(T "stack_trace", text, sizeof(text));
		ktest_note(t, "%s", text);
	}
	trace_stack_read(&largest);
	expect_sound(t);
	KT_EXPECT_EQ(t, file_write(SWITCH, "0", 0), 0);
	KT_EXPECT_EQ(t, file_write(T "current_tracer", "nop", 0), 0);
	end(t);
}

KTEST(stack, bad_input)
{
	static const char *const words[] = { "2", "-1", "on" };

	for (unsigned int n = 0; n < ARRAY_SIZE(words); n++)
		KT_EXPECT_EQ(t, file_write(SWITCH, words[n], 0), -EINVAL);
	KT_EXPECT_EQ(t, file_write(T "stack_max_size", "large", 0), -EINVAL);
	KT_EXPECT_EQ(t, file_write(T "stack_max_size", "99999999999999999999", 0), -ERANGE);
	KT_EXPECT_EQ(t, file_write(T "stack_trace_filter", "kt_no_such_function", 0), -EINVAL);
	KT_EXPECT(t, file_has(T "error_log", "stack_trace_filter"));
	KT_EXPECT(t, file_is(SWITCH, "0\n"));
}
