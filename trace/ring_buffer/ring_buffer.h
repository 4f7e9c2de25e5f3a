/* SPDX-License-Identifier: MIT */
/*
 * The ring buffer: a ring of sub-buffers for each CPU, in Linux's page and event format
 * (docs/reference.md, "The ring buffer"). Writers take no lock and nest (task, irq, NMI) on their
 * own CPU; readers never stop them. Names and contracts follow Linux.
 */
#pragma once
#include "trace/kernel.h"

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

/*
 * A new buffer of @size bytes for each CPU, rounded up to whole sub-buffers and to at least two of
 * them; @flags: RB_FL_*. NULL: no memory, or more than 1 GiB a CPU. May sleep.
 */
struct trace_buffer *ring_buffer_alloc(unsigned long size, unsigned int flags) __must_check;
/* Nobody may use it any more. NULL is fine. May sleep. */
void ring_buffer_free(struct trace_buffer *buffer);
/*
 * Give the buffer of @cpu, or of each CPU (RING_BUFFER_ALL_CPUS), @size bytes. 0; or, with nothing
 * changed: -EINVAL, there is no such CPU; -EBUSY, an iterator is open; -ENOMEM, memory or addresses
 * are short for all these CPUs together. A smaller size needs no memory, a larger one only the
 * difference. The CPU's recording pauses meanwhile, and events that come then count as dropped.
 * Events that no longer fit count as overrun, the oldest first. May sleep.
 */
#define RING_BUFFER_ALL_CPUS -1
int ring_buffer_resize(struct trace_buffer *buffer, unsigned long size, int cpu);
/* In bytes of data; 0: no such CPU. */
unsigned long ring_buffer_size(struct trace_buffer *buffer, int cpu);
/* Change RB_FL_OVERWRITE. Any context. */
void ring_buffer_change_overwrite(struct trace_buffer *buffer, bool overwrite);

/*
 * Writers; any context. reserve gives room for @length bytes and disables preemption; commit or
 * discard must follow on the same CPU, before the writer returns to what it interrupted. Both, and
 * a reserve that fails, enable preemption and look whether a switch is due. reserve's NULL:
 * recording is off; or, and then it is counted, there is no room, @length is more than a sub-buffer
 * holds, or writers nest too deep. ring_buffer_write() does all of it with @length bytes of @data:
 * 0, or -EBUSY for such a NULL.
 */
struct ring_buffer_event *ring_buffer_lock_reserve(struct trace_buffer *buffer,
						   unsigned long length);
void ring_buffer_unlock_commit(struct trace_buffer *buffer);
void ring_buffer_discard_commit(struct trace_buffer *buffer, struct ring_buffer_event *event);
int ring_buffer_write(struct trace_buffer *buffer, unsigned long length, const void *data);
/* Between reserve and commit: the time at which readers will see @event. Reads no clock. */
u64 ring_buffer_event_time_stamp(struct trace_buffer *buffer,
				 const struct ring_buffer_event *event);
/* The payload of an event, and its length in bytes, rounded up to 4; 0 if it is no data. */
void *ring_buffer_event_data(struct ring_buffer_event *event);
unsigned int ring_buffer_event_length(const struct ring_buffer_event *event);

/*
 * Recording happens while it is on (tracing_on) and nobody has disabled it; disabling nests. Any
 * context; a writer that is inside finishes its event.
 */
void ring_buffer_record_on(struct trace_buffer *buffer);
void ring_buffer_record_off(struct trace_buffer *buffer);
bool ring_buffer_record_is_set_on(struct trace_buffer *buffer);
void ring_buffer_record_disable(struct trace_buffer *buffer);
void ring_buffer_record_enable(struct trace_buffer *buffer);

/*
 * Consuming readers: the oldest event of @cpu; consume also takes it. NULL when there is none. *ts
 * is its time, *lost the number of events that were lost before it; both pointers may be NULL. The
 * event is in the reader's page and stays valid until the next call for this CPU. Takes a spinlock,
 * so it is for threads only.
 */
