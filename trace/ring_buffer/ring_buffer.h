/* SPDX-License-Identifier: MIT */
/*
 * The ring buffer: one list of sub-buffers per CPU, in Linux's page and event
 * format (FTRACE.md H). Writers are lock-free and nest (task, irq, NMI) on
 * their own CPU; readers never stop them. Names and contracts follow Linux.
 */
#pragma once
#include "kernel/compiler.h"
#include "kernel/types.h"

#define RB_FL_OVERWRITE 1u	/* full: the oldest events make room; else new ones are dropped */

struct ring_buffer_event {
	u32 type_len : 5, time_delta : 27;
	u32 array[];
};

#define RINGBUF_TYPE_DATA_TYPE_LEN_MAX 28
#define RINGBUF_TYPE_PADDING 29
#define RINGBUF_TYPE_TIME_EXTEND 30
#define RINGBUF_TYPE_TIME_STAMP 31

struct trace_buffer;
struct ring_buffer_iter;

/* @size bytes per CPU (rounded up, at least two sub-buffers); NULL when memory is out. Sleeps. */
struct trace_buffer *ring_buffer_alloc(unsigned long size, unsigned int flags) __must_check;
void ring_buffer_free(struct trace_buffer *buffer);
/*
 * @cpu or RING_BUFFER_ALL_CPUS. 0; or, with nothing changed, -EINVAL, -EBUSY (an iterator is open),
 * -ENOMEM: the machine has not what the CPUs together lack, or not the addresses. A smaller size
 * needs no memory, a larger one only the difference. Recording is paused meanwhile, and what comes
 * then counts as dropped. Events that no longer fit count as overrun, the oldest first. May sleep.
 */
#define RING_BUFFER_ALL_CPUS -1
int ring_buffer_resize(struct trace_buffer *buffer, unsigned long size, int cpu);
unsigned long ring_buffer_size(struct trace_buffer *buffer, int cpu);
void ring_buffer_change_overwrite(struct trace_buffer *buffer, bool overwrite);

/*
 * Writers. Any context, interrupts on or off; preemption must be off between reserve and
 * commit (reserve disables it; commit, discard and a reserve that fails enable it, and look). NULL:
 * recording is off, no room, too long, or nested too deep; each but the first is counted.
 */
struct ring_buffer_event *ring_buffer_lock_reserve(struct trace_buffer *buffer,
						   unsigned long length);
void ring_buffer_unlock_commit(struct trace_buffer *buffer);
void ring_buffer_discard_commit(struct trace_buffer *buffer, struct ring_buffer_event *event);
int ring_buffer_write(struct trace_buffer *buffer, unsigned long length, const void *data);
/* Between reserve and commit: the time at which readers will see @event. Reads no clock. */
u64 ring_buffer_event_time_stamp(struct trace_buffer *buffer,
				 const struct ring_buffer_event *event);
void *ring_buffer_event_data(struct ring_buffer_event *event);
unsigned int ring_buffer_event_length(const struct ring_buffer_event *event);

void ring_buffer_record_on(struct trace_buffer *buffer);	/* tracing_on */
void ring_buffer_record_off(struct trace_buffer *buffer);
bool ring_buffer_record_is_set_on(struct trace_buffer *buffer);
void ring_buffer_record_disable(struct trace_buffer *buffer);	/* nests */
void ring_buffer_record_enable(struct trace_buffer *buffer);

/* Consuming readers; serialised per CPU inside. NULL when empty. @lost: events lost before it. */
struct ring_buffer_event *ring_buffer_peek(struct trace_buffer *buffer, int cpu, u64 *ts,
					   unsigned long *lost);
struct ring_buffer_event *ring_buffer_consume(struct trace_buffer *buffer, int cpu, u64 *ts,
					      unsigned long *lost);
bool ring_buffer_empty_cpu(struct trace_buffer *buffer, int cpu);
/*
 * Take a whole sub-buffer into @page (PAGE_SIZE bytes, header included, as trace_pipe_raw gives
 * it). Returns bytes of data, 0 when empty; @full: only a complete one. Events lost before it
 * are told in `commit`, and how many, as one word, behind the data if there is room.
 */
#define RB_MISSED_EVENTS (1ul << 31)
#define RB_MISSED_STORED (1ul << 30)
int ring_buffer_read_page(struct trace_buffer *buffer, void *page, int cpu, bool full);

/* For a dump after a panic: from now on readers do not lock. */
void ring_buffer_break_locks(void);

/*
 * Non-consuming readers; the iterator copies, so an event stays valid until the next call. It ends
 * with the last event that was there at its start or reset. NULL: no such CPU, or no memory. Until
 * ring_buffer_read_finish() the CPU's buffer keeps its size. Both may sleep.
 */
struct ring_buffer_iter *ring_buffer_read_start(struct trace_buffer *buffer, int cpu);
struct ring_buffer_event *ring_buffer_iter_peek(struct ring_buffer_iter *iter, u64 *ts);
void ring_buffer_iter_advance(struct ring_buffer_iter *iter);
void ring_buffer_iter_reset(struct ring_buffer_iter *iter);
/* Events that were overwritten while iterating, since the last call. */
unsigned long ring_buffer_iter_dropped(struct ring_buffer_iter *iter);
void ring_buffer_read_finish(struct ring_buffer_iter *iter);

void ring_buffer_reset(struct trace_buffer *buffer);
void ring_buffer_reset_cpu(struct trace_buffer *buffer, int cpu);

/*
 * Counters since the last reset, in events. entries = in the buffer, not yet read;
 * entries + overrun + read = all that were committed, discards excepted.
 */
unsigned long ring_buffer_entries_cpu(struct trace_buffer *buffer, int cpu);
unsigned long ring_buffer_overrun_cpu(struct trace_buffer *buffer, int cpu);
unsigned long ring_buffer_commit_overrun_cpu(struct trace_buffer *buffer, int cpu);
unsigned long ring_buffer_dropped_events_cpu(struct trace_buffer *buffer, int cpu);
unsigned long ring_buffer_read_events_cpu(struct trace_buffer *buffer, int cpu);
unsigned long ring_buffer_bytes_cpu(struct trace_buffer *buffer, int cpu);
u64 ring_buffer_oldest_event_ts(struct trace_buffer *buffer, int cpu);
u64 ring_buffer_time_stamp(struct trace_buffer *buffer);
/* The clock, ns or whatever it counts; default trace_clock_local. Resets nothing. */
void ring_buffer_set_clock(struct trace_buffer *buffer, u64 (*clock)(void));
