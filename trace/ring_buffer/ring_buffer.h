/* SPDX-License-Identifier: MIT */
/*
 * The ring buffer: for each CPU a ring of sub-buffers, in Linux's page and event format
 * (docs/reference.md, "The ring buffer"). Writers take no lock, and those of one CPU may nest
 * (thread, interrupt, NMI); readers never make them wait. Names and contracts follow Linux.
 */
#pragma once
#include "trace/kernel.h"

#define RB_FL_OVERWRITE 1u	/* when full, overwrite the oldest events; else drop new ones */
#define RB_FL_LITTLE_ROOM 2u	/* it can grow to four times its size; else as far as possible */

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
 * Make a buffer with @size bytes for each CPU, rounded up to whole sub-buffers and to at least two
 * of them. @flags are RB_FL_*. NULL if memory is out or @size is more than 1 GiB. May sleep.
 */
struct trace_buffer *ring_buffer_alloc(unsigned long size, unsigned int flags) __must_check;
/* Free a buffer that nobody uses any more. NULL is allowed. May sleep. */
void ring_buffer_free(struct trace_buffer *buffer);
/*
 * Change the buffer of @cpu, or of every CPU (RING_BUFFER_ALL_CPUS), to @size bytes. Returns 0, or
 * an error with nothing changed: -EINVAL if there is no such CPU, -EBUSY if an iterator is open,
 * -ENOMEM if memory or addresses are not enough for all these CPUs. A smaller size needs no memory,
 * a larger one only the difference. Recording on the CPU pauses meanwhile; events during the pause
 * count as dropped. Events that no longer fit, the oldest first, count as overrun. May sleep.
 */
#define RING_BUFFER_ALL_CPUS -1
int ring_buffer_resize(struct trace_buffer *buffer, unsigned long size, int cpu);
/* The same for two buffers, unless @other is NULL; an error leaves both of them as they were. */
int ring_buffer_resize_both(struct trace_buffer *buffer, struct trace_buffer *other,
			    unsigned long size, int cpu);
/* The size in bytes of data; 0 if there is no such CPU. */
unsigned long ring_buffer_size(struct trace_buffer *buffer, int cpu);
/* Change RB_FL_OVERWRITE. Any context. */
void ring_buffer_change_overwrite(struct trace_buffer *buffer, bool overwrite);

/*
 * For writers, in any context. ring_buffer_lock_reserve() reserves room for @length bytes and
 * disables preemption. A commit or discard must follow on the same CPU, before the writer returns
 * to the context that it interrupted; it enables preemption again and switches threads if that is
 * due, and so does a reservation that fails. A reservation fails with NULL if recording is off; or,
 * and then the event is counted as lost, if there is no room, @length is more than a sub-buffer
 * holds, or writers nest too deep. ring_buffer_write() reserves, copies @length bytes of @data and
 * commits: 0, or -EBUSY if the reservation failed.
 */
struct ring_buffer_event *ring_buffer_lock_reserve(struct trace_buffer *buffer,
						   unsigned long length);
void ring_buffer_unlock_commit(struct trace_buffer *buffer);
void ring_buffer_discard_commit(struct trace_buffer *buffer, struct ring_buffer_event *event);
int ring_buffer_write(struct trace_buffer *buffer, unsigned long length, const void *data);
/* Between reservation and commit: the time that readers will see for @event. Reads no clock. */
u64 ring_buffer_event_time_stamp(struct trace_buffer *buffer,
				 const struct ring_buffer_event *event);
/* The payload of an event; its length in bytes, rounded up to 4, or 0 if it is not a data event. */
void *ring_buffer_event_data(struct ring_buffer_event *event);
unsigned int ring_buffer_event_length(const struct ring_buffer_event *event);

/*
 * Events are recorded while recording is on (tracing_on) and not disabled; calls of disable nest.
 * Any context. A writer that is inside finishes its event.
 */
void ring_buffer_record_on(struct trace_buffer *buffer);
void ring_buffer_record_off(struct trace_buffer *buffer);
bool ring_buffer_record_is_set_on(struct trace_buffer *buffer);
void ring_buffer_record_disable(struct trace_buffer *buffer);
void ring_buffer_record_enable(struct trace_buffer *buffer);

/*
 * For consuming readers: the oldest event of @cpu, or NULL if there is none; ring_buffer_consume()
 * also removes it. *@ts is its time, *@lost how many events were lost before it; both pointers may
 * be NULL. The event is in the reader's page and valid until the next call for this CPU. Takes a
 * spinlock, so it is for thread context only.
 */
struct ring_buffer_event *ring_buffer_peek(struct trace_buffer *buffer, int cpu, u64 *ts,
					   unsigned long *lost);
