/* SPDX-License-Identifier: MIT */
/*
 * The tracer function_graph as a user sees it: the text of a trace, to the letter but for times,
 * with each option, and what the files leave out.
 */
#include "kernel/arch.h"
#include "kernel/fs/vfs.h"
#include "kernel/lib/errno.h"
#include "kernel/lib/glob.h"
#include "kernel/lib/string.h"
#include "kernel/mm/mm.h"
#include "kernel/printk.h"
#include "kernel/sched/current.h"
#include "kernel/time.h"
#include "tests/guest/ktest/files.h"
#include "tests/guest/ktest/ktest.h"
#include "tests/guest/ktest/targets.h"
#include "trace/arch.h"
#include "trace/output/trace.h"
#include "trace/tracers/fgraph.h"

#define T "/sys/kernel/tracing/"
#define HEADER								\
	"# tracer: function_graph\n#\n"					\
	"# CPU  DURATION                  FUNCTION CALLS\n"		\
	"# |     |   |                     |   |   |   |\n"
#define COLUMN_WIDTH 17			/* " 0) " and a duration */
#define MOST_TRIES 20			/* of what a busy host can spoil */

static char text[4096];

static notrace unsigned long call_sum(unsigned long value)
{
	return kt_sum(value, 0);
}

static notrace unsigned long call_sum_and_print(unsigned long value)
{
	trace_printk("value %lu\n", value);
	return kt_sum(value, 0);
}

static notrace unsigned long wait_for_tick(unsigned long value)
{
	unsigned long tick = jiffies;

	while (tick == jiffies)
		arch_cpu_relax();
	return value;
}

static bool begin(struct ktest *t)
{
	kt_one_cpu(t);
	return KT_EXPECT_EQ(t, file_write(T "set_ftrace_filter", "kt_outer kt_inner kt_sum", 0),
			    0) &&
	       KT_EXPECT_EQ(t, file_write(T "current_tracer", "function_graph", 0), 0);
}

static void end(struct ktest *t)
{
	KT_EXPECT_EQ(t, file_write(T "current_tracer", "nop", 0), 0);
	KT_EXPECT_EQ(t, file_write(T "set_ftrace_filter", "", 0), 0);
	KT_EXPECT_EQ(t, file_count(T "enabled_functions", "("), 0);
}

/* Replaces each duration by D and spaces. */
static void mask(char *line)
{
	unsigned int n;

	for (; line && *line; line = strchr(line, '\n'), line += line != NULL) {
		if (strncmp(line, " 0) ", 4) || strchr(line, '\n') <= line + COLUMN_WIDTH ||
		    line[COLUMN_WIDTH + 1] != '|')
			continue;
		for (n = 4; n <= COLUMN_WIDTH && line[n] == ' '; n++)
			;
		if (n > COLUMN_WIDTH || strchr("=<", line[n]))
			continue;
		memset(line + 4, ' ', COLUMN_WIDTH - 3);
		line[6] = 'D';
	}
}

/* Other CPUs' interrupts may call traced functions, too, so only this one's events are read. */
static noinline void trace_call(struct ktest *t, unsigned long (*hook)(unsigned long))
{
	ssize_t len;

	KT_EXPECT_EQ(t, file_write(T "trace", "", 0), 0);
	KT_EXPECT_EQ(t, kt_outer(hook, 40), 42);
	len = file_read(T "per_cpu/cpu0/trace", text, sizeof(text));
	if (!KT_EXPECT(t, len > 0))
		text[0] = '\0';
	mask(text);
}

static void expect_trace(struct ktest *t, const char *expected)
{
	size_t n = 0;

	while (text[n] && text[n] == expected[n])
		n++;
	if (text[n] != expected[n])
		ktest_fail(t, __FILE__, __LINE__, "differs at %u: \"%.100s\"", (unsigned int)n,
			   text + (n < 40 ? 0 : n - 40));
}

