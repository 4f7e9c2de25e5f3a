/* SPDX-License-Identifier: MIT */
/*
 * Writers of the ring buffer: whatever ring_buffer_write.h leaves out. Several
 * writers of one CPU nest like a stack (thread, interrupt, NMI): an inner one is
 * done before the one that it interrupted goes on. No locks, no waiting.
 *
 *	sub-buffer 7             sub-buffer 8
 *	| event | event | pad |  | event | open | nested |        |
 *	   ^ head (readers')                 ^ commit      ^ tail
 *
 * The *outermost* writer is the one that found no other running (context == 0).
 *
 * - Space is taken by a compare-and-exchange of `tail`, also across sub-buffers: `tail` alone
 *   says which one is written. Nothing else has to change with it.
 * - Nested writers touch nothing but `tail`, their own space, `nested`, and what rb_make_room()
 *   changes. They cannot know if the outer writer has noted its time yet, so they carry
 *   an absolute time stamp.
 * - `commit`, the time there (rb_stamp), `written` and the numbers of sub-buffers belong to the
 *   outermost writer. When it has finished, all that nested ones wrote is walked once
 *   (rb_catch_up), counted and published. So whoever finds context == 0 may rely on: commit ==
 *   tail, and rb_stamp is the time there; unless an interrupt is quick, which the writer sees
 *   by tail != commit.
 * - A `tail` cannot come back to the same address behind the back of a writer: the sub-buffer
 *   that `commit` is in is never overwritten, and only the outermost writer moves `commit`.
 *   (A nested discard may restore `tail`; then there was no event, and nothing is untrue.)
 */
#include "trace/ring_buffer/ring_buffer_internal.h"

/* Which bit stands for the context that we run in. */
static unsigned int rb_context_bit(void)
{
	unsigned int count = preempt_count();

	if (count & NMI_MASK)
		return RB_CTX_NMI;
	if (count & HARDIRQ_MASK)
		return RB_CTX_IRQ;
	return count & SOFTIRQ_MASK ? RB_CTX_SOFTIRQ : RB_CTX_NORMAL;
}

/*
 * Enter as a writer. False when this context is inside already, twice: once is
 * allowed, since an interrupt may get here before its entry code has counted it.
 */
static bool rb_lock(struct ring_buffer_per_cpu *cpu_buffer)
{
	unsigned int context = READ_ONCE(cpu_buffer->context);
	unsigned int bit = rb_context_bit();

	if (context & bit)
		bit = RB_CTX_TRANSITION;
	if (context & bit)
		return false;
	WRITE_ONCE(cpu_buffer->context, context | bit);
	barrier();
	return true;
}

/* commit leaves its sub-buffer at @pos and goes to the next one, which has its first time stamp. */
static void rb_next_page(struct ring_buffer_per_cpu *cpu_buffer, unsigned long pos)
{
	struct rb_ring *ring = &cpu_buffer->ring;
	unsigned long slot = rb_slot_of(ring, cpu_buffer->commit);
	struct buffer_data_page *page = rb_page(ring, slot);

	/*
	 * Readers take commit's sub-buffer up to `commit`, any other up to its own length. So the
	 * length here, and the number and the first time there, must be visible before `commit`
	 * moves.
	 */
	page->commit = pos - (unsigned long)page->data;
	slot = rb_next_slot(ring, slot);
	page = rb_page(ring, slot);
	cpu_buffer->commit_seq = rb_next_seq(ring, cpu_buffer->commit_seq);
	ring->first[slot] = cpu_buffer->written;
	smp_store_release(&ring->seqs[slot], cpu_buffer->commit_seq);
	cpu_buffer->commit_end = (unsigned long)page + PAGE_SIZE;
	rb_set_stamp(cpu_buffer, page->time_stamp, RB_NO_CYCLES);
	smp_store_release(&cpu_buffer->commit, (unsigned long)page->data);
}

/*
 * Publish everything up to tail. Only for the outermost writer, and only while it has no
 * event open: then all that lies before tail is complete.
 */
