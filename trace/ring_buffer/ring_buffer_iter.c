/* SPDX-License-Identifier: MIT */
/*
 * Iterators of the ring buffer, which read without consuming. An iterator shows what was in the
 * buffer when it was started or reset, so that reading ends even while events are recorded. It
 * copies one sub-buffer at a time; the copy is valid if the slot's number is the same before and
 * after. Events that were overwritten before they were copied are counted.
 */
#include "trace/kernel.h"
#include "trace/ring_buffer/ring_buffer_internal.h"

struct ring_buffer_iter {
	struct ring_buffer_per_cpu *cpu_buffer;
	struct buffer_data_page *page;	/* the copy, with size bytes; the next event is at off */
	unsigned int off, size;
	u64 stamp;			/* the time before the event at off */
	unsigned long index;		/* how many events were committed before it */
	unsigned long seq;		/* the sub-buffer to copy next, from seq_off on */
	unsigned int seq_off;
	unsigned long end_seq, end_index;	/* the end of the iteration */
	unsigned int end_off;
	unsigned long dropped;		/* events that were overwritten before they were copied */
	unsigned int generation;	/* the buffer's at the start or reset */
	bool done;			/* there is no other sub-buffer to copy */
};

/*
 * Note where the buffer ends now. It is read again until no writer has moved `commit` meanwhile, so
 * that position, number and count belong together.
 */
static void rb_iter_set_end(struct ring_buffer_iter *iter)
{
	const struct ring_buffer_per_cpu *cpu_buffer = iter->cpu_buffer;
	const struct rb_ring *ring = &cpu_buffer->ring;
	unsigned long commit, slot;

	do {
		commit = smp_load_acquire(&cpu_buffer->commit);
		slot = rb_slot_of(ring, commit);
		iter->end_seq = smp_load_acquire(&ring->seqs[slot]);
		iter->end_off = commit - (unsigned long)rb_page(ring, slot)->data;
		iter->end_index = READ_ONCE(cpu_buffer->written);
	} while (commit != smp_load_acquire(&cpu_buffer->commit) || iter->end_seq == RB_SEQ_NONE);
}

/*
 * Continue at `head`. Events of the iterator's range before it were overwritten, and are counted.
 */
static void rb_iter_catch_up(struct ring_buffer_iter *iter)
{
	const struct rb_ring *ring = &iter->cpu_buffer->ring;
	unsigned long head, before = rb_events_before_head(iter->cpu_buffer, &head);
	unsigned long seq = rb_pos_seq(head);

	iter->seq_off = rb_pos_off(head);
	iter->off = iter->size = 0;
	/*
	 * Is head beyond the iterator's end? Numbers wrap around, so if the end seems to be a whole
	 * ring or more ahead of head, it is behind it.
	 */
	if (rb_seq_distance(ring, seq, iter->end_seq) >= ring->nr_pages ||
	    (seq == iter->end_seq && iter->seq_off >= iter->end_off)) {
		before = iter->end_index;
		iter->done = true;
	}
	iter->dropped += before - iter->index;
	iter->index = before;
	iter->seq = seq;
}

/* Copy sub-buffer iter->seq. False if it was overwritten. The reader's lock is held. */
static bool rb_iter_copy(struct ring_buffer_iter *iter)
{
	const struct ring_buffer_per_cpu *cpu_buffer = iter->cpu_buffer;
	const struct rb_ring *ring = &cpu_buffer->ring;
	unsigned long slot = rb_seq_slot(ring, iter->seq), commit;
	const struct buffer_data_page *from = rb_page(ring, slot);
	unsigned int skipped = 0;

	lockdep_assert_held(&iter->cpu_buffer->reader_lock);
	/*
	 * The slot's number is read before and after copying. A writer that needs the slot clears
	 * the number before it changes the contents (rb_make_room()). So if both reads give the
	 * same number, the copy is valid; if not, it is not used, whatever the race has put there.
	 */
	if (smp_load_acquire(&ring->seqs[slot]) != iter->seq)
		return false;
	commit = smp_load_acquire(&cpu_buffer->commit);
	iter->size = slot == rb_slot_of(ring, commit) ? commit - (unsigned long)from->data :
		     READ_ONCE(from->commit);
	if (iter->seq == iter->end_seq)
		iter->size = min(iter->size, iter->end_off);
	iter->size = min(iter->size, (unsigned int)RB_DATA_SIZE);
	data_race(memcpy(iter->page, from, offsetof(struct buffer_data_page, data) + iter->size));
	__atomic_thread_fence(__ATOMIC_ACQUIRE);
	if (READ_ONCE(ring->seqs[slot]) != iter->seq) {
		iter->size = 0;
		return false;
	}
	iter->off = iter->seq_off;
	iter->stamp = rb_walk(iter->page, 0, iter->off, iter->page->time_stamp, &skipped);
	return true;
}