KTEST(graph, calls_as_text)
{
	KT_ASSERT(t, begin(t));
	trace_call(t, call_sum);
	expect_trace(t, HEADER
		" 0)               |  kt_outer() {\n"
		" 0)               |    kt_inner() {\n"
		" 0)   D           |      kt_sum();\n"
		" 0)   D           |    }\n"
		" 0)   D           |  }\n");
	trace_call(t, call_sum_and_print);
	expect_trace(t, HEADER
		" 0)               |  kt_outer() {\n"
		" 0)               |    kt_inner() {\n"
		" 0)               |      /* value 40 */\n"
		" 0)   D           |      kt_sum();\n"
		" 0)   D           |    }\n"
		" 0)   D           |  }\n");
	end(t);
}

/*
 * Where the host is busy, ticks come late, and then several at once: the call is made again until
 * there was one, where it was waited for.
 */
static void trace_tick(struct ktest *t, const char *expected)
{
	for (unsigned int tries = 0; tries < MOST_TRIES; tries++) {
		trace_call(t, wait_for_tick);
		if (strstr(text, expected))
			return;
	}
	expect_trace(t, expected);
}

KTEST(graph, interrupts_are_marked)
{
	KT_ASSERT(t, begin(t));
	KT_EXPECT_EQ(t, file_write(T "set_ftrace_filter", "kt_outer kt_inner scheduler_tick", 0),
		     0);
	trace_tick(t, HEADER
		" 0)               |  kt_outer() {\n"
		" 0)               |    kt_inner() {\n"
		" 0)   ==========> |\n"
		" 0)   D           |      scheduler_tick();\n"
		" 0)   <========== |\n"
		" 0)   D           |    }\n"
		" 0)   D           |  }\n");
	KT_EXPECT_EQ(t, file_write(T "options/funcgraph-irqs", "0", 0), 0);
	trace_tick(t, HEADER
		" 0)               |  kt_outer() {\n"
		" 0)   D           |    kt_inner();\n"
		" 0)   D           |  }\n");
	KT_EXPECT_EQ(t, file_write(T "options/funcgraph-irqs", "1", 0), 0);
	/* Without columns the arrows stand alone. */
	KT_EXPECT_EQ(t, file_write(T "trace_options", "nocontext-info", 0), 0);
	trace_tick(t, "  kt_inner() {\n==========>\n    scheduler_tick();\n<==========\n  }\n");
	KT_EXPECT_EQ(t, file_write(T "trace_options", "context-info", 0), 0);
	end(t);
}

static notrace unsigned long sleep_for_long(unsigned long value)
{
	msleep(120);
	return value;
}

/* Traces a call that sleeps. Is some duration more than 100 ms? */
static bool looks_long(struct ktest *t)
{
	KT_EXPECT_EQ(t, file_write(T "trace", "", 0), 0);
	KT_EXPECT_EQ(t, kt_outer(sleep_for_long, 40), 42);
	KT_EXPECT(t, file_has(T "trace", "kt_inner();"));
	return file_has(T "trace", " 0) @ ");
}

/* Is the call more than the threshold, so that it is recorded? */
static bool is_over_threshold(struct ktest *t)
{
	KT_EXPECT_EQ(t, file_write(T "trace", "", 0), 0);
	KT_EXPECT_EQ(t, kt_outer(sleep_for_long, 40), 42);
	return file_has(T "trace", "kt_outer");
}

/* A busy host can make any call long, but not each of many. */
static bool is_ever_short(struct ktest *t, bool (*is_long)(struct ktest *t))
{
	for (unsigned int tries = 0; tries < MOST_TRIES; tries++) {
		if (!is_long(t))
			return true;
	}
	return false;
}

