/* SPDX-License-Identifier: MIT */
/*
 * The fast path of the ring buffer's writers. It is inline, so that the function tracer makes no
 * call for it, and computations with a constant length are done by the compiler. Everything but the
 * common case is in ring_buffer_write.c, which also explains why it works.
 */
#pragma once
#include "trace/arch.h"
#include "trace/kernel.h"
#include "trace/ring_buffer/ring_buffer.h"

/* A sub-buffer, as on Linux: data is at offset 12 on i386, and at 16 on a 64-bit machine. */
struct buffer_data_page {
	u64 time_stamp;		/* of the first event */
	unsigned long commit;	/* bytes of data; set when commit leaves the sub-buffer */
	unsigned char data[];
};
#define RB_DATA_SIZE (PAGE_SIZE - offsetof(struct buffer_data_page, data))
#define RB_DELTA_BITS 27
#define RB_NO_BASE ~0u
#define RB_HEADER_SIZE sizeof(struct ring_buffer_event)
#define RB_STAMP_SIZE 8u		/* a time extend or an absolute stamp */
#define RB_MAX_SMALL_DATA (4u * RINGBUF_TYPE_DATA_TYPE_LEN_MAX)
#define RB_MAX_PAYLOAD (RB_DATA_SIZE - 2 * sizeof(u32))

/* A bit for each context that can write; an interrupting context has a lower bit. */
#define RB_CTX_TRANSITION (1u << 0)
#define RB_CTX_NMI (1u << 1)
#define RB_CTX_IRQ (1u << 2)
#define RB_CTX_SOFTIRQ (1u << 3)
#define RB_CTX_NORMAL (1u << 4)

/*
 * The sub-buffers of one CPU, which are the slots of an array. They are numbered in the order in
 * which they are filled: 0, 1, 2 ... below seq_limit, a multiple of nr_pages, and then from 0
 * again. Number s is in slot s % nr_pages. When the size of the ring changes, its addresses stay
 * the same.
 */
struct rb_ring {
	unsigned long base;		/* address of slot 0 */
	unsigned int nr_pages;
	unsigned int max_pages;		/* for so many pages addresses are reserved */
	unsigned long seq_limit;
	unsigned long *seqs;		/* number of a slot; RB_SEQ_NONE if it is not valid */
	unsigned long *first;		/* events committed before the slot's first one */
};

/*
 * The consuming reader, which copies a sub-buffer to a page of its own. The events in [off, size)
 * of the copy were not returned yet.
 */
struct rb_reader {
	struct buffer_data_page *page;
	unsigned int off, size;
	u64 stamp;			/* the time before the event at off */
	unsigned long read;		/* events returned */
	unsigned long taken;		/* events returned or in the copy */
	unsigned long overrun;		/* events found overwritten */
	unsigned long lost;		/* those of them that no caller has been told of yet */
};

/*
 * The buffer of one CPU. The fields are in the order in which the fast path needs them, and in
 * groups: ring_buffer_swap_cpu() exchanges those that describe the contents with another buffer's,
 * and leaves those that belong to the writers and readers of this one.
 *
 * The time at `commit` (at `tail`, while an outermost event is open) is base_ns + since_base. When
 * the slow path sets the base, it also stores the cycle counter, if that is the clock. The fast
 * path then converts only the cycles that have passed since. It rounds down, so its time is never
 * later than the clock's, and at most 1 ns earlier.
 */
struct ring_buffer_per_cpu {
	/* Exchanged. */
	unsigned long commit;		/* readers see the events before this address */
	unsigned long tail;		/* address of the next event; 0: the sequence is open */

	/* Stays. */
	unsigned int context;		/* RB_CTX_* of the writers inside; 0 if there are none */
	unsigned int record_disabled;	/* RB_OFF, and counts of pauses and of disabling */
	unsigned long sequence_limit;	/* the last address at which the sequence may write */

