/* SPDX-License-Identifier: MIT */
/*
 * Consuming readers of the ring buffer. A reader copies a sub-buffer's contents to a page of its
 * own, and then moves `head` past them by compare-and-exchange. A writer that needs the oldest
 * sub-buffer moves `head` in the same way. So each event is either taken by the reader or
 * overwritten, and if the reader's exchange succeeds, no writer has changed what was copied.
 *
 * Overwritten events are not counted one by one. For every sub-buffer, ring.first tells how many
 * events were committed before its first one; the difference to what was read is what was lost.
 */
#include "trace/kernel.h"
#include "trace/ring_buffer/ring_buffer_internal.h"

static bool rb_no_locks;

void ring_buffer_break_locks(void)
{
	rb_no_locks = true;
}

void rb_reader_lock(struct ring_buffer_per_cpu *cpu_buffer)
{
	if (likely(!rb_no_locks))
		spin_lock(&cpu_buffer->reader_lock);
}

void rb_reader_unlock(struct ring_buffer_per_cpu *cpu_buffer)
{
	if (likely(!rb_no_locks))
		spin_unlock(&cpu_buffer->reader_lock);
}

u64 rb_walk(const struct buffer_data_page *page, unsigned int off, unsigned int end, u64 stamp,
	    unsigned int *nr_data)
{
	const struct ring_buffer_event *event;

	while (off < end) {
		event = (const struct ring_buffer_event *)(page->data + off);
		if (!rb_event_bytes(event))
			break;
		stamp = rb_event_time(event, stamp);
		*nr_data += rb_event_is_data(event);
		off += rb_event_bytes(event);
	}
	return stamp;
}

unsigned long rb_events_before_head(const struct ring_buffer_per_cpu *cpu_buffer,
				    unsigned long *head)
{
	const struct rb_reader *reader = &cpu_buffer->reader;
	unsigned long before;

	if (!rb_no_locks)
		lockdep_assert_held(&cpu_buffer->reader_lock);
	do {
		*head = smp_load_acquire(&cpu_buffer->head);
		/* If head is inside a sub-buffer, the reader has put it there, and counted. */
		before = rb_pos_off(*head) ? reader->taken + reader->overrun :
			 READ_ONCE(cpu_buffer->ring.first[rb_seq_slot(&cpu_buffer->ring,
								     rb_pos_seq(*head))]);
		/* A full barrier: an acquire alone would let the count be read behind this. */
		smp_mb();
	} while (*head != READ_ONCE(cpu_buffer->head));
	return before;
}

/*
 * Copy the sub-buffer at *@head to @page as far as it is committed, and move `head` past that. The
 * new events in @page are at [*off, *size). Returns 1; 0 if there are none (with @full, if the
 * sub-buffer is not complete); or -1 to try again, with the current `head` in *@head, because a
 * writer was faster or the sub-buffer's end had been reached.
 */
static int rb_take_once(struct ring_buffer_per_cpu *cpu_buffer, unsigned long *head,
			struct buffer_data_page *page, bool full, unsigned int *off,
			unsigned int *size)
{
	const struct rb_ring *ring = &cpu_buffer->ring;
	unsigned long slot = rb_seq_slot(ring, rb_pos_seq(*head)), old = *head, next;
	const struct buffer_data_page *from = rb_page(ring, slot);
	unsigned long commit = smp_load_acquire(&cpu_buffer->commit);

	*off = rb_pos_off(*head);
	/*
	 * In commit's sub-buffer only the events before commit are complete, and head stays in it.
	 * The buffer is empty only if head has not moved meanwhile; otherwise a writer may have
	 * been around the whole ring before commit was read.
	 */
	if (slot == rb_slot_of(ring, commit)) {
		*size = commit - (unsigned long)from->data;
		next = rb_pos(rb_pos_seq(*head), *size);
		if (full || *off >= *size) {
			*head = smp_load_acquire(&cpu_buffer->head);
			return *head == old ? 0 : -1;
		}
	} else {
		*size = min(READ_ONCE(from->commit), (unsigned long)RB_DATA_SIZE);
		next = rb_pos(rb_next_seq(ring, rb_pos_seq(*head)), 0);
	}
	/*
	 * Copy first, then move head. A writer moves head before it overwrites anything, so if the
	 * exchange succeeds, the copy is valid. If not, it is thrown away, whatever the race with
	 * the writer has put there. On arm64 the exchange is a release, so the copy is read before
	 * it; and the writer has a full barrier behind its own (rb_make_room()).
	 */
	data_race(memcpy(page, from, offsetof(struct buffer_data_page, data) + *size));
	if (!__atomic_compare_exchange_n(&cpu_buffer->head, head, next, false, __ATOMIC_ACQ_REL,
					 __ATOMIC_ACQUIRE))
		return -1;
	if (*off < *size)
		return 1;
	*head = next;
	return -1;
}

/*
 * Take the oldest events in the ring into @page, at [*off, *size); *@stamp is the time before them.
 * Counts them as taken, and the events that were lost before them as lost. False if there are none.
 */
