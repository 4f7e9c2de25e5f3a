/* SPDX-License-Identifier: MIT */
/*
 * Measures what recording costs: with the function tracer, trace_printk, trace_marker, and the ring
 * buffer alone.
 */
#include "kernel/events/sched.h"
#include "kernel/lib/errno.h"
#include "kernel/lib/string.h"
#include "kernel/sched/wait.h"
#include "tests/guest/bench/bench.h"
#include "trace/events/trace_events.h"
#include "trace/output/trace.h"
#include "trace/probes/probe.h"
#include "trace/ring_buffer/ring_buffer_write.h"

#define EVENT_SIZE 20

static void empty_buffer(void)
{
	tracing_reset(&global_trace);
}

static int function_up(void)
{
	int err = ftrace_set_filter_ip(global_trace.ops, (unsigned long)bench_tracee, 0, 1);

	if (!err)
		err = tracing_set_tracer(&global_trace, "function");
	if (err)
		ftrace_set_filter(global_trace.ops, NULL, 0, 1);
	return err;
}

static void function_down(void)
{
	tracing_set_tracer(&global_trace, "nop");
	ftrace_set_filter(global_trace.ops, NULL, 0, 1);
	empty_buffer();
}

/*
 * A buffer that each timing fills exactly once, after it has been filled before: every new
 * sub-buffer overwrites an old one, and each timing meets the end of the ring equally often.
 */
static unsigned long usual_size;

static void restore_size(void)
{
	function_down();
	tracing_resize(&global_trace, usual_size, RING_BUFFER_ALL_CPUS);
}

static int function_full_up(void)
{
	unsigned long event = RB_HEADER_SIZE + sizeof(struct ftrace_entry);
	unsigned long pages = BENCH_CALLS / (RB_DATA_SIZE / event);
	unsigned int i;
	int err;

	usual_size = ring_buffer_size(global_trace.buffer, 0);
	err = tracing_resize(&global_trace, pages * RB_DATA_SIZE, RING_BUFFER_ALL_CPUS);
	if (err)
		return err;
	err = function_up();
	if (err)
		tracing_resize(&global_trace, usual_size, RING_BUFFER_ALL_CPUS);
	for (i = 0; !err && i < BENCH_CALLS; i++)
		bench_tracee();
	return err;
}

static int function_off_up(void)
{
	int err = function_up();

	if (!err)
		tracing_off();
	return err;
}

static void function_off_down(void)
{
	tracing_on();
	function_down();
}

static int graph_up(void)
{
	return tracing_set_tracer(&global_trace, "function_graph");
}

static int buffer_up(void)
{
	return tracing_update_buffers(&global_trace);
}

static u64 time_printk(unsigned int n)
{
	return BENCH_TIMED(n, trace_printk("bench event %u %u\n", _i, n));
}

static u64 time_marker(unsigned int n)
{
	return BENCH_TIMED(n, trace_write_marker(&global_trace, 0, "bench marker 16\n", 16));
}

static u64 time_reserve_commit(unsigned int n)
{
	struct trace_buffer *buffer = global_trace.buffer;

	return BENCH_TIMED(n, ({
		if (ring_buffer_lock_reserve(buffer, EVENT_SIZE))
			ring_buffer_unlock_commit(buffer);
	}));
}

/* The record of this event has 32 bytes behind its head. */
static int event_up(void)
{
	return trace_events_set(&global_trace, "sched:sched_migrate_task");
}

static void event_down(void)
{
	trace_events_set(&global_trace, "!sched:sched_migrate_task");
	empty_buffer();
}

/* Two terms that are true, so that the event is recorded; and one that refuses it. */
static int set_filter(const char *text)
{
	struct trace_event_call *call = NULL;
	struct filter_error error;
	int err = -ENOENT;

	mutex_lock(&event_mutex);
	while ((call = trace_event_next(call)) != NULL) {
		if (!strcmp(call->name, "sched_migrate_task"))
			err = trace_event_set_filter(&call->file, text, &error);
	}
	mutex_unlock(&event_mutex);
	return err;
}

static int filter_up(void)
{
	int err = set_filter("pid == 0 && dest_cpu < 16");

	return err ? err : event_up();
}

static int refusal_up(void)
{
	int err = set_filter("pid == 0 && dest_cpu > 16");

	return err ? err : event_up();
}

static void filter_down(void)
{
	event_down();
	set_filter("0");
}

/* A dynamic event of the traced function, with one argument: at its entry, and at its return. */
static int probe_up(const char *line)
{
	struct probe_error error;
	int err = probe_command(line, PROBE_KPROBE, &error);

	if (!err)
		err = trace_events_set(&global_trace, "kprobes:bench");
	return err;
}

static int kprobe_up(void)
{
	return probe_up("p:bench bench_tracee $arg1");
}

static int kretprobe_up(void)
{
	return probe_up("r:bench bench_tracee $arg1");
}

static void probe_down(void)
{
	trace_events_set(&global_trace, "!kprobes:bench");
	probe_remove_all(PROBE_KPROBE);
	empty_buffer();
}

/* The event is not recorded: it is counted, by one key that is there already. */
static int set_hist(const char *text)
{
	struct trigger_error error;
	int err;

	mutex_lock(&event_mutex);
	err = trace_event_set_trigger(
		trace_event_by_name(&global_trace, "sched", "sched_migrate_task"), text, &error);
	mutex_unlock(&event_mutex);
	return err;
}

static int hist_up(void)
{
	return set_hist("hist:keys=pid");
}

static void hist_down(void)
{
	set_hist("!hist:keys=pid");
}

static int nothing_up(void)
{
	return 0;
}

static u64 time_event(unsigned int n)
{
	return BENCH_TIMED(n, trace_sched_migrate_task(&init_task, 0));
}

const struct bench_case bench_trace_cases[] = {
	{ "tracer_function", function_up, function_down, NULL, empty_buffer },
	{ "tracer_function_full", function_full_up, restore_size, NULL, NULL },
	{ "tracer_function_tracing_off", function_off_up, function_off_down, NULL, NULL },
	{ "tracer_graph", graph_up, function_down, NULL, empty_buffer },
	{ "trace_printk", buffer_up, empty_buffer, time_printk, empty_buffer },
	{ "trace_marker", buffer_up, empty_buffer, time_marker, empty_buffer },
	{ "ring_reserve_commit", buffer_up, empty_buffer, time_reserve_commit, empty_buffer },
	{ "event_disabled", nothing_up, empty_buffer, time_event, NULL },
	{ "event_enabled", event_up, event_down, time_event, empty_buffer },
	{ "event_filtered", filter_up, filter_down, time_event, empty_buffer },
	{ "event_refused", refusal_up, filter_down, time_event, empty_buffer },
	{ "kprobe_event", kprobe_up, probe_down, NULL, empty_buffer },
	{ "kretprobe_event", kretprobe_up, probe_down, NULL, empty_buffer },
	{ "event_hist", hist_up, hist_down, time_event, NULL },
	{ NULL, NULL, NULL, NULL, NULL },
};
