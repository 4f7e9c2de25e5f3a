/* SPDX-License-Identifier: MIT */
/*
 * The tracers irqsoff, preemptoff and preemptirqsoff as a user meets them, the option
 * display-graph, and the events of preemptirq. The sections are long for a kernel, but the host may
 * stop the machine in any other one, which is the longest then. What must be the longest is tried
 * again.
 */
#include "kernel/lib/glob.h"
#include "kernel/lib/string.h"
#include "kernel/mm/mm.h"
#include "kernel/printk.h"
#include "kernel/sched/current.h"
#include "kernel/sched/spinlock.h"
#include "kernel/sched/wait.h"
#include "kernel/time.h"
#include "tests/guest/ktest/files.h"
#include "tests/guest/ktest/ktest.h"
#include "tests/guest/ktest/targets.h"

#define T "/sys/kernel/tracing/"
#define SECTION_US 3000
#define TRIES 20

static char text[4096];

static void spin(unsigned int us)
{
	u64 start = ktime_get_ns();

	while (ktime_get_ns() - start < us * NSEC_PER_USEC)
		arch_cpu_relax();
}

/* --- Sections --- */

static noinline void kt_irqs_off(void)
{
	unsigned long flags = irq_save();

	kt_outer(kt_tail_end, 1);
	spin(SECTION_US);
	irq_restore(flags);
	barrier();
}

/* Each begins and ends in the outer function, whatever the inner one does. */
static noinline void kt_preempt_nested(void)
{
	preempt_disable();
	spin(SECTION_US / 2);
	preempt_disable();
	spin(SECTION_US / 2);
	preempt_enable();
	kt_irqs_off();
	preempt_enable();
	barrier();
}

static noinline void kt_irqs_nested(void)
{
	unsigned long flags = irq_save();

	kt_preempt_nested();
	irq_restore(flags);
	barrier();
}

/* Preemption is off first, and on again while interrupts are still off. */
static noinline unsigned long kt_overlap_begins(void)
{
	unsigned long flags;

	preempt_disable();
	spin(SECTION_US);
	flags = irq_save();
	barrier();
	return flags;
}

static noinline void kt_overlap_ends(unsigned long flags)
{
	preempt_enable();
	spin(SECTION_US);
	irq_restore(flags);
	barrier();
}

static void overlap(void)
{
	kt_overlap_ends(kt_overlap_begins());
}

static DEFINE_SPINLOCK(lock);

static noinline void kt_lock_held(void)
{
	unsigned long flags;

	spin_lock_irqsave(&lock, flags);
	spin(SECTION_US);
	spin_unlock_irqrestore(&lock, flags);
	barrier();
}

static noinline void kt_short(void)
{
	unsigned long flags = irq_save();

	irq_restore(flags);
	barrier();
}

/* --- The longest of them --- */

static bool begin(struct ktest *t, const char *tracer)
{
	tracing_restore(t);
	kt_one_cpu(t);
	return KT_EXPECT_EQ(t, file_write(T "set_ftrace_filter", "kt_outer kt_inner", 0), 0) &&
	       KT_EXPECT_EQ(t, file_write(T "current_tracer", tracer, 0), 0);
}

static void end(struct ktest *t)
{
	KT_EXPECT_EQ(t, file_write(T "current_tracer", "nop", 0), 0);
	KT_EXPECT_EQ(t, file_write(T "tracing_max_latency", "0", 0), 0);
	KT_EXPECT_EQ(t, file_write(T "set_ftrace_filter", "", 0), 0);
	KT_EXPECT_EQ(t, file_count(T "enabled_functions", "("), 0);
	KT_EXPECT(t, file_is(T "options/latency-format", "0\n"));
	KT_EXPECT(t, file_is(T "options/pause-on-trace", "0\n"));
	KT_EXPECT(t, file_has(T "snapshot", "Snapshot is freed"));
}

static unsigned long max_latency_us(void)
{
	char number[32] = "";
	unsigned long us = 0;

	file_read(T "tracing_max_latency", number, sizeof(number));
	return kstrtoul(number, 10, &us) ? 0 : us;
}

