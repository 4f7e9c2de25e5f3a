/* SPDX-License-Identifier: MIT */
/*
 * The ring buffer's writer, the part that runs for every event: inline, so that
 * the function tracer pays for no call and no length that it knows. What is not
 * the common case goes to ring_buffer_write.c, which also tells why it all works.
 */
#pragma once
#include "trace/arch.h"
#include "trace/kernel.h"
#include "trace/ring_buffer/ring_buffer.h"

/* A sub-buffer, as Linux has it: data at 12 on i386, at 16 on 64-bit machines. */
struct buffer_data_page {
	u64 time_stamp;		/* of the first event */
	unsigned long commit;	/* bytes of data; set when the writer leaves the sub-buffer */
	unsigned char data[];
};
#define RB_DATA_SIZE (PAGE_SIZE - offsetof(struct buffer_data_page, data))
#define RB_DELTA_BITS 27
#define RB_NO_BASE ~0u
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
 * number s is in slot s % nr_pages. A ring of another size is at the same addresses.
 */
struct rb_ring {
	unsigned long base;		/* address of slot 0 */
	unsigned int nr_pages;
	unsigned int max_pages;		/* that there are addresses for */
	unsigned long seq_limit;
	unsigned long *seqs;		/* what is in a slot; RB_SEQ_NONE once it is not whole */
	unsigned long *first;		/* events committed before the slot's first one */
};

/*
 * The consuming reader's own page, to which it copies a sub-buffer. Those of its events that were
 * not given out yet lie at [off, size).
 */
struct rb_reader {
	spinlock_t lock;
	struct buffer_data_page *page;
	unsigned int off, size;
	u64 stamp;			/* time before the event at off */
	unsigned long read;		/* events given out */
	unsigned long taken;		/* given out or in the copy */
	unsigned long overrun;		/* events found overwritten */
	unsigned long lost;		/* those of them that no caller has been told of yet */
	unsigned int generation;	/* one more for each reset or resize: ends iterators */
};

/*
 * The buffer of one CPU. Fields are in the order in which the fast path needs them.
 *
 * The time at `commit` (at `tail`, while an outermost event is open) is base_ns + since_base.
 * Whenever the slow path sets the base, it notes the cycle counter as well, if that is the clock.
 * The fast path then converts only the cycles that have passed since. It rounds down, so its time
 * is never later than the clock's, and at most 1 ns earlier.
 */
struct ring_buffer_per_cpu {
	unsigned int context;		/* RB_CTX_* of the writers that run; 0: no one */
	unsigned int record_disabled;	/* RB_OFF, pauses, and how often disabled */
	unsigned long tail;		/* address where the next event goes */
	unsigned long commit;		/* readers see what is before it */
	unsigned long commit_end;	/* end of commit's sub-buffer */
	u32 base_low, base_high;	/* cycles; base_high RB_NO_BASE: not known */
	u32 since_base;			/* ns */
	u32 max_cycles;			/* so many since the base are too many: 2^27 ns */
	u32 ns_whole, ns_fraction;	/* ns per cycle: kernel_clock's */
	unsigned long written;		/* events committed */
	unsigned int nested;		/* 1: a writer that interrupted another one left events */

	u64 base_ns;
	u64 (*clock)(void);		/* NULL: trace_clock_local() */
	unsigned long head;		/* oldest unread: number << PAGE_SHIFT | offset in data */
	unsigned long commit_seq;	/* number of commit's sub-buffer */
	unsigned long commit_overrun, dropped_events;
	struct trace_buffer *buffer;
	unsigned int cpu;		/* whose it is */
	unsigned int iterators;		/* open ones, which forbid resizing; under resize_lock */
	struct rb_ring ring;
	struct rb_reader reader;
};

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

static __always_inline void rb_write_header(struct ring_buffer_event *event, unsigned int size,
					    u32 delta)
{
	unsigned int data = size - RB_HEADER_SIZE;
	unsigned int type_len = data > RB_MAX_SMALL_DATA ? 0 : data / 4;

	*(u32 *)event = delta << 5 | type_len;
	if (!type_len)
		event->array[0] = data;
}