static bool rb_take(struct ring_buffer_per_cpu *cpu_buffer, struct buffer_data_page *page,
		    bool full, unsigned int *off, unsigned int *size, u64 *stamp)
{
	struct rb_reader *reader = &cpu_buffer->reader;
	unsigned long head, before, lost;
	unsigned int skipped = 0, nr = 0;
	int taken;

	do {
		before = rb_events_before_head(cpu_buffer, &head);
		taken = rb_take_once(cpu_buffer, &head, page, full, off, size);
	} while (taken < 0);
	if (!taken)
		return false;
	/* `before` belongs to this head: if it had moved, the exchange would have failed. */
	lost = before - (reader->taken + reader->overrun);
	reader->overrun += lost;
	reader->lost += lost;
	*stamp = rb_walk(page, 0, *off, page->time_stamp, &skipped);
	rb_walk(page, *off, *size, *stamp, &nr);
	reader->taken += nr;
	return true;
}

/* The next event in the reader's copy, which is not consumed yet; NULL if none is left. */
static struct ring_buffer_event *rb_copied_event(struct rb_reader *reader, u64 *ts)
{
	struct ring_buffer_event *event;

	while (reader->off < reader->size) {
		event = (struct ring_buffer_event *)(reader->page->data + reader->off);
		*ts = rb_event_time(event, reader->stamp);
		if (rb_event_is_data(event))
			return event;
		/* Callers want only data events, so stamps and padding are consumed here. */
		reader->stamp = *ts;
		reader->off += rb_event_bytes(event);
		if (!rb_event_bytes(event))
			reader->off = reader->size;
	}
	return NULL;
}

/* The same, but takes more events from the ring when the copy is used up. */
static struct ring_buffer_event *rb_reader_event(struct ring_buffer_per_cpu *cpu_buffer, u64 *ts)
{
	struct rb_reader *reader = &cpu_buffer->reader;
	struct ring_buffer_event *event;

	do
		event = rb_copied_event(reader, ts);
	while (!event && rb_take(cpu_buffer, reader->page, false, &reader->off, &reader->size,
				 &reader->stamp));
	return event;
}

static struct ring_buffer_event *rb_read(struct trace_buffer *buffer, int cpu, u64 *ts,
					 unsigned long *lost, bool consume)
{
	struct ring_buffer_per_cpu *cpu_buffer = rb_cpu_buffer(buffer, cpu);
	struct ring_buffer_event *event;
	u64 time;

	if (!cpu_buffer)
		return NULL;
	rb_reader_lock(cpu_buffer);
	event = rb_reader_event(cpu_buffer, &time);
	if (event && ts)
		*ts = time;
	if (lost)
		*lost = cpu_buffer->reader.lost;
	/* Only consuming clears `lost`: after a peek the consumer must still be told. */
	if (event && consume) {
		cpu_buffer->reader.off += rb_event_bytes(event);
		cpu_buffer->reader.stamp = time;
		cpu_buffer->reader.read++;
		cpu_buffer->reader.lost = 0;
	}
	rb_reader_unlock(cpu_buffer);
	return event;
}

struct ring_buffer_event *ring_buffer_peek(struct trace_buffer *buffer, int cpu, u64 *ts,
					   unsigned long *lost)
{
	return rb_read(buffer, cpu, ts, lost, false);
}

struct ring_buffer_event *ring_buffer_consume(struct trace_buffer *buffer, int cpu, u64 *ts,
					      unsigned long *lost)
{
	return rb_read(buffer, cpu, ts, lost, true);
}

/* Finish a sub-buffer of @size bytes for export: add the number of lost events, clear the rest. */
static void rb_seal_page(struct buffer_data_page *page, unsigned int size, unsigned long lost)
{
	page->commit = size;
	if (lost) {
		page->commit |= RB_MISSED_EVENTS;
		if (RB_DATA_SIZE - size >= sizeof(lost)) {
			memcpy(page->data + size, &lost, sizeof(lost));
			page->commit |= RB_MISSED_STORED;
			size += sizeof(lost);
		}
	}
	memset(page->data + size, 0, RB_DATA_SIZE - size);
}

int ring_buffer_read_page(struct trace_buffer *buffer, void *data, int cpu, bool full)
{
	struct ring_buffer_per_cpu *cpu_buffer = rb_cpu_buffer(buffer, cpu);
	struct buffer_data_page *page = data, *from = page;
	unsigned int off, size, nr = 0;
	struct rb_reader *reader;
	u64 stamp, time;

	if (!cpu_buffer)
		return 0;
	reader = &cpu_buffer->reader;
	rb_reader_lock(cpu_buffer);
	/* Events that are left in the reader's copy are older than those in the ring. */
	if (rb_copied_event(reader, &time)) {
		from = reader->page;
		off = reader->off;
		size = reader->size;
		stamp = reader->stamp;
		reader->off = reader->size;
	} else if (!rb_take(cpu_buffer, page, full, &off, &size, &stamp)) {
		rb_reader_unlock(cpu_buffer);
		return 0;
	}
	rb_walk(from, off, size, stamp, &nr);
	reader->read += nr;
	/*
	 * The deltas count from the time in the header, so that becomes the time before the first
	 * event.
	 */
	memmove(page->data, from->data + off, size - off);
	page->time_stamp = stamp;
	rb_seal_page(page, size - off, reader->lost);
	reader->lost = 0;
	rb_reader_unlock(cpu_buffer);
	return (int)(size - off);
}
