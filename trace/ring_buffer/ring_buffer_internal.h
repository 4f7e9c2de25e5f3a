/* SPDX-License-Identifier: MIT */
/*
 * What the ring buffer's files share: how a CPU's sub-buffers are numbered and
 * addressed, and how events are walked. Nobody else includes it.
 */
#pragma once
#include "trace/ring_buffer/ring_buffer_write.h"

#define RB_SEQ_NONE ~0ul
#define RB_MAX_PAGES (1ul << 18)	/* 1 GiB per CPU; four laps of numbers on 32-bit machines */
#define RB_NO_CYCLES ((u64)RB_NO_BASE << 32)
/*
 * The parts of record_disabled: the top bit is ring_buffer_record_off()'s; from RB_PAUSE up are
 * counted our own pauses, below it calls of ring_buffer_record_disable(). Nobody asked for a pause,
 * so events that come in one are counted as dropped.
 */
#define RB_OFF (1u << 31)
#define RB_PAUSE (1u << 16)
#define RB_ONLY_PAUSED(disabled) (!((disabled) & (RB_OFF | (RB_PAUSE - 1))))

/* How `head` is made of a sub-buffer's number and an offset in its data. */
#define rb_pos(seq, off) ((unsigned long)(seq) << PAGE_SHIFT | (off))
#define rb_pos_seq(pos) ((pos) >> PAGE_SHIFT)
#define rb_pos_off(pos) ((unsigned int)(pos) & (PAGE_SIZE - 1))

static inline struct buffer_data_page *rb_page(const struct rb_ring *ring, unsigned long slot)
{
	return (struct buffer_data_page *)(ring->base + slot * PAGE_SIZE);
}

/* The slot that a tail or commit is in: the end of a full sub-buffer still belongs to that one. */
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

/* How many sub-buffers @to is ahead of @from. */
static inline unsigned long rb_seq_distance(const struct rb_ring *ring, unsigned long from,
					    unsigned long to)
{
	return to >= from ? to - from : to + ring->seq_limit - from;
}

/* Bytes from this event's header to the next; 0 for padding up to the end of the sub-buffer. */
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
 * The time at @event, given the time before it. An absolute stamp has 59 bits: the upper five are
 * those of the time before.
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
 * The clock's time in its own unit, and in *cycles the counter, or RB_NO_CYCLES for other clocks.
 */
static inline u64 rb_clock(const struct ring_buffer_per_cpu *cpu_buffer, u64 *cycles)
{
	*cycles = RB_NO_CYCLES;
	if (unlikely(cpu_buffer->clock))
		return cpu_buffer->clock();
	*cycles = arch_clock_cycles();
	return clock_cycles_to_ns(*cycles);
}

/* The time at commit. Only the outermost writer may read or set it. */
static inline u64 rb_stamp(const struct ring_buffer_per_cpu *cpu_buffer)
{
	return cpu_buffer->base_ns + cpu_buffer->since_base;
}

/* @cycles: what the counter had then; RB_NO_CYCLES if that is not known. */
static inline void rb_set_stamp(struct ring_buffer_per_cpu *cpu_buffer, u64 ns, u64 cycles)
{
	cpu_buffer->base_ns = ns;
	cpu_buffer->since_base = 0;
	cpu_buffer->base_low = (u32)cycles;
	cpu_buffer->base_high = (u32)(cycles >> 32);
}

/* For counters off the hot path: writers may interrupt each other in the middle of an increment. */
static inline void rb_count(unsigned long *counter)
{
	__atomic_fetch_add(counter, 1, __ATOMIC_RELAXED);
}

/*
 * Make a ring of @nr_pages, at least 2, that may grow to @room pages, or to fewer if addresses are
 * short. 0 or -ENOMEM. May sleep.
 */
int rb_ring_alloc(struct rb_ring *ring, unsigned int nr_pages, unsigned int room);
void rb_ring_free(struct rb_ring *ring);
/* Give @ring the size of @nr_pages sub-buffers; sets where their numbers begin again at 0. */
void rb_ring_set_pages(struct rb_ring *ring, unsigned int nr_pages);
/* Count one iterator more, or less: @cpu_buffer keeps its size while there are any. May sleep. */
void rb_pin_size(struct ring_buffer_per_cpu *cpu_buffer);
void rb_unpin_size(struct ring_buffer_per_cpu *cpu_buffer);
/* Make it empty, to be written from the start of slot 0. Nobody may be writing or reading. */
void rb_start(struct ring_buffer_per_cpu *cpu_buffer);
/* Keep writers out, wait for those inside; and the reverse. Thread context, no lock held. */
void rb_stop_writers(struct ring_buffer_per_cpu *cpu_buffer);
void rb_resume_writers(struct ring_buffer_per_cpu *cpu_buffer);

/* The buffer of @cpu, or NULL if there is none. Any number is allowed for @cpu. */
struct ring_buffer_per_cpu *rb_cpu_buffer(const struct trace_buffer *buffer, int cpu);

/* Readers and iterators take turns, unless ring_buffer_break_locks() was called. */
void rb_reader_lock(struct ring_buffer_per_cpu *cpu_buffer);
void rb_reader_unlock(struct ring_buffer_per_cpu *cpu_buffer);
/* How many events lie before `head`, read or lost; *head is where that is. Reader's lock held. */
unsigned long rb_events_before_head(const struct ring_buffer_per_cpu *cpu_buffer,
				    unsigned long *head);
/*
 * Walk the events in [off, end) of @page, before which the time is @stamp. Returns the time after
 * them, and adds to *nr_data how many are data.
 */
u64 rb_walk(const struct buffer_data_page *page, unsigned int off, unsigned int end, u64 stamp,
	    unsigned int *nr_data);