/* Copy the next sub-buffer. False at the end of the iteration. */
static bool rb_iter_fill(struct ring_buffer_iter *iter)
{
	struct ring_buffer_per_cpu *cpu_buffer = iter->cpu_buffer;

	rb_reader_lock(cpu_buffer);
	/* After a reset or resize the position is meaningless, so the iteration ends. */
	if (iter->generation != cpu_buffer->generation)
		iter->done = true;
	while (!iter->done && !rb_iter_copy(iter))
		rb_iter_catch_up(iter);
	if (!iter->done) {
		iter->done = iter->seq == iter->end_seq;
		iter->seq = rb_next_seq(&cpu_buffer->ring, iter->seq);
		iter->seq_off = 0;
	}
	rb_reader_unlock(cpu_buffer);
	return iter->off < iter->size || !iter->done;
}

/*
 * The iteration starts with events that the reader has taken but not returned, then goes to head.
 */
void ring_buffer_iter_reset(struct ring_buffer_iter *iter)
{
	struct ring_buffer_per_cpu *cpu_buffer = iter->cpu_buffer;
	struct rb_reader *reader = &cpu_buffer->reader;
	unsigned int off, size, nr = 0;

	rb_reader_lock(cpu_buffer);
	iter->generation = cpu_buffer->generation;
	iter->done = false;
	rb_iter_set_end(iter);
	iter->index = rb_events_before_head(cpu_buffer, &iter->seq);
	rb_iter_catch_up(iter);
	iter->dropped = 0;
	off = reader->off;
	size = reader->size;
	if (off < size) {
		memcpy(iter->page, reader->page, offsetof(struct buffer_data_page, data) + size);
		iter->off = off;
		iter->size = size;
		iter->stamp = reader->stamp;
		/*
		 * These events come before head, so index, which rb_iter_catch_up() set, is less.
		 */
		rb_walk(iter->page, off, size, iter->stamp, &nr);
		iter->index -= nr;
	}
	rb_reader_unlock(cpu_buffer);
}

struct ring_buffer_iter *ring_buffer_read_start(struct trace_buffer *buffer, int cpu)
{
	struct ring_buffer_per_cpu *cpu_buffer = rb_cpu_buffer(buffer, cpu);
	struct ring_buffer_iter *iter;

	if (!cpu_buffer)
		return NULL;
	iter = kzalloc(sizeof(*iter), GFP_KERNEL);
	if (!iter)
		return NULL;
	iter->page = kmalloc(PAGE_SIZE, GFP_KERNEL);
	if (!iter->page) {
		kfree(iter);
		return NULL;
	}
	iter->cpu_buffer = cpu_buffer;
	/* Pinned before the ring is read, because a resize renumbers the sub-buffers. */
	rb_pin_size(cpu_buffer);
	ring_buffer_iter_reset(iter);
	return iter;
}

void ring_buffer_read_finish(struct ring_buffer_iter *iter)
{
	if (!iter)
		return;
	rb_unpin_size(iter->cpu_buffer);
	kfree(iter->page);
	kfree(iter);
}

struct ring_buffer_event *ring_buffer_iter_peek(struct ring_buffer_iter *iter, u64 *ts)
{
	struct ring_buffer_event *event;
	u64 time;

	do {
		while (iter->off < iter->size) {
			event = (struct ring_buffer_event *)(iter->page->data + iter->off);
			time = rb_event_time(event, iter->stamp);
			if (rb_event_is_data(event)) {
				if (ts)
					*ts = time;
				return event;
			}
			/* A stamp or padding; padding up to the sub-buffer's end has no length. */
			iter->stamp = time;
			iter->off += rb_event_bytes(event);
			if (!rb_event_bytes(event))
				iter->off = iter->size;
		}
	} while (rb_iter_fill(iter));
	return NULL;
}

void ring_buffer_iter_advance(struct ring_buffer_iter *iter)
{
	u64 ts;
	struct ring_buffer_event *event = ring_buffer_iter_peek(iter, &ts);

	if (!event)
		return;
	iter->stamp = ts;
	iter->off += rb_event_bytes(event);
	iter->index++;
}

unsigned long ring_buffer_iter_dropped(struct ring_buffer_iter *iter)
{
	unsigned long dropped = iter->dropped;

	iter->dropped = 0;
	return dropped;
}