/* Runs @section until it is the longest; its trace is in `text` then. */
static bool is_longest(struct ktest *t, void (*section)(void), const char *started,
		       const char *ended)
{
	char first[64], last[64];

	scnprintf(first, sizeof(first), "#  => started at: %s\n", started);
	scnprintf(last, sizeof(last), "#  => ended at:   %s\n#\n#\n", ended);
	for (unsigned int n = 0; n < TRIES; n++) {
		file_write(T "tracing_max_latency", "0", 0);
		section();
		file_write(T "tracing_on", "0", 0);
		file_read(T "trace", text, sizeof(text));
		file_write(T "tracing_on", "1", 0);
		if (strstr(text, first) && strstr(text, last))
			return true;
	}
	ktest_fail(t, __FILE__, __LINE__, "not from %s to %s: \"%.600s\"", started, ended, text);
	return false;
}

static void matches(struct ktest *t, const char *pattern)
{
	if (!glob_match(pattern, strlen(pattern), text))
		ktest_fail(t, __FILE__, __LINE__, "\"%.1900s\"", text);
}

#define LEGEND							\
	"#                    _------=> CPU#            \n"	\
	"#                   / _-----=> irqs-off/BH-disabled\n"	\
	"#                  | / _----=> need-resched    \n"	\
	"#                  || / _---=> hardirq/softirq \n"	\
	"#                  ||| / _--=> preempt-depth   \n"	\
	"#                  |||| / _-=> migrate-disable \n"	\
	"#                  ||||| /     delay           \n"	\
	"#  cmd     pid     |||||| time  |   caller     \n"	\
	"#     \\\\   /        ||||||  \\\\    |    /       \n"
#define HEAD(tracer, events)								\
	"# tracer: " tracer "\n"							\
	"#\n"										\
	"# " tracer " latency trace v1.1.5 on *\n"					\
	"# --------------------------------------------------------------------\n"	\
	"# latency: ?* us, #" events "/" events ", CPU#? "				\
	"| (M:preempt VP:0, KP:0, SP:0 HP:0 #P:?)\n"					\
	"#    -----------------\n"							\
	"#    | task: ?*-?* (uid:0 nice:?* policy:0 rt_prio:0)\n"			\
	"#    -----------------\n"							\
	"#  => started at: kt_irqs_off\n"						\
	"#  => ended at:   kt_irqs_off\n"						\
	"#\n"										\
	"#\n"

KTEST(latency, irqsoff_as_text)
{
	KT_ASSERT(t, begin(t, "irqsoff"));
	KT_ASSERT(t, is_longest(t, kt_irqs_off, "kt_irqs_off", "kt_irqs_off"));
	matches(t, HEAD("irqsoff", "6") LEGEND
		"*-?*   ?d?.?. *us?: kt_irqs_off <-is_longest*\n"
		"*-?*   ?d?.?. *us?: kt_outer <-kt_irqs_off\n"
		"*-?*   ?d?.?. *us?: kt_inner <-kt_outer\n"
		"*-?*   ?d?.?. *us?: kt_irqs_off <-is_longest*\n"
		"*-?*   ?d?.?. *us?: tracer_hardirqs_on <-kt_irqs_off\n"
		"*-?*   ?d?.?. *us?: <stack trace>\n"
		" => kt_irqs_off\n"
		" => is_longest*\n*");
	KT_EXPECT(t, max_latency_us() >= SECTION_US);
	KT_EXPECT_EQ(t, file_write(T "options/function-trace", "0", 0), 0);
	KT_EXPECT(t, is_longest(t, kt_irqs_off, "kt_irqs_off", "kt_irqs_off"));
	KT_EXPECT(t, strstr(text, "us, #4/4,"));
	KT_EXPECT_EQ(t, file_write(T "options/function-trace", "1", 0), 0);
	end(t);
}