static void rb_catch_up(struct ring_buffer_per_cpu *cpu_buffer)
{
	unsigned long pos = cpu_buffer->commit, tail;
	struct ring_buffer_event *event;

	/* Cleared before tail is read: who writes behind that sets it again, and we come back. */
	WRITE_ONCE(cpu_buffer->nested, 0);
	barrier();
	tail = READ_ONCE(cpu_buffer->tail);
	while (pos != tail) {
		event = (struct ring_buffer_event *)pos;
		/* A sub-buffer ends at its last byte, or earlier at padding that has no length. */
		if (pos == cpu_buffer->commit_end || !rb_event_bytes(event)) {
			rb_next_page(cpu_buffer, pos);
			pos = cpu_buffer->commit;
			continue;
		}
		rb_set_stamp(cpu_buffer, rb_event_time(event, rb_stamp(cpu_buffer)), RB_NO_CYCLES);
		cpu_buffer->written += rb_event_is_data(event);
		pos += rb_event_bytes(event);
		smp_store_release(&cpu_buffer->commit, pos);
	}
}

/*
 * The outermost writer has left, and found that others had interrupted it: publish their events.
 * It becomes a writer again for that, so those that interrupt it now are nested once more, and
 * may set the flag for another round.
 */
static void rb_publish_nested(struct ring_buffer_per_cpu *cpu_buffer)
{
	while (READ_ONCE(cpu_buffer->nested)) {
		WRITE_ONCE(cpu_buffer->context, rb_context_bit());
		barrier();
		rb_catch_up(cpu_buffer);
		barrier();
		WRITE_ONCE(cpu_buffer->context, 0);
		barrier();
	}
}

/* Leave. Contexts end in the reverse order, so the lowest bit is ours. */
static void rb_unlock(struct ring_buffer_per_cpu *cpu_buffer)
{
	unsigned int context = cpu_buffer->context;

	barrier();
	context &= context - 1;
	if (context)
		WRITE_ONCE(cpu_buffer->nested, 1);
	barrier();
	WRITE_ONCE(cpu_buffer->context, context);
	barrier();
	if (!context)
		rb_publish_nested(cpu_buffer);
}

/*
 * Make the sub-buffer in @slot, the one after tail's, free for writing: give up its events if
 * it is the oldest. False if that must not be; then the event is lost, and counted.
 */
static bool rb_make_room(struct ring_buffer_per_cpu *cpu_buffer, unsigned long slot)
{
	struct rb_ring *ring = &cpu_buffer->ring;
	unsigned long head, next;

	/* Nested writers have filled the ring, round to the event that is still open. */
	if (slot == rb_slot_of(ring, READ_ONCE(cpu_buffer->commit))) {
		rb_count(&cpu_buffer->commit_overrun);
		return false;
	}
	head = smp_load_acquire(&cpu_buffer->head);
	while (rb_seq_slot(ring, rb_pos_seq(head)) == slot) {
		if (!(READ_ONCE(cpu_buffer->buffer->flags) & RB_FL_OVERWRITE) &&
		    rb_pos_off(head) != rb_page(ring, slot)->commit) {
			rb_count(&cpu_buffer->dropped_events);
			return false;
		}
		/* A reader may be taking it at this moment: one of us gets it. */
		next = rb_pos(rb_next_seq(ring, rb_pos_seq(head)), 0);
		if (__atomic_compare_exchange_n(&cpu_buffer->head, &head, next, false,
						__ATOMIC_ACQ_REL, __ATOMIC_ACQUIRE))
			break;
	}
	WRITE_ONCE(ring->seqs[slot], RB_SEQ_NONE);
	smp_mb();	/* iterators see that before they see the slot change */
	return true;
}

/* The rest of tail's sub-buffer stays empty. */
static void rb_end_page(unsigned long tail)
{
	if (tail & (PAGE_SIZE - 1))
		*(u32 *)tail = RINGBUF_TYPE_PADDING;
}

/*
 * Move tail from @tail to the next sub-buffer, behind an event of @size at its start. 1, 0 if an
 * interrupt wrote meanwhile (look again), -1 if there is no room. The header's time is the event's.
 */
static int rb_move_tail(struct ring_buffer_per_cpu *cpu_buffer, unsigned long tail,
			unsigned int size, u64 now)
{
	struct rb_ring *ring = &cpu_buffer->ring;
	unsigned long slot = rb_next_slot(ring, rb_slot_of(ring, tail));
	struct buffer_data_page *page = rb_page(ring, slot);
	unsigned long start = (unsigned long)page->data;

	/*
	 * Room first: nothing may be written there while readers still find events in it. If the
	 * exchange then fails, the next attempt needs the same sub-buffer, or finds it taken into
	 * use.
	 */
	if (!rb_make_room(cpu_buffer, slot))
		return -1;
	if (!arch_local_cmpxchg(&cpu_buffer->tail, tail, start + size))
		return 0;
	/* The rest of the old sub-buffer is ours alone: no tail comes back to it in this lap. */
	rb_end_page(tail);
	page->time_stamp = now;
	rb_write_header((struct ring_buffer_event *)start, size, 0);
	return 1;
}