struct ring_buffer_writer {
	struct ring_buffer_per_cpu *cpu_buffer;
	struct ring_buffer_event *event;
	struct task_struct *task;
	unsigned int preempt_count;		/* before */
};

/*
 * The end of ring_buffer_commit_fast() when an interrupt wrote in the meantime: publishes its
 * events, enables preemption, and looks whether a switch is due.
 */
void rb_publish_and_enable(struct ring_buffer_per_cpu *cpu_buffer);

/*
 * Reserve room for @length bytes where nothing is special: in a thread, with preemption disabled
 * less than 16 deep (more does not fit struct trace_entry), while recording, with no writer
 * interrupted, in the same sub-buffer and by the default clock. False means that nothing has
 * happened: use ring_buffer_lock_reserve(), whose end also looks whether a switch is due. True:
 * fill writer->event (the payload is at event->array if @length <= RB_MAX_SMALL_DATA), then call
 * ring_buffer_commit_fast().
 */
static __always_inline bool ring_buffer_reserve_fast(struct trace_buffer *buffer,
						     unsigned long length,
						     struct ring_buffer_writer *writer)
{
	struct task_struct *task = current;
	unsigned int count = task->preempt_count, size = rb_event_size(length);
	struct ring_buffer_per_cpu *cpu_buffer;
	unsigned long tail;
	u32 passed, ns;
	u64 cycles;

	if (unlikely(count > 15))
		return false;
	task->preempt_count = count + PREEMPT_OFFSET;
	barrier();
	cpu_buffer = buffer->buffers[smp_processor_id()];
	if (unlikely(cpu_buffer->context))
		goto out;
	/*
	 * An interrupt before this store writes and publishes as if we were not here. One that
	 * comes later finds us, and leaves the time and `commit` alone.
	 */
	cpu_buffer->context = RB_CTX_NORMAL;
	barrier();
	tail = cpu_buffer->tail;
	if (unlikely(cpu_buffer->record_disabled || tail != cpu_buffer->commit ||
		     tail + size > cpu_buffer->commit_end))
		goto leave;
	barrier();
	/*
	 * The clock is read after tail: the exchange below proves that no interrupt wrote in
	 * between, and so that no event before ours is later.
	 */
	cycles = arch_clock_cycles();
	passed = (u32)cycles - cpu_buffer->base_low;
	if (unlikely((u32)(cycles >> 32) != cpu_buffer->base_high ||
		     passed >= cpu_buffer->max_cycles))
		goto leave;
	ns = passed * cpu_buffer->ns_whole +
	     (u32)((u64)passed * cpu_buffer->ns_fraction >> 32);
	if (unlikely(!arch_local_cmpxchg(&cpu_buffer->tail, tail, tail + size)))
		goto leave;
	rb_write_header((struct ring_buffer_event *)tail, size, ns - cpu_buffer->since_base);
	cpu_buffer->since_base = ns;
	writer->cpu_buffer = cpu_buffer;
	writer->event = (struct ring_buffer_event *)tail;
	writer->task = task;
	writer->preempt_count = count;
	return true;
leave:
	cpu_buffer->context = 0;
out:
	barrier();
	task->preempt_count = count;
	return false;
}

/*
 * Publish the event, enable preemption, and look whether a switch is due. To be a caller's last
 * statement: then GCC makes jumps of the calls that are seldom needed.
 */
static __always_inline void ring_buffer_commit_fast(const struct ring_buffer_writer *writer,
						    unsigned long length)
{
	struct ring_buffer_per_cpu *cpu_buffer = writer->cpu_buffer;

	/* Readers load `commit` with acquire: what is before it is written, and counted. */
	cpu_buffer->written++;
	smp_store_release(&cpu_buffer->commit,
			  (unsigned long)writer->event + rb_event_size(length));
	barrier();
	/* `nested` is read after that: an interrupt in between publishes by itself. */
	cpu_buffer->context = 0;
	barrier();
	if (unlikely(cpu_buffer->nested)) {
		rb_publish_and_enable(cpu_buffer);
		return;
	}
	barrier();
	writer->task->preempt_count = writer->preempt_count;
	barrier();
	if (unlikely(READ_ONCE(writer->task->need_resched)))
		preempt_schedule();
}