KTEST(latency, irqsoff_as_graph)
{
	KT_ASSERT(t, begin(t, "irqsoff"));
	KT_EXPECT_EQ(t, file_write(T "options/display-graph", "1", 0), 0);
	KT_ASSERT(t, is_longest(t, kt_irqs_off, "kt_irqs_off", "kt_irqs_off"));
	matches(t, HEAD("irqsoff", "11")
		"#                                       _-----=> irqs-off        \n"
		"#                                      / _----=> need-resched    \n"
		"#                                     | / _---=> hardirq/softirq \n"
		"#                                     || / _--=> preempt-depth   \n"
		"#                                     ||| /                      \n"
		"#   REL TIME      CPU  TASK/PID       ||||     DURATION   "
		"               FUNCTION CALLS\n"
		"#      |          |     |    |        ||||      |   |      "
		"               |   |   |   |\n"
		"*? us |   ?) *-* |  d?.?. |   0.000 us    |  kt_irqs_off();\n"
		"*? us |   ?) *-* |  d?.?. |               |  kt_outer() {\n"
		"*? us |   ?) *-* |  d?.?. | * us *|    kt_inner();\n"
		"*? us |   ?) *-* |  d?.?. | * us *|  }\n"
		"*? us |   ?) *-* |  d?.?. |   0.000 us    |  kt_irqs_off();\n"
		"*? us |   ?) *-* |  d?.?. |   0.000 us    |  tracer_hardirqs_on();\n"
		"*-?*   ?d?.?. *us?: <stack trace>\n"
		" => kt_irqs_off\n*");
	/* A threshold is about the section alone. */
	KT_EXPECT_EQ(t, file_write(T "tracing_thresh", "2000", 0), 0);
	KT_EXPECT(t, is_longest(t, kt_irqs_off, "kt_irqs_off", "kt_irqs_off"));
	KT_EXPECT(t, strstr(text, "kt_outer() {\n") && strstr(text, "us |   "));
	KT_EXPECT_EQ(t, file_write(T "tracing_thresh", "0", 0), 0);
	KT_EXPECT_EQ(t, file_write(T "options/display-graph", "0", 0), 0);
	KT_EXPECT_EQ(t, file_count(T "trace", "();"), 0);
	KT_EXPECT(t, is_longest(t, kt_irqs_off, "kt_irqs_off", "kt_irqs_off"));
	KT_EXPECT(t, strstr(text, "kt_inner <-kt_outer\n"));
	end(t);
}

/* Only the outermost place counts. */
KTEST(latency, sections_within_sections)
{
	KT_ASSERT(t, begin(t, "preemptoff"));
	KT_EXPECT(t, is_longest(t, kt_preempt_nested, "kt_preempt_nested", "kt_preempt_nested"));
	KT_EXPECT(t, strstr(text, "tracer_preempt_on <-kt_preempt_nested\n"));
	KT_EXPECT(t, strstr(text, "kt_inner <-kt_outer\n"));
	KT_EXPECT(t, max_latency_us() >= 2 * SECTION_US);
	KT_EXPECT(t, is_longest(t, kt_lock_held, "kt_lock_held", "kt_lock_held"));
	end(t);
	KT_ASSERT(t, begin(t, "irqsoff"));
	KT_EXPECT(t, is_longest(t, kt_preempt_nested, "kt_irqs_off", "kt_irqs_off"));
	KT_EXPECT(t, is_longest(t, kt_irqs_nested, "kt_irqs_nested", "kt_irqs_nested"));
	KT_EXPECT(t, is_longest(t, kt_lock_held, "kt_lock_held", "kt_lock_held"));
	end(t);
}

/* Each tracer sees what it is about of two sections that overlap. */
KTEST(latency, sections_that_overlap)
{
	KT_ASSERT(t, begin(t, "preemptirqsoff"));
	KT_EXPECT(t, is_longest(t, overlap, "kt_overlap_begins", "kt_overlap_ends"));
	KT_EXPECT(t, max_latency_us() >= 2 * SECTION_US);
	KT_EXPECT(t, strstr(text, "tracer_hardirqs_on <-kt_overlap_ends\n"));
	KT_EXPECT(t, is_longest(t, kt_irqs_nested, "kt_irqs_nested", "kt_irqs_nested"));
	KT_EXPECT_EQ(t, file_write(T "current_tracer", "preemptoff", 0), 0);
	KT_EXPECT(t, is_longest(t, overlap, "kt_overlap_begins", "kt_overlap_ends"));
	KT_EXPECT(t, strstr(text, "tracer_preempt_on <-kt_overlap_ends\n"));
	KT_EXPECT_EQ(t, file_write(T "current_tracer", "irqsoff", 0), 0);
	KT_EXPECT(t, is_longest(t, overlap, "kt_overlap_begins", "kt_overlap_ends"));
	end(t);
}

