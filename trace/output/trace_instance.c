/* SPDX-License-Identifier: MIT */
/*
 * An instance's own state, without its events and files: those are added to it, and it becomes
 * known, in trace/tracefs/instances.c. Untraced.
 */
#include "kernel/lib/string.h"
#include "kernel/mm/mm.h"
#include "kernel/sched/wait.h"
#include "trace/output/trace.h"
#include "trace/output/trace_snapshot.h"

static bool fill(struct trace_array *tr, const char *name, const char *systems)
{
	tr->name = kstrdup(name, GFP_KERNEL);
	tr->systems = systems ? kstrdup(systems, GFP_KERNEL) : NULL;
	tr->current_trace = &nop_trace;
	/* Threads are followed for the lists of one instance, and it has none yet. */
	tr->trace_flags = global_trace.trace_flags &
			  ~(TRACE_ITER_FUNC_FORK | TRACE_ITER_EVENT_FORK);
	tr->func_flags = global_trace.func_flags;
	tr->expanded_size = global_trace.expanded_size;
	tr->buffer_expanded = true;
	tr->buffer_percent = global_trace.buffer_percent;
	/* Who makes one means to use it: so it has its size at once, as on Linux. */
	tr->buffer = ring_buffer_alloc(tr->expanded_size, RB_FL_LITTLE_ROOM |
				       (tr->trace_flags & TRACE_ITER_OVERWRITE ?
					RB_FL_OVERWRITE : 0));
	if (!tr->name || (systems && !tr->systems) || !tr->buffer)
		return false;
	tr->time_start = ring_buffer_time_stamp(tr->buffer);
	return !function_trace_add_instance(tr);
}

struct trace_array *trace_instance_alloc(const char *name, const char *systems)
{
	struct trace_array *tr = kzalloc(sizeof(*tr), GFP_KERNEL);

	if (!tr || fill(tr, name, systems))
		return tr;
	trace_instance_free(tr);
	return NULL;
}

void trace_instance_free(struct trace_array *tr)
{
	/* It may be half made. */
	if (tr->ops)
		function_trace_remove_instance(tr);
	mutex_lock(&trace_types_lock);
	if (tr->snapshot)
		trace_snapshot_drop(tr);
	mutex_unlock(&trace_types_lock);
	ring_buffer_free(tr->buffer);
	trace_pids_free(&tr->function_pids);
	trace_pids_free(&tr->event_pids);
	kfree(tr->systems);
	kfree(tr->name);
	kfree(tr);
}