/* The option leaves out the time that a thread sleeps, also with arguments and a threshold. */
KTEST(graph, sleep_time)
{
	KT_ASSERT(t, begin(t));
	KT_EXPECT(t, looks_long(t));
	KT_EXPECT_EQ(t, file_write(T "options/sleep-time", "0", 0), 0);
	KT_EXPECT(t, is_ever_short(t, looks_long));
	KT_EXPECT_EQ(t, file_write(T "tracing_thresh", "100000", 0), 0);
	KT_EXPECT(t, is_ever_short(t, is_over_threshold));
	KT_EXPECT_EQ(t, file_write(T "options/sleep-time", "1", 0), 0);
	KT_EXPECT(t, is_over_threshold(t));
	KT_EXPECT_EQ(t, file_write(T "tracing_thresh", "0", 0), 0);
	KT_EXPECT(t, looks_long(t));
	end(t);
}

/* Not the last thing it does, so that the call returns to here. */
static notrace unsigned long call_sum_in_between(unsigned long value)
{
	unsigned long sum = kt_sum(value, 0);

	barrier();
	return sum;
}

/* With an option, the trace is this glob. */
static void with_option(struct ktest *t, const char *option, const char *expected)
{
	char no[40];

	if (!KT_EXPECT_EQ(t, file_write(T "trace_options", option, 0), 0))
		return;
	trace_call(t, call_sum_in_between);
	if (!glob_match(expected, strlen(expected), text))
		ktest_fail(t, __FILE__, __LINE__, "%s: not \"%.600s\"", option, text);
	if (strncmp(option, "no", 2))
		scnprintf(no, sizeof(no), "no%s", option);
	KT_EXPECT_EQ(t, file_write(T "trace_options", strncmp(option, "no", 2) ? no : option + 2,
				   0), 0);
}

