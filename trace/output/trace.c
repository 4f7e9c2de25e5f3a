/* SPDX-License-Identifier: MIT */
/*
 * The trace instance: its buffer, its current tracer, and the switch tracing_on. The files in
 * tracefs, the command `trace` and the boot parameters all use these functions. Untraced, so that a
 * switch of tracers is not in the trace.
 */
#include "trace/output/trace.h"
#include "kernel/lib/errno.h"
#include "kernel/lib/string.h"
#include "kernel/printk.h"
#include "kernel/sched/wait.h"
#include "trace/output/trace_snapshot.h"

#define TRACE_BUF_SIZE_DEFAULT 1441792ul	/* bytes per CPU once it is used, as on Linux */

struct tracer nop_trace = { .name = "nop", .allow_instances = true };
static struct tracer *tracers = &nop_trace;

struct trace_array global_trace = {
	.current_trace = &nop_trace,
	.trace_flags = TRACE_DEFAULT_FLAGS,
	.func_flags = TRACE_FUNC_DEFAULT_FLAGS,
	.expanded_size = TRACE_BUF_SIZE_DEFAULT,
	.buffer_percent = 50,
	.list = LIST_HEAD_INIT(ftrace_trace_arrays),
};
struct list_head ftrace_trace_arrays = LIST_HEAD_INIT(global_trace.list);
DEFINE_MUTEX(trace_types_lock);

static struct tracer *find_tracer(const char *name)
{
	struct tracer *t = tracers;

	while (t && strcmp(t->name, name))
		t = t->next;
	return t;
}

struct tracer *trace_tracers(void)
{
	return tracers;
}

int register_tracer(struct tracer *tracer)
{
	int err = 0;

	mutex_lock(&trace_types_lock);
	if (!tracer->name || find_tracer(tracer->name)) {
		err = tracer->name ? -EEXIST : -EINVAL;
	} else {
		tracer->next = tracers;
		tracers = tracer;
	}
	mutex_unlock(&trace_types_lock);
	return err;
}

/* --- Buffer --- */

void trace_reset_buffer(struct trace_array *tr)
{
	lockdep_assert_held(&trace_types_lock);
	ring_buffer_reset(tr->buffer);
	WRITE_ONCE(tr->resets, tr->resets + 1);
	tr->time_start = ring_buffer_time_stamp(tr->buffer);
	/* What it shows as `trace` is empty afterwards, too. */
	if (tr->current_trace->use_max)
		ring_buffer_reset(tr->snapshot);
}

void tracing_reset(struct trace_array *tr)
{
	mutex_lock(&trace_types_lock);
	trace_reset_buffer(tr);
	mutex_unlock(&trace_types_lock);
}

void tracing_reset_cpu(struct trace_array *tr, int cpu)
{
	mutex_lock(&trace_types_lock);
	ring_buffer_reset_cpu(tr->buffer, cpu);
	if (tr->current_trace->use_max)
		ring_buffer_reset_cpu(tr->snapshot, cpu);
	mutex_unlock(&trace_types_lock);
}

static int resize_buffer(struct trace_array *tr, unsigned long size, int cpu)
{
	/* Both at once: what is exchanged with the snapshot must have room there. */
	int err = ring_buffer_resize_both(tr->buffer, tr->snapshot, size, cpu);

	lockdep_assert_held(&trace_types_lock);
	if (!err)
		tr->buffer_expanded = true;
	return err;
}

static int expand_buffer(struct trace_array *tr)
{
	if (tr->buffer_expanded)
		return 0;
	return resize_buffer(tr, tr->expanded_size, RING_BUFFER_ALL_CPUS);
}

int tracing_update_buffers(struct trace_array *tr)
{
	int err;

	mutex_lock(&trace_types_lock);
	err = expand_buffer(tr);
	mutex_unlock(&trace_types_lock);
	return err;
}

int tracing_resize(struct trace_array *tr, unsigned long size, int cpu)
{
	int err;

	if (!size)
		return -EINVAL;
	mutex_lock(&trace_types_lock);
	err = resize_buffer(tr, size, cpu);
	mutex_unlock(&trace_types_lock);
	return err;
}