struct ring_buffer_event *ring_buffer_consume(struct trace_buffer *buffer, int cpu, u64 *ts,
					      unsigned long *lost);
bool ring_buffer_empty_cpu(struct trace_buffer *buffer, int cpu);
/*
 * Move the unread events of the oldest sub-buffer to @page (PAGE_SIZE bytes, with a header, as
 * trace_pipe_raw shows them). Returns the number of bytes of data; 0 if there are none, or, with
 * @full, if no sub-buffer is complete. If events were lost before these, RB_MISSED_EVENTS is set in
 * the header's `commit`; if RB_MISSED_STORED is set as well, their number follows the data, as an
 * unsigned long.
 */
#define RB_MISSED_EVENTS (1ul << 31)
#define RB_MISSED_STORED (1ul << 30)
int ring_buffer_read_page(struct trace_buffer *buffer, void *page, int cpu, bool full);

/*
 * For a dump during a panic: readers take no lock from now on, as a lock's holder may be stopped.
 */
void ring_buffer_break_locks(void);

/*
 * Iterators read without removing events. An iterator makes copies, so an event is valid until the
 * next call. It ends with the last event that was in the buffer when it was started or reset, so
 * that reading ends even while events are recorded. ring_buffer_read_start() returns NULL if there
 * is no such CPU or memory is out. The size of the CPU's buffer cannot change until
 * ring_buffer_read_finish(). Both may sleep.
 */
struct ring_buffer_iter *ring_buffer_read_start(struct trace_buffer *buffer, int cpu);
struct ring_buffer_event *ring_buffer_iter_peek(struct ring_buffer_iter *iter, u64 *ts);
void ring_buffer_iter_advance(struct ring_buffer_iter *iter);
void ring_buffer_iter_reset(struct ring_buffer_iter *iter);
/* How many events were overwritten before they were iterated over, since the last call. */
unsigned long ring_buffer_iter_dropped(struct ring_buffer_iter *iter);
void ring_buffer_read_finish(struct ring_buffer_iter *iter);

/*
 * Exchange what @a and @b hold of @cpu, with all events, sizes and counters; writers go on in what
 * was @b's. Called on @cpu, with interrupts off. Returns 0; -EINVAL if there is no such CPU; or
 * -EBUSY, with nothing changed, if a writer or reader was interrupted inside, or a size changes.
 */
int ring_buffer_swap_cpu(struct trace_buffer *a, struct trace_buffer *b, unsigned int cpu);

/*
 * If @b's ring of @cpu is as large as @a's, and could grow further, let @a have its memory, and
 * keep its own events; recording on the CPU pauses meanwhile. @b, which nobody uses any more, has
 * nothing afterwards but what is to be freed. May sleep.
 */
void ring_buffer_take_room(struct trace_buffer *a, struct trace_buffer *b, unsigned int cpu);

/* Discard all events and set the counters to 0; recording pauses meanwhile. May sleep. */
void ring_buffer_reset(struct trace_buffer *buffer);
void ring_buffer_reset_cpu(struct trace_buffer *buffer, int cpu);

/*
 * Counters since the last reset, in events (except for bytes):
 *
 *   entries         in the buffer and not read
 *   overrun         overwritten before they were read
 *   read            returned to consuming readers
 *   commit_overrun  lost because nested writers filled the whole ring while an event was open
 *   dropped         lost because the buffer was full (without RB_FL_OVERWRITE) or paused, the event
 *                   was too long, or writers nested too deep
 *
 * entries + overrun + read is the number of all events that were committed and not discarded. Each
 * is 0 for a CPU that does not exist. All but commit_overrun and dropped take the readers' lock, so
 * they are for thread context only.
 */
unsigned long ring_buffer_entries_cpu(struct trace_buffer *buffer, int cpu);
unsigned long ring_buffer_overrun_cpu(struct trace_buffer *buffer, int cpu);
unsigned long ring_buffer_commit_overrun_cpu(struct trace_buffer *buffer, int cpu);
unsigned long ring_buffer_dropped_events_cpu(struct trace_buffer *buffer, int cpu);
unsigned long ring_buffer_read_events_cpu(struct trace_buffer *buffer, int cpu);
unsigned long ring_buffer_bytes_cpu(struct trace_buffer *buffer, int cpu);
u64 ring_buffer_oldest_event_ts(struct trace_buffer *buffer, int cpu);
/* The current time by the buffer's clock. Any context. */
u64 ring_buffer_time_stamp(struct trace_buffer *buffer);
/*
 * From now on stamp events with @clock, in ns or whatever it counts; a new buffer uses
 * trace_clock_local(). Earlier events keep their times, so the buffer should be reset. May sleep.
 */
void ring_buffer_set_clock(struct trace_buffer *buffer, u64 (*clock)(void));