	/* Exchanged. */
	unsigned long commit_end;	/* end of commit's sub-buffer; 0: the sequence was open */
	u32 base_low, base_high;	/* cycles at the base; RB_NO_BASE in base_high: unknown */
	u32 since_base;			/* ns */
	u32 max_cycles;			/* from so many on, a delta may not fit into a header */
	u32 ns_whole, ns_fraction;	/* ns per cycle, from kernel_clock */
	unsigned long written;		/* events committed */
	unsigned long sequence_mult;	/* ns per 2^31 cycles; 0: the sequence cannot be used */

	/* Stays. What is the sequence's (ring_buffer_sequence.c) counts only while it is open. */
	unsigned int nested;		/* 1 if nested writers have left events to publish */
	u32 sequence_wanted;		/* it could not write, and would like to */
	u32 sequence_since[2] __aligned(8);	/* the ns; `commit` says which word counts */
	u32 sequence_count[2];		/* its events, if they have two sizes; the same word */
	bool sequence_counts;		/* they have */
	unsigned long sequence_start;	/* where it was opened, until its events are counted; 0 */

	/* Exchanged. */
	u64 base_ns;
	u64 (*clock)(void);		/* NULL for trace_clock_local() */
	unsigned long head;		/* the oldest unread event: rb_pos(number, offset) */
	unsigned long commit_seq;	/* number of commit's sub-buffer */
	unsigned long commit_overrun, dropped_events;
	struct rb_ring ring;
	struct rb_reader reader;

	/* Stays. */
	struct trace_buffer *buffer;
	unsigned int cpu;
	unsigned int iterators;		/* number of open ones; resize_lock protects it */
	unsigned int generation;	/* counts what ends iterations, a resize for example */
	spinlock_t reader_lock;
};

/*
 * The events that the sequences write. The function tracer's: a header, the head of a trace entry,
 * and two addresses. The function graph's two: ftrace_graph_ent_entry and ftrace_graph_ret_entry
 * behind a header. Each event changes bit 2 of `commit`, which chooses the word of sequence_since.
 */
#define RB_SEQUENCE_SIZE (RB_HEADER_SIZE + 8u + 2 * sizeof(long))
#define RB_SEQUENCE_ENTRY_SIZE (RB_HEADER_SIZE + 8u + 2 * sizeof(long))
#define RB_SEQUENCE_RETURN_SIZE (RB_HEADER_SIZE + 8u + 2 * sizeof(long) + 24u)
_Static_assert(RB_SEQUENCE_SIZE % 8 == 4 && RB_SEQUENCE_ENTRY_SIZE % 8 == 4 &&
	       RB_SEQUENCE_RETURN_SIZE % 8 == 4,
	       "one event on, the other word of sequence_since counts");
#define RB_SEQUENCE_SHIFT 31

struct trace_buffer {
	struct ring_buffer_per_cpu *buffers[NR_CPUS];
	unsigned int flags;		/* RB_FL_* */
};

/* Size of an event with @length bytes of payload. */
static __always_inline unsigned int rb_event_size(unsigned long length)
{
	unsigned int words = length ? DIV_ROUND_UP(length, 4) : 1;

	return RB_HEADER_SIZE + 4 * (words + (4 * words > RB_MAX_SMALL_DATA));
}

/* The type_len of an event of @size bytes; 0 if the size does not fit into it. */
static __always_inline unsigned int rb_type_len(unsigned int size)
{
	unsigned int data = size - RB_HEADER_SIZE;

	return data > RB_MAX_SMALL_DATA ? 0 : data / 4;
}

static __always_inline void rb_write_header(struct ring_buffer_event *event, unsigned int size,
					    unsigned int type_len, u32 delta)
{
	*(u32 *)event = delta << 5 | type_len;
	if (!type_len)
		event->array[0] = size - RB_HEADER_SIZE;
}

