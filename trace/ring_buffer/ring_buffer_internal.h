/* SPDX-License-Identifier: MIT */
/*
 * What the ring buffer's files share: how a CPU's sub-buffers are numbered and addressed, and how
 * events are walked. Not for other code.
 */
#pragma once
#include "trace/ring_buffer/ring_buffer_write.h"

#define RB_SEQ_NONE ~0ul
#define RB_MAX_PAGES (1ul << 18)	/* 1 GiB per CPU: 1/4 of the numbers on a 32-bit machine */
#define RB_NO_CYCLES ((u64)RB_NO_BASE << 32)
/*
 * The parts of record_disabled. The top bit is set by ring_buffer_record_off(). The bits from
 * RB_PAUSE up count the pauses of rb_stop_writers(), the bits below it the calls of
 * ring_buffer_record_disable(). The user did not ask for a pause, so an event that comes during one
 * is counted as dropped.
 */
#define RB_OFF (1u << 31)
#define RB_PAUSE (1u << 16)
#define RB_ONLY_PAUSED(disabled) (!((disabled) & (RB_OFF | (RB_PAUSE - 1))))

/* `head` consists of a sub-buffer's number and an offset in its data. */
#define rb_pos(seq, off) ((unsigned long)(seq) << PAGE_SHIFT | (off))
#define rb_pos_seq(pos) ((pos) >> PAGE_SHIFT)
#define rb_pos_off(pos) ((unsigned int)(pos) & (PAGE_SIZE - 1))

/* How many sub-buffers hold @size bytes of data. No sum, because that of a large @size wraps. */
static inline unsigned long rb_nr_pages(unsigned long size)
{
	return max(size / RB_DATA_SIZE + !!(size % RB_DATA_SIZE), 2ul);
}

static inline struct buffer_data_page *rb_page(const struct rb_ring *ring, unsigned long slot)
{
	return (struct buffer_data_page *)(ring->base + slot * PAGE_SIZE);
}

/*
 * The slot of a tail or commit. The address just after a full sub-buffer still belongs to that one.
 */
static inline unsigned long rb_slot_of(const struct rb_ring *ring, unsigned long address)
{
	return (address - 1 - ring->base) >> PAGE_SHIFT;
}

static inline unsigned long rb_next_slot(const struct rb_ring *ring, unsigned long slot)
{
	return slot + 1 == ring->nr_pages ? 0 : slot + 1;
}

static inline unsigned long rb_next_seq(const struct rb_ring *ring, unsigned long seq)
{
	return seq + 1 == ring->seq_limit ? 0 : seq + 1;
}

static inline unsigned long rb_seq_slot(const struct rb_ring *ring, unsigned long seq)
{
	return seq % ring->nr_pages;
}

/* By how many sub-buffers @to is ahead of @from. */
static inline unsigned long rb_seq_distance(const struct rb_ring *ring, unsigned long from,
					    unsigned long to)
{
	return to >= from ? to - from : to + ring->seq_limit - from;
}

/* The event's size in bytes with its header; 0 for padding up to the end of the sub-buffer. */
static inline unsigned int rb_event_bytes(const struct ring_buffer_event *event)
{
	switch (event->type_len) {
	case RINGBUF_TYPE_PADDING:
		return event->time_delta ? event->array[0] + RB_HEADER_SIZE : 0;
	case RINGBUF_TYPE_TIME_EXTEND:
	case RINGBUF_TYPE_TIME_STAMP:
		return RB_STAMP_SIZE;
	case 0:
		return event->array[0] + RB_HEADER_SIZE;
	default:
		return event->type_len * 4 + RB_HEADER_SIZE;
	}
}

static inline bool rb_event_is_data(const struct ring_buffer_event *event)
{
	return event->type_len <= RINGBUF_TYPE_DATA_TYPE_LEN_MAX;
}

/*
 * The time at @event; @before is the time at the previous one. An absolute stamp has 59 bits; the
 * upper five are taken from @before.
 */
static inline u64 rb_event_time(const struct ring_buffer_event *event, u64 before)
{
	u64 upper = 0;

	if (event->type_len == RINGBUF_TYPE_TIME_EXTEND ||
	    event->type_len == RINGBUF_TYPE_TIME_STAMP)
		upper = (u64)event->array[0] << RB_DELTA_BITS;
	if (event->type_len != RINGBUF_TYPE_TIME_STAMP)
		return before + upper + event->time_delta;
	return (before & ~0ull << 59) | upper | event->time_delta;
}

/*
 * The clock's time in its own unit. *@cycles is the cycle counter's value then, or RB_NO_CYCLES if
 * the clock is not the default one.
 */
