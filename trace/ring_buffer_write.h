/* SPDX-License-Identifier: MIT */
/*
 * The ring buffer's writer, the part that runs for every event: inline, so that
 * the function tracer pays for no call and no length that it knows. What is not
 * the common case goes to ring_buffer_write.c, which also tells why it all works.
 */
#pragma once
#include "kernel/current.h"
#include "kernel/percpu.h"
#include "kernel/spinlock.h"
#include "trace/arch.h"
#include "trace/ring_buffer.h"

/* A sub-buffer, as Linux has it: data at 12 on i386, at 16 on 64-bit machines. */
struct buffer_data_page {
	u64 time_stamp;		/* of the first event */
	unsigned long commit;	/* bytes of data; true once the sub-buffer is left */
	unsigned char data[];
};
#define RB_DATA_SIZE (PAGE_SIZE - offsetof(struct buffer_data_page, data))
#define RB_DELTA_BITS 27
#define RB_HEADER_SIZE sizeof(struct ring_buffer_event)
#define RB_STAMP_SIZE 8u		/* a time extend or an absolute stamp */
#define RB_MAX_SMALL_DATA (4u * RINGBUF_TYPE_DATA_TYPE_LEN_MAX)
#define RB_MAX_PAYLOAD (RB_DATA_SIZE - 2 * sizeof(u32))

/* Who writes, in one bit each: what interrupts has a lower bit than what it interrupts. */
#define RB_CTX_TRANSITION (1u << 0)
#define RB_CTX_NMI (1u << 1)
#define RB_CTX_IRQ (1u << 2)
#define RB_CTX_SOFTIRQ (1u << 3)
#define RB_CTX_NORMAL (1u << 4)

/*
 * The sub-buffers of one CPU: slots of one array. They are numbered as they are
 * filled, 0, 1, 2 ... below seq_limit (a multiple of nr_pages, then 0 again);
 * number s is in slot s % nr_pages.
 */
struct rb_ring {
	unsigned long base;		/* address of slot 0 */
	unsigned int nr_pages;
	unsigned long seq_limit;
	unsigned long *seqs;		/* what is in a slot; RB_SEQ_NONE from before it is overwritten */
	unsigned long *first;		/* events committed before the slot's first one */
};

/* The consuming reader's: a copy of what it took, its events not yet given out at [off, size). */
struct rb_reader {
	spinlock_t lock;
	struct buffer_data_page *page;
	unsigned int off, size;
	u64 stamp;			/* time before the event at off */
	unsigned long read;		/* events given out */
	unsigned long taken;		/* given out or in the copy */
	unsigned long overrun;		/* events found overwritten */
	unsigned long lost;		/* those that no caller was told of yet */
	unsigned int generation;	/* counts what makes iterators' positions void */
};

struct ring_buffer_per_cpu {
	unsigned int context;		/* RB_CTX_* of the writers that run; 0: no one */
	unsigned int record_disabled;
	unsigned long tail;		/* address where the next event goes */
	unsigned long commit;		/* readers see what is before it */
	unsigned long commit_end;	/* end of commit's sub-buffer */
	u64 stamp;			/* time at commit; at tail while an outermost event is open */
	unsigned long written;		/* events committed */
	unsigned int nested;		/* a writer that interrupted another one has been here */

	unsigned long head;		/* oldest unread: number << PAGE_SHIFT | offset in data */
	unsigned long commit_seq;	/* number of commit's sub-buffer */
	unsigned long commit_overrun, dropped_events;
	struct trace_buffer *buffer;
	struct rb_ring ring;
	struct rb_reader reader;
};

struct trace_buffer {
	u64 (*clock)(void);
	unsigned int flags;		/* RB_FL_* */
	struct ring_buffer_per_cpu *buffers[NR_CPUS];
};

/* The rest of reserve and of commit, for when it is not that easy. Preemption is off. */
struct ring_buffer_event *rb_reserve_slow(struct ring_buffer_per_cpu *cpu_buffer,
					  unsigned long length);
void rb_commit_slow(struct ring_buffer_per_cpu *cpu_buffer);
void rb_publish_nested(struct ring_buffer_per_cpu *cpu_buffer);

