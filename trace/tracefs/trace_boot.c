/* SPDX-License-Identifier: MIT */
/*
 * The start of the tracer: the small first buffer, the tracers, and the boot parameters, which have
 * Linux's names (docs/reference.md, "Boot parameters"). A wrong parameter is reported in the log
 * and ignored; boot goes on.
 */
#include "kernel/boot_info.h"
#include "kernel/bug.h"
#include "kernel/lib/errno.h"
#include "kernel/lib/string.h"
#include "kernel/mm/mm.h"
#include "kernel/sched/percpu.h"
#include "kernel/trace_hooks.h"
#include "trace/core/filter.h"
#include "trace/core/pattern.h"
#include "trace/events/trace_events.h"
#include "trace/ftrace.h"
#include "trace/output/trace.h"
#include "trace/output/trace_dump.h"
#include "trace/output/trace_snapshot.h"
#include "trace/probes/probe.h"
#include "trace/tracefs/tracefs.h"
#include "trace/tracers/trace_functions_graph.h"
#include "trace/tracers/trace_latency.h"
#include "trace/tracers/trace_stack.h"

BOOT_PARAM(trace_buf_size);
BOOT_PARAM(ftrace_dump_on_oops);
BOOT_PARAM(traceoff_on_warning);
BOOT_PARAM(trace_clock);
BOOT_PARAM(ftrace_filter);
BOOT_PARAM(ftrace_notrace);
BOOT_PARAM(ftrace);
BOOT_PARAM(trace_event);
BOOT_PARAM(trace_trigger);
BOOT_PARAM(kprobe_event);
BOOT_PARAM(trace_options);
BOOT_PARAM(ftrace_graph_filter);
BOOT_PARAM(ftrace_graph_notrace);
BOOT_PARAM(ftrace_graph_max_depth);
BOOT_PARAM(tracing_thresh);
BOOT_PARAM(stacktrace);
BOOT_PARAM(alloc_snapshot);
BOOT_PARAM(stacktrace_filter);
BOOT_PARAM(trace_instance);

#define BOOT_BUF_SIZE_MIN 4096ul

/* Call @apply for each item of NAME=a,b,c, and log those that it refuses. */
static void apply_list(const char *name, int (*apply)(const char *item))
{
	static char list[BOOT_CMDLINE_SIZE];	/* large enough for any list */
	char *rest = list, *item;
	unsigned int nr_items = 0;
	int err;

	if (!boot_param_value(name, list, sizeof(list)))
		return;
	while ((item = strsep(&rest, ",")) != NULL) {
		if (!*item)
			continue;
		nr_items++;
		err = apply(item);
		if (err)
			pr_warn("%s=%s: %s\n", name, item, errno_string(err));
	}
	if (!nr_items)
		pr_warn("%s=: nothing is named, ignored\n", name);
}

static int apply_option(const char *item)
{
	return trace_set_option(&global_trace, item);
}

static int apply_filter(const char *item)
{
	return ftrace_set_filter(global_trace.ops, item, (int)strlen(item), 0);
}

static int apply_notrace(const char *item)
{
	return ftrace_set_notrace(global_trace.ops, item, (int)strlen(item), 0);
}

static int apply_graph_pattern(bool exclude, const char *item)
{
	struct ftrace_hash *hash = ftrace_filter_copy(&trace_graph_filters, exclude);
	int err = hash ? ftrace_hash_match(hash, item, strlen(item)) : -ENOMEM;

	if (!err)
		return trace_graph_set_filter(exclude, hash);
	ftrace_hash_free(hash);
	return err;
}

static int apply_graph_filter(const char *item)
{
	return apply_graph_pattern(false, item);
}

static int apply_graph_notrace(const char *item)
{
	return apply_graph_pattern(true, item);
}

static int apply_graph_depth(const char *item)
{
	int depth, err = kstrtoint(item, 0, &depth);

	if (!err && depth < 0)
		err = -EINVAL;
	if (err)
		return err;
	trace_graph_max_depth = (unsigned int)depth;
	trace_graph_sync();
	return 0;
}

static int apply_threshold(const char *item)
{
	unsigned long us;
	int err = kstrtoul(item, 0, &us);

	if (!err && us > -1ul / (unsigned long)NSEC_PER_USEC)
		err = -ERANGE;
	if (err)
		return err;
	WRITE_ONCE(tracing_thresh, us * (unsigned long)NSEC_PER_USEC);
	trace_graph_sync();
	return 0;
}

static int apply_clock(const char *item)
{
	return tracing_set_clock(&global_trace, item);
}

static int apply_tracer(const char *item)
{
	return tracing_set_tracer(&global_trace, item);
}

static int apply_stack_filter(const char *item)
{
	return ftrace_set_filter(&stack_trace_ops, item, (int)strlen(item), 0);
}

/* As on Linux, a filter asks for the tracer as well. */
static void apply_stacktrace(void)
{
	char value[16];
	int err;

	if (!boot_param(stacktrace, value, sizeof(value)) &&
	    !boot_param(stacktrace_filter, value, sizeof(value)))
		return;
	err = trace_stack_set(true);
	if (err)
		pr_warn("stacktrace: %s\n", errno_string(err));
}

static int apply_event(const char *item)
{
	return trace_events_set(&global_trace, item);
}