static inline u64 rb_clock(const struct ring_buffer_per_cpu *cpu_buffer, u64 *cycles)
{
	*cycles = RB_NO_CYCLES;
	if (unlikely(cpu_buffer->clock))
		return cpu_buffer->clock();
	*cycles = arch_clock_cycles();
	return clock_cycles_to_ns(*cycles);
}

/*
 * Has the present writer interrupted another one? Then more than one bit is set. Writers that
 * interrupt this one leave the word as they found it.
 */
static inline bool rb_is_nested(const struct ring_buffer_per_cpu *cpu_buffer)
{
	unsigned int context = READ_ONCE(cpu_buffer->context);

	return context & (context - 1);
}

/* The time at `commit`. Only the outermost writer may read or set it. */
static inline u64 rb_stamp(const struct ring_buffer_per_cpu *cpu_buffer)
{
	return cpu_buffer->base_ns + cpu_buffer->since_base;
}

/* @cycles is the cycle counter's value at @ns, or RB_NO_CYCLES if that is not known. */
static inline void rb_set_stamp(struct ring_buffer_per_cpu *cpu_buffer, u64 ns, u64 cycles)
{
	cpu_buffer->base_ns = ns;
	cpu_buffer->since_base = 0;
	cpu_buffer->base_low = (u32)cycles;
	cpu_buffer->base_high = (u32)(cycles >> 32);
}

/* Atomic, because one writer may interrupt another one in the middle. Not for the hot path. */
static inline void rb_count(unsigned long *counter)
{
	__atomic_fetch_add(counter, 1, __ATOMIC_RELAXED);
}

/* Set @ring's number of sub-buffers, and with it seq_limit. */
void rb_ring_set_pages(struct rb_ring *ring, unsigned int nr_pages);
/*
 * Count one more, or one less, iterator; @cpu_buffer keeps its size while there are any. May sleep.
 */
void rb_pin_size(struct ring_buffer_per_cpu *cpu_buffer);
void rb_unpin_size(struct ring_buffer_per_cpu *cpu_buffer);
/* Does a size change somewhere? Then no buffers are exchanged. Any context. */
bool rb_is_resizing(void);
/* Make the buffer empty; writing starts in slot 0. There may be no writer and no reader. */
void rb_start(struct ring_buffer_per_cpu *cpu_buffer);
/*
 * Pause recording and wait until no writer is inside; end the pause. Thread context, no lock held.
 */
void rb_stop_writers(struct ring_buffer_per_cpu *cpu_buffer);
void rb_resume_writers(struct ring_buffer_per_cpu *cpu_buffer);

/* The buffer of @cpu, or NULL if there is none; @cpu may be any number. */
struct ring_buffer_per_cpu *rb_cpu_buffer(const struct trace_buffer *buffer, int cpu);

/* The lock of readers and iterators; does nothing after ring_buffer_break_locks(). */
void rb_reader_lock(struct ring_buffer_per_cpu *cpu_buffer);
void rb_reader_unlock(struct ring_buffer_per_cpu *cpu_buffer);
/*
 * How many events are before `head`, whether read or lost; *@head is the value of `head` that this
 * belongs to. The reader's lock is held.
 */
unsigned long rb_events_before_head(const struct ring_buffer_per_cpu *cpu_buffer,
				    unsigned long *head);
/*
 * Walk over the events in [off, end) of @page; the time before them is @stamp. Returns the time of
 * the last one, and adds the number of data events to *@nr_data.
 */
u64 rb_walk(const struct buffer_data_page *page, unsigned int off, unsigned int end, u64 stamp,
	    unsigned int *nr_data);
/*
 * The sequence (ring_buffer_sequence.c). close: `tail` is right from now on, and only writers in C
 * change it; by any writer whose context is set. count: what the sequence has written belongs to
 * `written` and the time at `commit`; by the outermost writer, behind the closing.
 */
void rb_close_sequence(struct ring_buffer_per_cpu *cpu_buffer);
void rb_count_sequence(struct ring_buffer_per_cpu *cpu_buffer);
/*
 * Close it, and count its events. On the writers' CPU, with preemption off, while no writer is
 * inside; and while recording is paused, so that it stays closed.
 */
void rb_settle(struct ring_buffer_per_cpu *cpu_buffer);
/* `written` with those events of an open sequence that are not in it yet. Any context. */
unsigned long rb_written(const struct ring_buffer_per_cpu *cpu_buffer);
/* Publish all that is before tail; only for the outermost writer, without an open event. */
void rb_catch_up(struct ring_buffer_per_cpu *cpu_buffer);
/* The RB_CTX_ bit of the current context. */
unsigned int rb_context_bit(void);
/* Publish what nested writers have left. The writer itself has left, with preemption off. */
void rb_publish_nested(struct ring_buffer_per_cpu *cpu_buffer);