/* Size of an event with @length bytes of payload. */
static __always_inline unsigned int rb_event_size(unsigned long length)
{
	unsigned int words = length ? DIV_ROUND_UP(length, 4) : 1;

	return RB_HEADER_SIZE + 4 * (words + (4 * words > RB_MAX_SMALL_DATA));
}

static __always_inline void rb_write_header(struct ring_buffer_event *event, unsigned int size,
					    u32 delta)
{
	unsigned int data = size - RB_HEADER_SIZE;
	unsigned int type_len = data > RB_MAX_SMALL_DATA ? 0 : data / 4;

	*(u32 *)event = delta << 5 | type_len;
	if (!type_len)
		event->array[0] = data;
}

/*
 * Room for @length (at most RB_MAX_PAYLOAD) bytes in @cpu_buffer, which is this CPU's; preemption
 * is off. All the work if nothing is special: thread context, nobody interrupted, same sub-buffer.
 * The compare-and-exchange proves that no interrupt wrote since `tail` was read, so that the
 * delta to `stamp` is true; nested writers leave `stamp` and `commit` alone.
 */
static __always_inline struct ring_buffer_event *
rb_reserve(struct ring_buffer_per_cpu *cpu_buffer, unsigned long length, unsigned int preempt_count)
{
	unsigned int size = rb_event_size(length);
	unsigned long tail;
	u64 now, delta;

	if (unlikely((preempt_count & ~PREEMPT_MASK) || READ_ONCE(cpu_buffer->context)))
		return rb_reserve_slow(cpu_buffer, length);
	WRITE_ONCE(cpu_buffer->context, RB_CTX_NORMAL);
	barrier();
	if (unlikely(READ_ONCE(cpu_buffer->record_disabled)))
		goto slow;
	tail = READ_ONCE(cpu_buffer->tail);
	if (unlikely(tail != cpu_buffer->commit || tail + size > cpu_buffer->commit_end))
		goto slow;
	now = cpu_buffer->buffer->clock();
	delta = now - cpu_buffer->stamp;
	if (unlikely(delta >> RB_DELTA_BITS))
		goto slow;
	if (unlikely(arch_local_cmpxchg(&cpu_buffer->tail, tail, tail + size) != tail))
		goto slow;
	cpu_buffer->stamp = now;
	rb_write_header((struct ring_buffer_event *)tail, size, (u32)delta);
	return (struct ring_buffer_event *)tail;
slow:
	WRITE_ONCE(cpu_buffer->context, 0);
	return rb_reserve_slow(cpu_buffer, length);
}

/* Publish @event, which rb_reserve() gave for @length bytes. Preemption stays off. */
static __always_inline void rb_commit(struct ring_buffer_per_cpu *cpu_buffer,
				      struct ring_buffer_event *event, unsigned long length)
{
	barrier();
	if (unlikely(READ_ONCE(cpu_buffer->context) != RB_CTX_NORMAL)) {
		rb_commit_slow(cpu_buffer);
		return;
	}
	cpu_buffer->written++;
	smp_store_release(&cpu_buffer->commit, (unsigned long)event + rb_event_size(length));
	barrier();
	WRITE_ONCE(cpu_buffer->context, 0);
	barrier();
	if (unlikely(READ_ONCE(cpu_buffer->nested)))
		rb_publish_nested(cpu_buffer);
}

/*
 * What ring_buffer_lock_reserve() and ring_buffer_unlock_commit() do, with the caller keeping
 * the CPU's buffer in a register. The preempt count is given up when there is no event.
 */
static __always_inline struct ring_buffer_event *
ring_buffer_reserve_inline(struct trace_buffer *buffer, unsigned long length,
			   struct ring_buffer_per_cpu **cpu_buffer)
{
	unsigned int count = preempt_count();
	struct ring_buffer_event *event;

	WRITE_ONCE(current->preempt_count, count + PREEMPT_OFFSET);
	barrier();
	*cpu_buffer = buffer->buffers[smp_processor_id()];
	event = rb_reserve(*cpu_buffer, length, count);
	if (unlikely(!event))
		preempt_enable_no_resched();
	return event;
}

static __always_inline void
ring_buffer_commit_inline(struct ring_buffer_per_cpu *cpu_buffer, struct ring_buffer_event *event,
			  unsigned long length)
{
	rb_commit(cpu_buffer, event, length);
	preempt_enable_no_resched();
}