KTEST(graph, options)
{
	KT_ASSERT(t, begin(t));
	with_option(t, "funcgraph-tail", HEADER
		" 0)               |  kt_outer() {\n"
		" 0)               |    kt_inner() {\n"
		" 0)   D           |      kt_sum();\n"
		" 0)   D           |    } /* kt_inner */\n"
		" 0)   D           |  } /* kt_outer */\n");
	/* A suite that ran before may have left this thread some. */
	with_option(t, "funcgraph-overrun", HEADER
		" 0)               |  kt_outer() {\n"
		" 0)               |    kt_inner() {\n"
		" 0)   D           |      kt_sum();\n"
		" 0)   D           |    }\n (Overruns: *)\n"
		" 0)   D           |  }\n (Overruns: *)\n");
	with_option(t, "funcgraph-retval", HEADER
		" 0)               |  kt_outer() {\n"
		" 0)               |    kt_inner() {\n"
		" 0)   D           |      kt_sum(); /* = 0x28 */\n"
		" 0)   D           |    } /* kt_inner = 0x29 */\n"
		" 0)   D           |  } /* kt_outer = 0x2a */\n");
	KT_EXPECT_EQ(t, file_write(T "trace_options", "funcgraph-retval", 0), 0);
	with_option(t, "funcgraph-retval-hex", HEADER
		" 0)               |  kt_outer() {\n"
		" 0)               |    kt_inner() {\n"
		" 0)   D           |      kt_sum(); /* = 0x28 */\n"
		" 0)   D           |    } /* kt_inner = 0x29 */\n"
		" 0)   D           |  } /* kt_outer = 0x2a */\n");
	/* Both are in one comment. */
	with_option(t, "funcgraph-retaddr", HEADER
		" 0)               |  kt_outer() { /* <-trace_call+0x*/0x* */\n"
		" 0)               |    kt_inner() { /* <-kt_outer+0x*/0x* */\n"
		" 0)   D           |      kt_sum(); /* <-call_sum_in_between+0x*/0x* = 0x28 */\n"
		" 0)   D           |    } /* kt_inner = 0x29 */\n"
		" 0)   D           |  } /* kt_outer = 0x2a */\n");
	KT_EXPECT_EQ(t, file_write(T "trace_options", "nofuncgraph-retval", 0), 0);
	with_option(t, "nofuncgraph-overhead", HEADER
		" 0)               |  kt_outer() {\n"
		" 0)               |    kt_inner() {\n"
		" 0)   D           |      kt_sum();\n"
		" 0)   D           |    }\n"
		" 0)   D           |  }\n");
	with_option(t, "funcgraph-retaddr", HEADER
		" 0)               |  kt_outer() { /* <-trace_call+0x*/0x* */\n"
		" 0)               |    kt_inner() { /* <-kt_outer+0x*/0x* */\n"
		" 0)   D           |      kt_sum(); /* <-call_sum_in_between+0x*/0x* */\n"
		" 0)   D           |    }\n"
		" 0)   D           |  }\n");
	with_option(t, "funcgraph-proc",
		"# tracer: function_graph\n#\n"
		"# CPU  TASK/PID         DURATION                  FUNCTION CALLS\n"
		"# |     |    |           |   |                     |   |   |   |\n"
		" 0) ?????????????? |               |  kt_outer() {\n"
		" 0) ?????????????? |               |    kt_inner() {\n"
		" 0) ?????????????? | * us *|      kt_sum();\n"
		" 0) ?????????????? | * us *|    }\n"
		" 0) ?????????????? | * us *|  }\n");
	with_option(t, "funcgraph-abstime",
		"# tracer: function_graph\n#\n"
		"#     TIME        CPU  DURATION                  FUNCTION CALLS\n"
		"#      |          |     |   |                     |   |   |   |\n"
		"?????.?????? |   0)               |  kt_outer() {\n"
		"?????.?????? |   0)               |    kt_inner() {\n"
		"?????.?????? |   0) * us *|      kt_sum();\n"
		"?????.?????? |   0) * us *|    }\n"
		"?????.?????? |   0) * us *|  }\n");
	with_option(t, "nofuncgraph-duration",
		"# tracer: function_graph\n#\n"
		"# CPU               FUNCTION CALLS\n# |                 |   |   |   |\n"
		" 0) kt_outer() {\n 0)   kt_inner() {\n 0)     kt_sum();\n 0)   }\n 0) }\n");
	with_option(t, "nofuncgraph-cpu",
		"# tracer: function_graph\n#\n"
		"#  DURATION                  FUNCTION CALLS\n"
		"#   |   |                     |   |   |   |\n"
		"              |  kt_outer() {\n"
		"              |    kt_inner() {\n"
		"* us *|      kt_sum();\n"
		"* us *|    }\n"
		"* us *|  }\n");
	KT_EXPECT(t, file_is(T "options/funcgraph-cpu", "1\n"));
	KT_EXPECT(t, file_is(T "options/funcgraph-tail", "0\n"));
	KT_EXPECT_EQ(t, file_write(T "trace_options", "funcgraph-nonsense", 0), -EINVAL);
	end(t);
}

static void expect_refused(struct ktest *t, const char *path)
{
	KT_EXPECT_EQ(t, file_write(path, "kt_no_such_function", 0), -EINVAL);
	KT_EXPECT(t, file_has(T "error_log", "No function matches"));
}

KTEST(graph, files_leave_calls_out)
{
	KT_ASSERT(t, begin(t));
	KT_EXPECT(t, file_is(T "set_graph_function", "#### all functions enabled ####\n"));
	KT_EXPECT(t, file_is(T "set_graph_notrace", "#### no functions disabled ####\n"));
	KT_EXPECT_EQ(t, file_write(T "set_graph_function", "kt_inn*", 0), 0);
	KT_EXPECT(t, file_is(T "set_graph_function", "kt_inner\n"));
	trace_call(t, call_sum);
	expect_trace(t, HEADER
		" 0)               |  kt_inner() {\n"
		" 0)   D           |    kt_sum();\n"
		" 0)   D           |  }\n");
	KT_EXPECT_EQ(t, file_write(T "max_graph_depth", "1", 0), 0);
	trace_call(t, call_sum);
	expect_trace(t, HEADER " 0)   D           |  kt_inner();\n");
	KT_EXPECT_EQ(t, file_write(T "set_graph_function", "", 0), 0);
	KT_EXPECT_EQ(t, file_write(T "max_graph_depth", "0", 0), 0);
	KT_EXPECT_EQ(t, file_write(T "set_graph_notrace", "kt_inner", 0), 0);
	trace_call(t, call_sum);
	expect_trace(t, HEADER " 0)   D           |  kt_outer();\n");
	expect_refused(t, T "set_graph_function");
	expect_refused(t, T "set_graph_notrace");
	KT_EXPECT(t, file_is(T "set_graph_notrace", "kt_inner\n"));
	KT_EXPECT_EQ(t, file_write(T "max_graph_depth", "deep", 0), -EINVAL);
	KT_EXPECT_EQ(t, file_write(T "set_graph_notrace", "", 0), 0);
	end(t);
}