/*
 * As on Linux, commas stand for blanks, semicolons part the probes, and each event that comes of
 * them is switched on.
 */
static void apply_kprobes(void)
{
	static char list[BOOT_CMDLINE_SIZE];
	char *rest = list, *item;
	struct probe_error error;
	int err;

	if (!boot_param(kprobe_event, list, sizeof(list)))
		return;
	for (char *comma = list; (comma = strchr(comma, ','));)
		*comma = ' ';
	while ((item = strsep(&rest, ";")) != NULL) {
		err = probe_command(item, PROBE_KPROBE, &error);
		if (err)
			pr_warn("kprobe_event=%s: %s\n", item,
				error.text ? error.text : errno_string(err));
	}
	probe_enable_all(PROBE_KPROBE);
}

static int apply_trigger(const char *item)
{
	return trace_events_boot_trigger(item);
}

/*
 * Resizes at once, and not when tracing begins, so that a size that is too large is reported now.
 */
static void apply_buffer_size(void)
{
	unsigned long long size;
	struct mm_stats stats;
	char value[32], *end;
	int err = -EINVAL;

	if (!boot_param(trace_buf_size, value, sizeof(value)))
		return;
	size = memparse(value, &end);
	/*
	 * memparse() returns ~0 for a number that is too large; text that fills `value` may be cut.
	 */
	if (end != value && !*end && size && size != ~0ull && strlen(value) < sizeof(value) - 1) {
		/* An eighth of the free memory is left for everything else in the kernel. */
		mm_get_stats(&stats);
		err = size / PAGE_SIZE > stats.free_pages / 8 * 7 / nr_cpus_online ? -ENOMEM :
		      tracing_resize(&global_trace, max((unsigned long)size, BOOT_BUF_SIZE_MIN),
				     RING_BUFFER_ALL_CPUS);
	}
	/* Instances that are made later get this size, too. */
	if (!err)
		global_trace.expanded_size = ring_buffer_size(global_trace.buffer, 0);
	if (err)
		pr_warn("trace_buf_size=%s: %s: %lu KiB for each CPU will be used\n", value,
			errno_string(err), global_trace.expanded_size >> 10);
}

static void apply_instance(void)
{
	static char value[BOOT_CMDLINE_SIZE];
	int err;

	if (!boot_param(trace_instance, value, sizeof(value)))
		return;
	err = trace_instance_boot(value);
	if (err)
		pr_warn("trace_instance=%s: %s\n", value, errno_string(err));
}

static void apply_alloc_snapshot(void)
{
	char value[2];
	int err;

	if (!boot_param(alloc_snapshot, value, sizeof(value)))
		return;
	err = tracing_alloc_snapshot(&global_trace);
	if (err)
		pr_warn("alloc_snapshot: %s\n", errno_string(err));
}

static void apply_dump_on_oops(void)
{
	char value[16];

	if (!boot_param(ftrace_dump_on_oops, value, sizeof(value)))
		return;
	if (!*value || !strcmp(value, "1"))
		ftrace_dump_on_oops = DUMP_ALL;
	else if (!strcmp(value, "2") || !strcmp(value, "orig_cpu"))
		ftrace_dump_on_oops = DUMP_ORIG;
	else if (strcmp(value, "0"))
		pr_warn("ftrace_dump_on_oops=%s: %s\n", value, errno_string(EINVAL));
}

/* As on Linux, anything but 0 and "off" switches it on. */
static void apply_traceoff_on_warning(void)
{
	char value[8];

	if (boot_param(traceoff_on_warning, value, sizeof(value)))
		traceoff_on_warning = strcmp(value, "0") && strcmp(value, "off");
}

void tracer_init(void)
{
	struct trace_array *tr = &global_trace;

	/* Each CPU has only two sub-buffers until the buffer is used. */
	tr->buffer = ring_buffer_alloc(1, RB_FL_OVERWRITE);
	if (!tr->buffer)
		panic("no memory for the trace buffer");
	tr->time_start = ring_buffer_time_stamp(tr->buffer);
	init_function_trace(tr);
	init_graph_trace();
	init_stack_trace();
	init_wakeup_trace();
	init_irqsoff_trace();
	trace_events_init();
	apply_buffer_size();
	apply_alloc_snapshot();
	apply_dump_on_oops();
	apply_traceoff_on_warning();
	apply_list(boot_param_trace_clock, apply_clock);
	apply_list(boot_param_ftrace_filter, apply_filter);
	apply_list(boot_param_ftrace_notrace, apply_notrace);
	apply_list(boot_param_ftrace_graph_filter, apply_graph_filter);
	apply_list(boot_param_ftrace_graph_notrace, apply_graph_notrace);
	apply_list(boot_param_ftrace_graph_max_depth, apply_graph_depth);
	apply_list(boot_param_tracing_thresh, apply_threshold);
	apply_list(boot_param_stacktrace_filter, apply_stack_filter);
	apply_stacktrace();
	apply_list(boot_param_ftrace, apply_tracer);
	apply_kprobes();
	apply_list(boot_param_trace_event, apply_event);
	apply_list(boot_param_trace_trigger, apply_trigger);
	apply_instance();
	/* Options come last, because they may be the tracer's own. */
	apply_list(boot_param_trace_options, apply_option);
}