/* A shorter one changes nothing. */
KTEST(latency, longest_is_kept)
{
	unsigned long before = 0, after = 1;

	KT_ASSERT(t, begin(t, "irqsoff"));
	for (unsigned int n = 0; n < TRIES && before != after; n++) {
		KT_ASSERT(t, is_longest(t, kt_irqs_off, "kt_irqs_off", "kt_irqs_off"));
		before = max_latency_us();
		for (unsigned int i = 0; i < 100; i++)
			kt_short();
		after = max_latency_us();
	}
	KT_EXPECT_EQ(t, before, after);
	KT_EXPECT(t, before >= SECTION_US && before < 1000 * SECTION_US);
	end(t);
}

/* An idle CPU waits for 10 ms, from tick to tick, with interrupts off as it were. */
KTEST(latency, idle_is_no_section)
{
	unsigned long us = 0;

	KT_ASSERT(t, begin(t, "irqsoff"));
	for (unsigned int n = 0; n < TRIES; n++) {
		KT_EXPECT_EQ(t, file_write(T "tracing_max_latency", "0", 0), 0);
		msleep(50);
		us = max_latency_us();
		if (us && us < 5000)
			break;
	}
	KT_EXPECT(t, us && us < 5000);
	end(t);
}

/* Linux's names; in an interrupt, too. */
KTEST(latency, events_of_preemptirq)
{
	tracing_restore(t);
	kt_one_cpu(t);
	KT_EXPECT_EQ(t, file_write(T "events/preemptirq/enable", "1", 0), 0);
	kt_irqs_nested();
	msleep(20);
	KT_EXPECT_EQ(t, file_write(T "events/preemptirq/enable", "0", 0), 0);
	KT_EXPECT_EQ(t, file_count(T "trace", "irq_disable: caller=kt_irqs_"), 1);
	KT_EXPECT_EQ(t, file_count(T "trace", "irq_enable: caller=kt_irqs_nested+"), 1);
	KT_EXPECT_EQ(t, file_count(T "trace", "preempt_disable: caller=kt_preempt_nested+"), 1);
	KT_EXPECT_EQ(t, file_count(T "trace", "preempt_enable: caller=kt_preempt_nested+"), 1);
	KT_EXPECT_EQ(t, file_count(T "trace", "parent=kt_irqs_nested+"), 2);
	KT_EXPECT(t, file_count(T "trace", ".h.") > 0);
	KT_EXPECT(t, file_has(T "events/preemptirq/irq_disable/format",
			      "print fmt: \"caller=%pS parent=%pS\", "
			      "(void *)((unsigned long)(_stext) + REC->caller_offs), "));
	KT_EXPECT_EQ(t, file_write(T "trace", "", 0), 0);
}

/* The parent is the true one while function_graph hides it. */
KTEST(latency, true_parents)
{
	tracing_restore(t);
	kt_one_cpu(t);
	KT_EXPECT_EQ(t, file_write(T "set_ftrace_filter", "kt_irqs_off", 0), 0);
	KT_EXPECT_EQ(t, file_write(T "current_tracer", "function_graph", 0), 0);
	KT_EXPECT_EQ(t, file_write(T "events/preemptirq/irq_disable/enable", "1", 0), 0);
	kt_preempt_nested();
	KT_EXPECT_EQ(t, file_write(T "events/preemptirq/irq_disable/enable", "0", 0), 0);
	KT_EXPECT_EQ(t, file_count(T "trace", "irq_disable: caller=kt_irqs_off+"), 1);
	KT_EXPECT_EQ(t, file_count(T "trace", "parent=kt_preempt_nested+"), 1);
	KT_EXPECT_EQ(t, file_count(T "trace", "kt_irqs_off() {"), 1);
	KT_EXPECT_EQ(t, file_write(T "current_tracer", "nop", 0), 0);
	KT_EXPECT_EQ(t, file_write(T "set_ftrace_filter", "", 0), 0);
}