/* Everything is traced, and the trace can be read while it is. */
KTEST(graph, all_functions)
{
	kt_one_cpu(t);
	KT_EXPECT_EQ(t, file_write(T "current_tracer", "function_graph", 0), 0);
	KT_EXPECT(t, file_has(T "trace", "() {\n"));
	KT_EXPECT(t, file_has(T "trace", "|  }\n"));
	KT_EXPECT_EQ(t, file_write(T "current_tracer", "nop", 0), 0);
	KT_EXPECT_EQ(t, file_count(T "enabled_functions", "("), 0);
	tracing_reset(&global_trace);
}

/* --- The numbers in the events --- */

/*
 * Returns what is wrong with the events of one call of kt_sum(40, 0) at @depth: an entry and a
 * return that the thread has made, whose times are those of the events.
 */
static const char *wrong_with_call(int depth)
{
	const struct ftrace_graph_ent_entry *entry;
	const struct ftrace_graph_ret_entry *ret;
	struct ring_buffer_event *event;
	u64 ts, called;

	event = ring_buffer_consume(global_trace.buffer, 0, &called, NULL);
	if (!event || ring_buffer_event_length(event) != sizeof(*entry))
		return "no entry";
	entry = ring_buffer_event_data(event);
	if (entry->ent.type != TRACE_GRAPH_ENT || entry->ent.pid != current->pid ||
	    (int)entry->depth != depth ||
	    arch_ftrace_function(entry->func) != (unsigned long)kt_sum)
		return "another entry";
	event = ring_buffer_consume(global_trace.buffer, 0, &ts, NULL);
	if (!event || ring_buffer_event_length(event) != sizeof(*ret))
		return "no return";
	ret = ring_buffer_event_data(event);
	if (ret->ent.type != TRACE_GRAPH_RET || ret->ent.pid != current->pid ||
	    ret->depth != depth || arch_ftrace_function(ret->func) != (unsigned long)kt_sum ||
	    ret->retval != 40)
		return "another return";
	/* An event that begins a sub-buffer, or finds an old base, gets its time a little later. */
	if (ret->calltime < called || ret->calltime > ret->rettime || ret->rettime > ts)
		return "times in the wrong order";
	return ret->calltime == called && ret->rettime == ts ? NULL : "each end has two times";
}

/* Calls enough for several sub-buffers. Nearly all times are those of their events. */
KTEST(graph, times_of_events)
{
	unsigned int two_times = 0;
	const char *wrong = NULL;

	KT_ASSERT(t, begin(t));
	tracing_reset(&global_trace);
	for (unsigned int n = 0; n < 300; n++)
		kt_sum(40, 0);
	for (unsigned int n = 0; n < 300 && !wrong; n++) {
		wrong = wrong_with_call(0);
		if (wrong && !strcmp(wrong, "each end has two times")) {
			two_times++;
			wrong = NULL;
		}
	}
	if (wrong)
		ktest_fail(t, __FILE__, __LINE__, "%s", wrong);
	KT_EXPECT(t, two_times < 30);
	KT_EXPECT(t, ring_buffer_empty_cpu(global_trace.buffer, 0));
	end(t);
}