struct ring_buffer_writer {
	struct ring_buffer_per_cpu *cpu_buffer;
	struct ring_buffer_event *event;
	struct task_struct *task;
	unsigned int preempt_count;		/* its value before the reservation */
	u32 since_base;				/* the event's time, as in its cpu_buffer */
};

/*
 * The end of rb_publish() if an interrupt has written meanwhile: publish its events, enable
 * preemption, and switch threads if that is due.
 */
void rb_publish_and_enable(struct ring_buffer_per_cpu *cpu_buffer);

/* ring_buffer_reserve_fast() for an event of @size bytes with its header, which has @type_len. */
static __always_inline bool rb_reserve_fast(struct trace_buffer *buffer, unsigned int size,
					    unsigned int type_len,
					    struct ring_buffer_writer *writer)
{
	struct task_struct *task = current;
	unsigned int count = task->preempt_count;
	struct ring_buffer_per_cpu *cpu_buffer;
	unsigned long tail;
	u32 passed, ns, delta;
	u64 cycles;

	if (unlikely(count > 15))
		return false;
	task->preempt_count = count + PREEMPT_OFFSET;
	barrier();
	cpu_buffer = buffer->buffers[smp_processor_id()];
	/* A nested writer leaves this word as it found it, so any value that is read is right. */
	if (unlikely(data_race(cpu_buffer->context)))
		goto out;
	/*
	 * An interrupt before this store is an outermost writer itself. A later one sees that it is
	 * nested, and does not change `commit` and the time.
	 */
	WRITE_ONCE(cpu_buffer->context, RB_CTX_NORMAL);
	barrier();
	tail = READ_ONCE(cpu_buffer->tail);
	/* Who sets record_disabled then interrupts this CPU to ask: old or new, both are right. */
	if (unlikely(data_race(cpu_buffer->record_disabled) || tail != cpu_buffer->commit ||
		     tail + size > cpu_buffer->commit_end))
		goto leave;
	barrier();
	/*
	 * The clock is read after tail. If the exchange below succeeds, no interrupt wrote in
	 * between, so no earlier event has a later time.
	 */
	cycles = arch_clock_cycles();
	passed = (u32)cycles - cpu_buffer->base_low;
	if (unlikely((u32)(cycles >> 32) != cpu_buffer->base_high ||
		     passed >= cpu_buffer->max_cycles))
		goto leave;
	ns = passed * cpu_buffer->ns_whole +
	     (u32)((u64)passed * cpu_buffer->ns_fraction >> 32);
	/* A clock that ran backwards needs an absolute stamp. */
	if (unlikely(__builtin_sub_overflow(ns, cpu_buffer->since_base, &delta)))
		goto leave;
	if (unlikely(!arch_local_cmpxchg(&cpu_buffer->tail, tail, tail + size)))
		goto leave;
	rb_write_header((struct ring_buffer_event *)tail, size, type_len, delta);
	cpu_buffer->since_base = ns;
	writer->since_base = ns;
	writer->cpu_buffer = cpu_buffer;
	writer->event = (struct ring_buffer_event *)tail;
	writer->task = task;
	writer->preempt_count = count;
	return true;
leave:
	WRITE_ONCE(cpu_buffer->context, 0);
out:
	barrier();
	task->preempt_count = count;
	return false;
}

/*
 * Reserve room for @length bytes in the common case: in a thread, with a preempt depth below 16 (a
 * greater one does not fit into struct trace_entry), while recording, with no other writer inside,
 * in the same sub-buffer, and with the default clock. If it returns false, nothing has happened,
 * and the caller uses ring_buffer_lock_reserve(), whose commit switches threads if that is due. If
 * it returns true, the caller fills writer->event (whose payload is at event->array if @length <=
 * RB_MAX_SMALL_DATA) and calls ring_buffer_commit_fast().
 */
static __always_inline bool ring_buffer_reserve_fast(struct trace_buffer *buffer,
						     unsigned long length,
						     struct ring_buffer_writer *writer)
{
	unsigned int size = rb_event_size(length);