/* Empties the buffer, because times of two clocks cannot be compared. */
int tracing_set_clock(struct trace_array *tr, const char *name)
{
	for (unsigned int i = 0; i < nr_trace_clocks; i++) {
		if (strcmp(trace_clocks[i].name, name))
			continue;
		mutex_lock(&trace_types_lock);
		/* No recording until the buffer is empty, or it would have times of both clocks. */
		ring_buffer_record_disable(tr->buffer);
		tr->clock_id = i;
		ring_buffer_set_clock(tr->buffer, trace_clocks[i].read);
		trace_reset_buffer(tr);
		if (tr->snapshot) {
			ring_buffer_set_clock(tr->snapshot, trace_clocks[i].read);
			ring_buffer_reset(tr->snapshot);
		}
		ring_buffer_record_enable(tr->buffer);
		mutex_unlock(&trace_types_lock);
		return 0;
	}
	return -EINVAL;
}

void tracer_tracing_on(struct trace_array *tr)
{
	if (!tr->buffer)
		return;
	ring_buffer_record_on(tr->buffer);
	function_trace_sync(tr);
}

void tracer_tracing_off(struct trace_array *tr)
{
	if (!tr->buffer)
		return;
	ring_buffer_record_off(tr->buffer);
	function_trace_sync(tr);
}

bool tracer_tracing_is_on(const struct trace_array *tr)
{
	return tr->buffer && ring_buffer_record_is_set_on(tr->buffer);
}

void tracing_on(void)
{
	tracer_tracing_on(&global_trace);
}

void tracing_off(void)
{
	tracer_tracing_off(&global_trace);
}

bool tracing_is_on(void)
{
	return tracer_tracing_is_on(&global_trace);
}

/* --- Tracers --- */

/* 0, or the error for which the tracer goes on. */
static int release_tracer(struct trace_array *tr)
{
	struct tracer *old = tr->current_trace;
	int err = old->reset ? old->reset(tr) : 0;

	if (!err)
		tr->current_trace = &nop_trace;
	return err;
}

static int start_tracer(struct trace_array *tr, struct tracer *t)
{
	int err = t->init ? t->init(tr) : 0;

	if (!err)
		tr->current_trace = t;
	return err;
}

static int switch_tracer(struct trace_array *tr, struct tracer *t)
{
	struct tracer *old = tr->current_trace;
	int err;

	if (t == old)
		return 0;
	if (tr->pipe_readers)
		return -EBUSY;
	err = expand_buffer(tr);
	if (!err && t->use_max)
		err = trace_snapshot_make(tr);
	if (err)
		return err;
	/* Recording is disabled, so that nothing is recorded before the buffer is cleared. */
	ring_buffer_record_disable(tr->buffer);
	err = release_tracer(tr);
	if (!err) {
		err = start_tracer(tr, t);
		/* Cleared only if the new tracer has started: a failed switch keeps the trace. */
		if (!err)
			trace_reset_buffer(tr);
		else if (start_tracer(tr, old))
			pr_warn("tracer %s could not go on either\n", old->name);
	}
	ring_buffer_record_enable(tr->buffer);
	if (old->use_max && !tr->current_trace->use_max)
		trace_snapshot_drop(tr);
	return err;
}

int tracing_set_tracer(struct trace_array *tr, const char *name)
{
	struct tracer *t;
	int err;

	mutex_lock(&trace_types_lock);
	t = find_tracer(name);
	err = t && trace_ok_for_array(t, tr) ? switch_tracer(tr, t) : -EINVAL;
	mutex_unlock(&trace_types_lock);
	return err;
}

int tracing_release_tracer(struct trace_array *tr)
{
	int err = -EBUSY;

	mutex_lock(&trace_types_lock);
	if (!tr->pipe_readers)
		err = release_tracer(tr);
	mutex_unlock(&trace_types_lock);
	return err;
}