/* --- A file changes while functions that it names are open --- */

static notrace unsigned long clear_function_file(unsigned long value)
{
	if (file_write(T "set_graph_function", "", 0))
		return 0;
	return kt_sum(value, 0);
}

static notrace unsigned long clear_notrace_file(unsigned long value)
{
	if (file_write(T "set_graph_notrace", "", 0))
		return 0;
	return kt_sum(value, 0);
}

KTEST(graph, files_change_inside)
{
	KT_ASSERT(t, begin(t));
	KT_EXPECT_EQ(t, file_write(T "set_graph_function", "kt_inner", 0), 0);
	trace_call(t, clear_function_file);
	KT_EXPECT(t, file_has(T "trace", "    kt_sum();\n"));
	/* It is over, so that calls elsewhere are left out again. */
	KT_EXPECT_EQ(t, file_write(T "set_graph_function", "kt_inner", 0), 0);
	KT_EXPECT_EQ(t, file_write(T "trace", "", 0), 0);
	kt_sum(1, 2);
	KT_EXPECT_EQ(t, file_count(T "trace", "kt_sum"), 0);
	KT_EXPECT_EQ(t, file_write(T "set_graph_function", "", 0), 0);

	KT_EXPECT_EQ(t, file_write(T "set_graph_notrace", "kt_inner", 0), 0);
	trace_call(t, clear_notrace_file);
	KT_EXPECT_EQ(t, file_count(T "trace", "kt_inner"), 0);
	KT_EXPECT_EQ(t, file_write(T "set_graph_notrace", "kt_inner", 0), 0);
	KT_EXPECT_EQ(t, file_write(T "trace", "", 0), 0);
	kt_sum(1, 2);
	KT_EXPECT_EQ(t, file_count(T "trace", "kt_sum();"), 1);
	KT_EXPECT_EQ(t, file_write(T "set_graph_notrace", "", 0), 0);
	end(t);
}

/* --- A function that a file names is left for good --- */

static void *jump_to[5];

static notrace unsigned long jump_back(unsigned long value)
{
	__builtin_longjmp(jump_to, 1);
}

static notrace noinline unsigned long leave_for_good(unsigned long value)
{
	if (!__builtin_setjmp(jump_to))
		kt_tail(jump_back, value);
	return value;
}

/* What comes after it is not inside of it any more. kt_outer() takes its frame away. */
KTEST(graph, left_for_good)
{
	KT_ASSERT(t, begin(t));
	KT_EXPECT_EQ(t, file_write(T "set_ftrace_filter", "kt_outer kt_tail kt_sum", 0), 0);
	KT_EXPECT_EQ(t, file_write(T "set_graph_notrace", "kt_tail", 0), 0);
	KT_EXPECT_EQ(t, kt_outer(leave_for_good, 40), 42);
	KT_EXPECT_EQ(t, file_write(T "trace", "", 0), 0);
	KT_EXPECT_EQ(t, kt_sum(1, 2), 3);
	KT_EXPECT_EQ(t, file_count(T "trace", "kt_sum();"), 1);
	KT_EXPECT_EQ(t, file_write(T "set_graph_notrace", "", 0), 0);
	end(t);
}

static notrace unsigned long spin_a_while(unsigned long value)
{
	u64 until = ktime_get_ns() + NSEC_PER_MSEC;

	while (ktime_get_ns() < until)
		arch_cpu_relax();
	return kt_sum(value, 0);
}