	return rb_reserve_fast(buffer, size, rb_type_len(size), writer);
}

/*
 * The time of the event, ns since boot: what trace_clock_local() said when it was reserved, or 1 ns
 * less. Between ring_buffer_reserve_fast() and ring_buffer_commit_fast(), which are never nested:
 * so nobody else sets the base.
 */
static __always_inline u64 ring_buffer_writer_time(const struct ring_buffer_writer *writer)
{
	return writer->cpu_buffer->base_ns + writer->since_base;
}

/*
 * Publish the outermost event, which ends at @end, and leave: @task's preempt count becomes @count
 * again, and threads are switched if that is due. No interrupt's event may precede this one.
 */
static __always_inline void rb_publish(struct ring_buffer_per_cpu *cpu_buffer, unsigned long end,
				       struct task_struct *task, unsigned int count)
{
	/*
	 * A release, for readers' acquire: events before `commit` are complete and counted. Only
	 * the outermost writer counts; who reads the count alone gets the old or the new one.
	 */
	data_race(cpu_buffer->written++);
	smp_store_release(&cpu_buffer->commit, end);
	barrier();
	/* `nested` is read after this; an interrupt in between publishes its events itself. */
	WRITE_ONCE(cpu_buffer->context, 0);
	barrier();
	/* A writer that comes between the two publishes its own events, and leaves 0 again. */
	if (unlikely(data_race(cpu_buffer->nested))) {
		rb_publish_and_enable(cpu_buffer);
		return;
	}
	barrier();
	task->preempt_count = count;
	barrier();
	if (unlikely(READ_ONCE(task->need_resched)))
		preempt_schedule();
}

/*
 * Publish the event, enable preemption, and switch threads if that is due. This should be the
 * caller's last statement, so that GCC can make the calls that are seldom needed jumps.
 */
static __always_inline void ring_buffer_commit_fast(const struct ring_buffer_writer *writer,
						    unsigned long length)
{
	rb_publish(writer->cpu_buffer, (unsigned long)writer->event + rb_event_size(length),
		   writer->task, writer->preempt_count);
}

/*
 * The same two for @words 32-bit words, 1 to RINGBUF_TYPE_DATA_TYPE_LEN_MAX, a number that the
 * compiler need not know.
 */
static __always_inline bool ring_buffer_reserve_words(struct trace_buffer *buffer,
						      unsigned int words,
						      struct ring_buffer_writer *writer)
{
	return rb_reserve_fast(buffer, RB_HEADER_SIZE + 4 * words, words, writer);
}

static __always_inline void ring_buffer_commit_words(const struct ring_buffer_writer *writer,
						     unsigned int words)
{
	rb_publish(writer->cpu_buffer, (unsigned long)writer->event + RB_HEADER_SIZE + 4 * words,
		   writer->task, writer->preempt_count);
}

/*
 * The sequence: trampolines in which the events of the function tracer, or those of function_graph,
 * are written without a call. What it does, and who stops it how, is in ring_buffer_sequence.c.
 *
 * of: what it needs on @cpu, one of NR_CPUS: the buffer there, or, if @buffer is NULL, one to which
 * it never writes. open: let it write on this CPU from now on, if that is possible at the moment;
 * the next writer in C ends that. @graph tells whose events: until the buffer is reset, always the
 * same. Any context.
 */
struct ring_buffer_per_cpu *ring_buffer_sequence_of(const struct trace_buffer *buffer,
						    unsigned int cpu);
void ring_buffer_open_sequence(struct trace_buffer *buffer, bool graph);

/* Has the sequence wanted to write on this CPU or on another one, and could not? A hint. */
static __always_inline bool ring_buffer_wants_sequence(const struct trace_buffer *buffer)
{
	return data_race(buffer->buffers[smp_processor_id()]->sequence_wanted);
}