/* Put what @type says before an event at @pos. Returns the event. */
static struct ring_buffer_event *rb_write_stamp(unsigned long pos, unsigned int type, u64 value)
{
	struct ring_buffer_event *event = (struct ring_buffer_event *)pos;

	*(u32 *)event = (u32)value << 5 | type;
	event->array[0] = (u32)(value >> RB_DELTA_BITS);
	return (struct ring_buffer_event *)(pos + RB_STAMP_SIZE);
}

/* The event at the old @tail, whose space is ours: its header, behind its time if needed. */
static struct ring_buffer_event *rb_start_event(unsigned long tail, unsigned int size, u64 now,
						u64 delta)
{
	struct ring_buffer_event *event = (struct ring_buffer_event *)tail;

	if (!(delta >> RB_DELTA_BITS)) {
		rb_write_header(event, size, (u32)delta);
		return event;
	}
	if (delta >> 59)	/* the clock went backwards, or was changed */
		event = rb_write_stamp(tail, RINGBUF_TYPE_TIME_STAMP, now);
	else
		event = rb_write_stamp(tail, RINGBUF_TYPE_TIME_EXTEND, delta);
	rb_write_header(event, size, 0);
	return event;
}

static struct ring_buffer_event *rb_reserve_outermost(struct ring_buffer_per_cpu *cpu_buffer,
						      unsigned int size)
{
	struct ring_buffer_event *event;
	unsigned long tail, end;
	u64 now, delta, cycles;
	int moved;

	for (;;) {
		rb_catch_up(cpu_buffer);
		tail = READ_ONCE(cpu_buffer->tail);
		/* An interrupt wrote since. Our delta counts from its time, so publish it first. */
		if (tail != cpu_buffer->commit)
			continue;
		/*
		 * The clock is read between reading tail and exchanging it. An interrupt that
		 * writes in between makes the exchange fail and the clock be read again, so times
		 * in the buffer never run backwards.
		 */
		now = rb_clock(cpu_buffer, &cycles);
		delta = now - rb_stamp(cpu_buffer);
		end = tail + size + (delta >> RB_DELTA_BITS ? RB_STAMP_SIZE : 0);
		if (end <= cpu_buffer->commit_end) {
			if (!arch_local_cmpxchg(&cpu_buffer->tail, tail, end))
				continue;
			event = rb_start_event(tail, size, now, delta);
			break;
		}
		moved = rb_move_tail(cpu_buffer, tail, size, now);
		if (moved < 0)
			return NULL;
		if (moved) {
			/* Nothing lies in between, so commit may go to our event at once. */
			rb_next_page(cpu_buffer, tail);
			event = (struct ring_buffer_event *)cpu_buffer->commit;
			break;
		}
	}
	rb_set_stamp(cpu_buffer, now, cycles);
	return event;
}

static struct ring_buffer_event *rb_reserve_nested(struct ring_buffer_per_cpu *cpu_buffer,
						   unsigned int size)
{
	struct rb_ring *ring = &cpu_buffer->ring;
	struct ring_buffer_event *event;
	unsigned long tail, end;
	u64 now, cycles;
	int moved;

	for (;;) {
		tail = READ_ONCE(cpu_buffer->tail);
		now = rb_clock(cpu_buffer, &cycles);
		end = tail + RB_STAMP_SIZE + size;
		/*
		 * Room is reckoned from tail: commit_end may be of a sub-buffer before it. The
		 * stamp is absolute, because the writer that we interrupted may have taken its
		 * space and not yet noted its time, so that there is nothing to count a delta from.
		 */
		if (end <= (unsigned long)rb_page(ring, rb_slot_of(ring, tail) + 1)) {
			if (!arch_local_cmpxchg(&cpu_buffer->tail, tail, end))
				continue;
			event = rb_write_stamp(tail, RINGBUF_TYPE_TIME_STAMP, now);
			rb_write_header(event, size, 0);
			return event;
		}
		/* First in a new sub-buffer, whose header has our time: no stamp is needed. */
		moved = rb_move_tail(cpu_buffer, tail, size, now);
		if (moved < 0)
			return NULL;
		if (moved)
			return (struct ring_buffer_event *)
				rb_page(ring, rb_next_slot(ring, rb_slot_of(ring, tail)))->data;
	}
}