/* Only the ends of calls that took so long: no entries, and kt_sum() is short. */
KTEST(graph, threshold)
{
	KT_ASSERT(t, begin(t));
	KT_EXPECT(t, file_is(T "tracing_thresh", "0\n"));
	KT_EXPECT_EQ(t, file_write(T "tracing_thresh", "900", 0), 0);
	KT_EXPECT(t, file_is(T "tracing_thresh", "900\n"));
	/* The host may stop the machine within kt_sum() for so long, but hardly each time. */
	for (unsigned int n = 0; n < 8; n++) {
		trace_call(t, spin_a_while);
		if (!strstr(text, "kt_sum"))
			break;
	}
	expect_trace(t, HEADER
		" 0)   D           |    } /* kt_inner */\n"
		" 0)   D           |  } /* kt_outer */\n");
	KT_EXPECT_EQ(t, file_write(T "tracing_thresh", "4000000", 0), 0);
	trace_call(t, spin_a_while);
	expect_trace(t, HEADER);
	KT_EXPECT_EQ(t, file_write(T "tracing_thresh", "short", 0), -EINVAL);
	KT_EXPECT_EQ(t, file_write(T "tracing_thresh", "99999999999999999999", 0), -ERANGE);
	KT_EXPECT_EQ(t, file_write(T "tracing_thresh", "0", 0), 0);
	trace_call(t, call_sum);
	KT_EXPECT(t, strstr(text, " 0)   D           |      kt_sum();\n"));
	end(t);
}

/* --- The function tracer beside a user of the function graph --- */

static int notrace follow(struct ftrace_graph_ent *trace, struct fgraph_ops *gops,
			  struct ftrace_regs *fregs)
{
	return 1;
}

static notrace unsigned long call_tail(unsigned long value)
{
	unsigned long result = kt_tail(kt_tail_end, value);

	barrier();			/* so that this is no tail call, too */
	return result;
}

static void expect_callers(struct ktest *t)
{
	KT_EXPECT_EQ(t, file_write(T "trace", "", 0), 0);
	KT_EXPECT_EQ(t, kt_outer(call_tail, 40), 43);
	KT_EXPECT_EQ(t, file_count(T "trace", "return_to_handler"), 0);
	KT_EXPECT_EQ(t, file_count(T "trace", ": kt_inner <-kt_outer\n"), 1);
	KT_EXPECT_EQ(t, file_count(T "trace", ": kt_tail <-call_tail\n"), 1);
	KT_EXPECT_EQ(t, file_count(T "trace", KT_HAS_TAIL_CALLS ? ": kt_tail_end <-call_tail\n" :
				   ": kt_tail_end <-kt_tail\n"), 1);
}

/* It shows true callers, whichever of the two came first, with every callback that it has. */
KTEST(graph, function_tracer_shows_callers)
{
	static const char *const options[] = { "nofunc_stack_trace", "func-no-repeats" };
	static struct fgraph_ops gops;

	KT_EXPECT_EQ(t, file_write(T "set_ftrace_filter", "kt_outer kt_inner kt_tail*", 0), 0);
	kt_one_cpu(t);
	gops.entryfunc = follow;
	for (unsigned int n = 0; n < 2; n++) {
		KT_EXPECT_EQ(t, ftrace_set_filter(&gops.ops, "kt_[oit]*", 9, 1), 0);
		KT_EXPECT_EQ(t, register_ftrace_graph(&gops), 0);
		KT_EXPECT_EQ(t, file_write(T "current_tracer", "function", 0), 0);
		KT_EXPECT_EQ(t, file_write(T "trace_options", options[n], 0), 0);
		expect_callers(t);
		KT_EXPECT_EQ(t, unregister_ftrace_graph(&gops), 0);
		expect_callers(t);
		KT_EXPECT_EQ(t, register_ftrace_graph(&gops), 0);
		expect_callers(t);
		KT_EXPECT_EQ(t, unregister_ftrace_graph(&gops), 0);
		ftrace_free_filter(&gops.ops);
		KT_EXPECT_EQ(t, file_write(T "trace_options", "nofunc-no-repeats", 0), 0);
		KT_EXPECT_EQ(t, file_write(T "current_tracer", "nop", 0), 0);
	}
	KT_EXPECT_EQ(t, file_write(T "set_ftrace_filter", "", 0), 0);
	KT_EXPECT_EQ(t, file_count(T "enabled_functions", "("), 0);
}
