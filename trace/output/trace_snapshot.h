/* SPDX-License-Identifier: MIT */
/*
 * The snapshot: a second buffer, with which the first one exchanges what they hold, on demand.
 * Latency tracers keep in it what led to the longest time. Unless a comment says otherwise: thread
 * context; may sleep.
 */
#pragma once
#include "trace/output/trace.h"

/*
 * Make the second buffer, as large as the first one, with which its size changes from then on;
 * does nothing if it is there. free gives it up.
 * alloc returns 0 or -ENOMEM; free returns 0, or -EBUSY while somebody reads it.
 */
int tracing_alloc_snapshot(struct trace_array *tr);
int tracing_free_snapshot(struct trace_array *tr);
/*
 * Exchange the two buffers of @cpu, or of each CPU (RING_BUFFER_ALL_CPUS), one after the other;
 * no event is lost. The second one is made if there is none. 0 or -ENOMEM.
 */
int tracing_snapshot(struct trace_array *tr, int cpu);
/* Empty the second buffer of @cpu, or of each CPU. */
void tracing_reset_snapshot(struct trace_array *tr, int cpu);
/* Make and free it with trace_types_lock held. While somebody reads it, drop does nothing. */
int trace_snapshot_make(struct trace_array *tr);
void trace_snapshot_drop(struct trace_array *tr);
/* Keep the second buffer until a reader releases it; hold returns false if there is none. */
bool tracing_hold_snapshot(struct trace_array *tr);
void tracing_release_snapshot(struct trace_array *tr);
/*
 * Take a snapshot from any context: the part of this CPU at once, so that it ends here, and those
 * of the others a little later, by a thread, which also does this CPU's if a writer or reader was
 * interrupted. Ignored while one is being taken. Called between arm and disarm, which make the
 * second buffer and the thread, and give up the thread. arm: 0, -ENOMEM, or another error. Each
 * disarm is for one arm. may: is it possible just now? Not while the tracer uses the snapshot, nor
 * while events are consumed: a reader may look at one that would be exchanged. Untraced.
 */
int tracing_arm_snapshot(struct trace_array *tr);
void tracing_disarm_snapshot(struct trace_array *tr);
bool tracing_may_snapshot(const struct trace_array *tr);
void tracing_snapshot_from(struct trace_array *tr);