static struct ring_buffer_event *rb_reserve(struct ring_buffer_per_cpu *cpu_buffer,
					    unsigned long length)
{
	struct ring_buffer_event *event = NULL;
	unsigned int size, disabled;

	if (!rb_lock(cpu_buffer)) {
		if (RB_ONLY_PAUSED(READ_ONCE(cpu_buffer->record_disabled)))
			rb_count(&cpu_buffer->dropped_events);
		return NULL;
	}
	/*
	 * Looked at only now that we count as inside: rb_stop_writers() sets the word and then
	 * waits for those inside, so whoever still found it clear is waited for.
	 */
	disabled = READ_ONCE(cpu_buffer->record_disabled);
	if (disabled || length > RB_MAX_PAYLOAD) {
		if (RB_ONLY_PAUSED(disabled))
			rb_count(&cpu_buffer->dropped_events);
		goto unlock;
	}
	size = rb_event_size(length);
	/* More than one bit means that we have interrupted another writer. */
	if (cpu_buffer->context & (cpu_buffer->context - 1))
		event = rb_reserve_nested(cpu_buffer, size);
	else
		event = rb_reserve_outermost(cpu_buffer, size);
	if (event)
		return event;
unlock:
	rb_unlock(cpu_buffer);
	return NULL;
}

/*
 * Commit without knowing the event: the outermost writer's is the first at commit,
 * behind the time stamp that it may carry. A nested one's is published by the outermost.
 */
static void rb_commit(struct ring_buffer_per_cpu *cpu_buffer)
{
	unsigned long pos = cpu_buffer->commit;
	struct ring_buffer_event *event = (struct ring_buffer_event *)pos;

	if (!(cpu_buffer->context & (cpu_buffer->context - 1))) {
		if (event->type_len == RINGBUF_TYPE_TIME_EXTEND ||
		    event->type_len == RINGBUF_TYPE_TIME_STAMP)
			event = (struct ring_buffer_event *)(pos += RB_STAMP_SIZE);
		cpu_buffer->written += rb_event_is_data(event);
		smp_store_release(&cpu_buffer->commit, pos + rb_event_bytes(event));
	}
	rb_unlock(cpu_buffer);
}

void rb_publish_and_enable(struct ring_buffer_per_cpu *cpu_buffer)
{
	rb_publish_nested(cpu_buffer);
	preempt_enable_notrace();
}

struct ring_buffer_event *ring_buffer_lock_reserve(struct trace_buffer *buffer,
						   unsigned long length)
{
	struct ring_buffer_event *event;

	preempt_disable_notrace();
	event = rb_reserve(buffer->buffers[smp_processor_id()], length);
	if (!event)
		preempt_enable_notrace();
	return event;
}

void ring_buffer_unlock_commit(struct trace_buffer *buffer)
{
	barrier();
	rb_commit(buffer->buffers[smp_processor_id()]);
	preempt_enable_notrace();
}

/*
 * Take a reserved event back: give its space back if it is the last one, else leave padding. The
 * outermost writer also takes back its time.
 */
void ring_buffer_discard_commit(struct trace_buffer *buffer, struct ring_buffer_event *event)
{
	struct ring_buffer_per_cpu *cpu_buffer = buffer->buffers[smp_processor_id()];
	bool outermost = !(cpu_buffer->context & (cpu_buffer->context - 1));
	unsigned long pos = (unsigned long)event;
	unsigned int bytes = rb_event_bytes(event);
	u32 delta = event->time_delta;

	/* Padding first: once tail is back, an interrupt may have an event of its own here. */
	event->array[0] = bytes - RB_HEADER_SIZE;
	*(u32 *)event = (delta ? delta : 1) << 5 | RINGBUF_TYPE_PADDING;
	barrier();
	if (arch_local_cmpxchg(&cpu_buffer->tail, pos + bytes, pos)) {
		/* The next delta counts from the event before, whose time this is. */
		if (outermost)
			rb_set_stamp(cpu_buffer, rb_stamp(cpu_buffer) - delta, RB_NO_CYCLES);
		bytes = 0;
	}
	if (outermost)
		smp_store_release(&cpu_buffer->commit, pos + bytes);
	rb_unlock(cpu_buffer);
	preempt_enable_notrace();
}
