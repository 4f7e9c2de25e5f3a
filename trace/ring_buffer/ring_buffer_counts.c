/* SPDX-License-Identifier: MIT */
/*
 * The counters that tools show: how many events are in a ring buffer, and what happened to the
 * others. Most of them are computed from `written`, `head` and what the reader has taken, so that
 * writers maintain a single counter.
 */
#include "trace/kernel.h"
#include "trace/ring_buffer/ring_buffer_internal.h"

struct rb_counts {
	unsigned long entries, overrun, read, head;
};

/*
 * Get all counters; they belong to one moment only if no writer runs meanwhile. False, with zeros,
 * if there is no such CPU.
 */
static bool rb_get_counts(struct trace_buffer *buffer, int cpu, struct rb_counts *counts)
{
	struct ring_buffer_per_cpu *cpu_buffer = rb_cpu_buffer(buffer, cpu);
	unsigned long before;

	memset(counts, 0, sizeof(*counts));
	if (!cpu_buffer)
		return false;
	rb_reader_lock(cpu_buffer);
	before = rb_events_before_head(cpu_buffer, &counts->head);
	counts->read = cpu_buffer->reader.read;
	counts->overrun = before - cpu_buffer->reader.taken;
	/* `written` is read last; as it only grows, the difference cannot become negative. */
	counts->entries = rb_written(cpu_buffer) - counts->overrun - counts->read;
	rb_reader_unlock(cpu_buffer);
	return true;
}

bool ring_buffer_empty_cpu(struct trace_buffer *buffer, int cpu)
{
	struct rb_counts counts;

	return !rb_get_counts(buffer, cpu, &counts) || !counts.entries;
}

unsigned long ring_buffer_entries_cpu(struct trace_buffer *buffer, int cpu)
{
	struct rb_counts counts;

	rb_get_counts(buffer, cpu, &counts);
	return counts.entries;
}

unsigned long ring_buffer_overrun_cpu(struct trace_buffer *buffer, int cpu)
{
	struct rb_counts counts;

	rb_get_counts(buffer, cpu, &counts);
	return counts.overrun;
}

unsigned long ring_buffer_read_events_cpu(struct trace_buffer *buffer, int cpu)
{
	struct rb_counts counts;

	rb_get_counts(buffer, cpu, &counts);
	return counts.read;
}

unsigned long ring_buffer_commit_overrun_cpu(struct trace_buffer *buffer, int cpu)
{
	struct ring_buffer_per_cpu *cpu_buffer = rb_cpu_buffer(buffer, cpu);

	return cpu_buffer ? READ_ONCE(cpu_buffer->commit_overrun) : 0;
}

unsigned long ring_buffer_dropped_events_cpu(struct trace_buffer *buffer, int cpu)
{
	struct ring_buffer_per_cpu *cpu_buffer = rb_cpu_buffer(buffer, cpu);

	return cpu_buffer ? READ_ONCE(cpu_buffer->dropped_events) : 0;
}

/* Includes headers, stamps and padding. Not exact while writers run. */
unsigned long ring_buffer_bytes_cpu(struct trace_buffer *buffer, int cpu)
{
	struct ring_buffer_per_cpu *cpu_buffer = rb_cpu_buffer(buffer, cpu);
	unsigned long head, commit, slot, last, bytes;
	const struct rb_ring *ring;

	if (!cpu_buffer)
		return 0;
	ring = &cpu_buffer->ring;
	rb_reader_lock(cpu_buffer);
	/* Events that the reader has copied but not returned count as in the buffer. */
	bytes = cpu_buffer->reader.size - cpu_buffer->reader.off;
	head = smp_load_acquire(&cpu_buffer->head);
	commit = smp_load_acquire(&cpu_buffer->commit);
	last = rb_slot_of(ring, commit);
	bytes -= rb_pos_off(head);
	for (slot = rb_seq_slot(ring, rb_pos_seq(head)); slot != last;
	     slot = rb_next_slot(ring, slot))
		bytes += READ_ONCE(rb_page(ring, slot)->commit);
	bytes += commit - (unsigned long)rb_page(ring, last)->data;
	rb_reader_unlock(cpu_buffer);
	return bytes;
}

/*
 * The time of the first event of @page, or, if it does not have @any, the time in its header. The
 * two are equal except in the first sub-buffer after a reset, whose header has the time of the
 * reset.
 */
static u64 rb_first_time(const struct buffer_data_page *page, bool any)
{
	const struct ring_buffer_event *event = (const struct ring_buffer_event *)page->data;

	return any ? rb_event_time(event, page->time_stamp) : page->time_stamp;
}

/* The same for the oldest sub-buffer in the ring. */
static u64 rb_head_time(struct ring_buffer_per_cpu *cpu_buffer)
{
	const struct rb_ring *ring = &cpu_buffer->ring;
	const struct buffer_data_page *page;
	unsigned long head, slot, commit;
	u64 ts;

	/* If head has moved meanwhile, a writer may have overwritten what was read: try again. */
	do {
		head = smp_load_acquire(&cpu_buffer->head);
		slot = rb_seq_slot(ring, rb_pos_seq(head));
		commit = smp_load_acquire(&cpu_buffer->commit);
		page = rb_page(ring, slot);
		ts = rb_first_time(page, commit != (unsigned long)page->data);
	} while (head != smp_load_acquire(&cpu_buffer->head));
	return ts;
}

/*
 * As on Linux, this is the time of the first event in the oldest sub-buffer, even if that event was
 * read already.
 */
u64 ring_buffer_oldest_event_ts(struct trace_buffer *buffer, int cpu)
{
	struct ring_buffer_per_cpu *cpu_buffer = rb_cpu_buffer(buffer, cpu);
	const struct rb_reader *reader;
	u64 ts;

	if (!cpu_buffer)
		return 0;
	reader = &cpu_buffer->reader;
	rb_reader_lock(cpu_buffer);
	/* The reader's copy is older than everything in the ring. */
	if (reader->off < reader->size)
		ts = rb_first_time(reader->page, true);
	else
		ts = rb_head_time(cpu_buffer);
	rb_reader_unlock(cpu_buffer);
	return ts;
}