struct ring_buffer_event *ring_buffer_peek(struct trace_buffer *buffer, int cpu, u64 *ts,
					   unsigned long *lost);
struct ring_buffer_event *ring_buffer_consume(struct trace_buffer *buffer, int cpu, u64 *ts,
					      unsigned long *lost);
bool ring_buffer_empty_cpu(struct trace_buffer *buffer, int cpu);
/*
 * Take what is left of the oldest sub-buffer into @page (PAGE_SIZE bytes, with the header, as
 * trace_pipe_raw gives it). Returns the bytes of data; 0 when there are none, or, with @full, no
 * complete sub-buffer. If events were lost before it, RB_MISSED_EVENTS is set in the header's
 * `commit`; with RB_MISSED_STORED their number stands behind the data, as one word.
 */
#define RB_MISSED_EVENTS (1ul << 31)
#define RB_MISSED_STORED (1ul << 30)
int ring_buffer_read_page(struct trace_buffer *buffer, void *page, int cpu, bool full);

/* For a dump after a panic: from now on readers take no lock, for whoever holds one is stopped. */
void ring_buffer_break_locks(void);

/*
 * Readers that leave everything there. An iterator copies, so an event stays valid until the
 * next call. It ends with the last event that was there at its start or reset: reading a live trace
 * ends. start's NULL: no such CPU, or no memory. Until ring_buffer_read_finish() the CPU's buffer
 * keeps its size. start and finish may sleep.
 */
struct ring_buffer_iter *ring_buffer_read_start(struct trace_buffer *buffer, int cpu);
struct ring_buffer_event *ring_buffer_iter_peek(struct ring_buffer_iter *iter, u64 *ts);
void ring_buffer_iter_advance(struct ring_buffer_iter *iter);
void ring_buffer_iter_reset(struct ring_buffer_iter *iter);
/* Events that were overwritten while iterating, since the last call. */
unsigned long ring_buffer_iter_dropped(struct ring_buffer_iter *iter);
void ring_buffer_read_finish(struct ring_buffer_iter *iter);

/* Throw all events away and set the counters to 0; writers pause meanwhile. May sleep. */
void ring_buffer_reset(struct trace_buffer *buffer);
void ring_buffer_reset_cpu(struct trace_buffer *buffer, int cpu);

/*
 * Counters since the last reset, in events, but bytes. entries: in the buffer and not yet read;
 * overrun: overwritten unread; read: given to consuming readers. entries + overrun + read is all
 * that were committed and not discarded. commit_overrun: lost because nested writers met an open
 * event; dropped: lost because the buffer was full (without RB_FL_OVERWRITE) or paused, the event
 * too long, or writers nested too deep. Each is 0 for a CPU that is not there.
 * Those that depend on what was read take the readers' lock, so they are for threads only.
 */
unsigned long ring_buffer_entries_cpu(struct trace_buffer *buffer, int cpu);
unsigned long ring_buffer_overrun_cpu(struct trace_buffer *buffer, int cpu);
unsigned long ring_buffer_commit_overrun_cpu(struct trace_buffer *buffer, int cpu);
unsigned long ring_buffer_dropped_events_cpu(struct trace_buffer *buffer, int cpu);
unsigned long ring_buffer_read_events_cpu(struct trace_buffer *buffer, int cpu);
unsigned long ring_buffer_bytes_cpu(struct trace_buffer *buffer, int cpu);
u64 ring_buffer_oldest_event_ts(struct trace_buffer *buffer, int cpu);
/* The time now, by the buffer's clock. Any context. */
u64 ring_buffer_time_stamp(struct trace_buffer *buffer);
/*
 * Stamp events by @clock from now on, ns or whatever it counts; a new buffer has trace_clock_local.
 * Events that are there keep their times: who mixes clocks should reset the buffer. May sleep.
 */
void ring_buffer_set_clock(struct trace_buffer *buffer, u64 (*clock)(void));
