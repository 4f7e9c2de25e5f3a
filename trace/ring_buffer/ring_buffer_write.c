/* SPDX-License-Identifier: MIT */
/*
 * Writers of the ring buffer, except for the fast path in ring_buffer_write.h. The writers of one
 * CPU nest like a stack (thread, interrupt, NMI): a nested one has finished when the one that it
 * interrupted continues. There are no locks, and nobody waits.
 *
 *	sub-buffer 7             sub-buffer 8
 *	| event | event | pad |  | event | open | nested |        |
 *	   ^ head (readers')                 ^ commit      ^ tail
 *
 * The *outermost* writer is the one that interrupted no other (it found context == 0).
 *
 * - Space is reserved by a compare-and-exchange of `tail`, also across sub-buffers: `tail` alone
 *   tells which one is written, and nothing else has to change together with it.
 * - Nested writers change only `tail`, their own space, `nested`, and what rb_make_room() changes.
 *   They cannot know whether the outer writer has set its time yet, so their events have an
 *   absolute time stamp.
 * - `commit`, the time there (rb_stamp()), `written` and the numbers of sub-buffers are changed
 *   only by the outermost writer. When it has finished, it walks over the events of nested writers
 *   once, counts and publishes them (rb_catch_up()). So a writer that finds context == 0 can rely
 *   on commit == tail, with rb_stamp() as the time there; unless an interrupt has written just now,
 *   which the writer notices by tail != commit.
 * - While a writer is interrupted, `tail` cannot change and return to the same value: the
 *   sub-buffer of `commit` is never overwritten, and only the outermost writer moves `commit`. (A
 *   nested discard may restore `tail`, but then it has left no event.)
 * - The outermost writer gets on, however often it is interrupted: after RB_PATIENCE attempts it
 *   turns nested writers away, so that the next one succeeds, and their events count as dropped.
 * - While the function tracer's sequence is open (ring_buffer_sequence.c), `tail` is 0, so that no
 *   fast path runs here: the first writer that comes closes it.
 */
#include "trace/ring_buffer/ring_buffer_internal.h"

#define RB_PATIENCE 64		/* attempts that interrupts may make vain */

unsigned int rb_context_bit(void)
{
	unsigned int count = preempt_count();

	if (count & NMI_MASK)
		return RB_CTX_NMI;
	if (count & HARDIRQ_MASK)
		return RB_CTX_IRQ;
	return count & SOFTIRQ_MASK ? RB_CTX_SOFTIRQ : RB_CTX_NORMAL;
}

/*
 * Enter as a writer. False if this context is inside already, with RB_CTX_TRANSITION taken as well.
 * Entering a second time is allowed, because code of an interrupt may be traced before the
 * interrupt entry has changed the preempt count.
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

/* Move `commit` from @pos, where its sub-buffer ends, to the next one, whose header is written. */
static void rb_next_page(struct ring_buffer_per_cpu *cpu_buffer, unsigned long pos)
{
	struct rb_ring *ring = &cpu_buffer->ring;
	unsigned long slot = rb_slot_of(ring, cpu_buffer->commit);
	struct buffer_data_page *page = rb_page(ring, slot);

	/*
	 * Readers take commit's sub-buffer up to `commit`, any other up to the length in its
	 * header. So the length of this one, and the number and the first time of the next one,
	 * must be visible before `commit` moves. A reader that is a round behind may read them at
	 * any time, and finds out by `head` that it must not use them.
	 */
	WRITE_ONCE(page->commit, pos - (unsigned long)page->data);
	slot = rb_next_slot(ring, slot);
	page = rb_page(ring, slot);
	cpu_buffer->commit_seq = rb_next_seq(ring, cpu_buffer->commit_seq);
	WRITE_ONCE(ring->first[slot], cpu_buffer->written);
	smp_store_release(&ring->seqs[slot], cpu_buffer->commit_seq);
	cpu_buffer->commit_end = (unsigned long)page + PAGE_SIZE;
	rb_set_stamp(cpu_buffer, page->time_stamp, RB_NO_CYCLES);
	smp_store_release(&cpu_buffer->commit, (unsigned long)page->data);
}

/*
 * Publish everything up to `tail`. Only for the outermost writer, and only while it has no open
 * event: then everything before `tail` is complete.
 */
void rb_catch_up(struct ring_buffer_per_cpu *cpu_buffer)
{
	struct ring_buffer_event *event;
	unsigned long pos, tail;

	rb_close_sequence(cpu_buffer);
	rb_count_sequence(cpu_buffer);
	pos = cpu_buffer->commit;
	/*
	 * Cleared before tail is read: a writer that comes later sets it again, and is seen then.
	 */
	WRITE_ONCE(cpu_buffer->nested, 0);
	barrier();
	tail = READ_ONCE(cpu_buffer->tail);
	while (pos != tail) {
		event = (struct ring_buffer_event *)pos;
		/* A sub-buffer ends at its last byte, or at padding without a length. */
		if (pos == cpu_buffer->commit_end || !rb_event_bytes(event)) {
			rb_next_page(cpu_buffer, pos);
			pos = cpu_buffer->commit;
			continue;
		}
		rb_set_stamp(cpu_buffer, rb_event_time(event, rb_stamp(cpu_buffer)), RB_NO_CYCLES);
		data_race(cpu_buffer->written += rb_event_is_data(event));
		pos += rb_event_bytes(event);
		smp_store_release(&cpu_buffer->commit, pos);
	}
}

/*
 * Publish the events of nested writers after the outermost writer has left. It becomes a writer
 * again for this, so writers that interrupt it now are nested, too, and may set the flag for
 * another round.
 */
void rb_publish_nested(struct ring_buffer_per_cpu *cpu_buffer)
{
	unsigned int context = rb_context_bit(), rounds = 0;

	assert_preempt_off();
	while (READ_ONCE(cpu_buffer->nested)) {
		/* See rb_reserve_outermost(): rounds end when nested writers are turned away. */
		if (unlikely(++rounds == RB_PATIENCE))
			context |= context - 1;
		WRITE_ONCE(cpu_buffer->context, context);
		barrier();
		rb_catch_up(cpu_buffer);
		barrier();
		WRITE_ONCE(cpu_buffer->context, 0);
		barrier();
	}
}

/* Leave as a writer. Contexts end in reverse order, so the lowest bit is that of this writer. */
static void rb_unlock(struct ring_buffer_per_cpu *cpu_buffer)
{
	unsigned int context = READ_ONCE(cpu_buffer->context);

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
 * Make the sub-buffer in @slot, the one after tail's, free for writing, and give up its events if
 * it is the oldest. False if that is not allowed; then the new event is lost, and is counted.
 */
static bool rb_make_room(struct ring_buffer_per_cpu *cpu_buffer, unsigned long slot)
{
	struct rb_ring *ring = &cpu_buffer->ring;
	unsigned long head, next;

	/* Nested writers have filled the whole ring up to the event that is still open. */
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
		/* A reader may be taking it at the same time; only one of the two succeeds. */
		next = rb_pos(rb_next_seq(ring, rb_pos_seq(head)), 0);
		if (__atomic_compare_exchange_n(&cpu_buffer->head, &head, next, false,
						__ATOMIC_ACQ_REL, __ATOMIC_ACQUIRE))
			break;
	}
	WRITE_ONCE(ring->seqs[slot], RB_SEQ_NONE);
	smp_mb();	/* iterators see this before they see the contents change */
	return true;
}

/* Mark the rest of the old tail's sub-buffer as unused. */
static void rb_end_page(unsigned long tail)
{
	if (tail & (PAGE_SIZE - 1))
		*(u32 *)tail = RINGBUF_TYPE_PADDING;
}

/*
 * Move tail from @tail to the next sub-buffer, after an event of @size at its start, and put the
 * event's time into the sub-buffer's header. Returns 1, 0 to try again because an interrupt wrote
 * meanwhile, or -1 if there is no room.
 */
static int rb_move_tail(struct ring_buffer_per_cpu *cpu_buffer, unsigned long tail,
			unsigned int size, u64 now)
{
	struct rb_ring *ring = &cpu_buffer->ring;
	unsigned long slot = rb_next_slot(ring, rb_slot_of(ring, tail));
	struct buffer_data_page *page = rb_page(ring, slot);
	unsigned long start = (unsigned long)page->data;

	/*
	 * Room is made first, because nothing may be written while readers can still find events
	 * there. If the exchange then fails, the next attempt needs the same sub-buffer, or finds
	 * that it is in use already.
	 */
	if (!rb_make_room(cpu_buffer, slot))
		return -1;
	if (!arch_local_cmpxchg(&cpu_buffer->tail, tail, start + size))
		return 0;
	/* Only this writer can write to the rest of the old sub-buffer: tail has left it. */
	rb_end_page(tail);
	page->time_stamp = now;
	rb_write_header((struct ring_buffer_event *)start, size, rb_type_len(size), 0);
	return 1;
}

/* Write a stamp of @type at @pos. Returns the place after it, where the event goes. */
static struct ring_buffer_event *rb_write_stamp(unsigned long pos, unsigned int type, u64 value)
{
	struct ring_buffer_event *event = (struct ring_buffer_event *)pos;

	*(u32 *)event = (u32)value << 5 | type;
	event->array[0] = (u32)(value >> RB_DELTA_BITS);
	return (struct ring_buffer_event *)(pos + RB_STAMP_SIZE);
}

/* Write the header of the event at the old @tail, with a stamp before it if @delta is too large. */
static struct ring_buffer_event *rb_start_event(unsigned long tail, unsigned int size, u64 now,
						u64 delta)
{
	struct ring_buffer_event *event = (struct ring_buffer_event *)tail;

	if (!(delta >> RB_DELTA_BITS)) {
		rb_write_header(event, size, rb_type_len(size), (u32)delta);
		return event;
	}
	if (delta >> 59)	/* the clock went backwards, or was changed */
		event = rb_write_stamp(tail, RINGBUF_TYPE_TIME_STAMP, now);
	else
		event = rb_write_stamp(tail, RINGBUF_TYPE_TIME_EXTEND, delta);
	rb_write_header(event, size, rb_type_len(size), 0);
	return event;
}

static struct ring_buffer_event *rb_reserve_outermost(struct ring_buffer_per_cpu *cpu_buffer,
						      unsigned int size)
{
	unsigned int context = READ_ONCE(cpu_buffer->context), attempts = 0;
	struct ring_buffer_event *event = NULL;
	unsigned long tail, end;
	u64 now, delta, cycles;
	int moved;

	for (;;) {
		/* With the bits of all contexts that can interrupt this one, rb_lock() refuses. */
		if (unlikely(++attempts == RB_PATIENCE))
			WRITE_ONCE(cpu_buffer->context, context | (context - 1));
		rb_catch_up(cpu_buffer);
		tail = READ_ONCE(cpu_buffer->tail);
		/* An interrupt has written since; the delta counts from its time, so publish it. */
		if (tail != cpu_buffer->commit)
			continue;
		/*
		 * The clock is read between reading tail and exchanging it. If an interrupt writes
		 * in between, the exchange fails and the clock is read again, so that times in the
		 * buffer never go backwards.
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
			break;
		if (moved) {
			/* There is no event in between, so commit can move to the new event. */
			rb_next_page(cpu_buffer, tail);
			event = (struct ring_buffer_event *)cpu_buffer->commit;
			break;
		}
	}
	if (event)
		rb_set_stamp(cpu_buffer, now, cycles);
	if (unlikely(attempts >= RB_PATIENCE))
		WRITE_ONCE(cpu_buffer->context, context);
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

	rb_close_sequence(cpu_buffer);
	for (;;) {
		tail = READ_ONCE(cpu_buffer->tail);
		now = rb_clock(cpu_buffer, &cycles);
		end = tail + RB_STAMP_SIZE + size;
		/*
		 * The room is computed from tail, because commit_end may belong to an earlier
		 * sub-buffer. The stamp is absolute, because the interrupted writer may have
		 * reserved its space but not set its time yet, and there is nothing from which a
		 * delta could count.
		 */
		if (end <= (unsigned long)rb_page(ring, rb_slot_of(ring, tail) + 1)) {
			if (!arch_local_cmpxchg(&cpu_buffer->tail, tail, end))
				continue;
			event = rb_write_stamp(tail, RINGBUF_TYPE_TIME_STAMP, now);
			rb_write_header(event, size, rb_type_len(size), 0);
			return event;
		}
		/* The first event of a sub-buffer needs no stamp: its time is in the header. */
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
	 * Read only now that this writer counts as inside: rb_stop_writers() sets the word and then
	 * waits for the writers inside, so it waits for every writer that found the word clear.
	 */
	disabled = READ_ONCE(cpu_buffer->record_disabled);
	if (disabled || length > RB_MAX_PAYLOAD) {
		if (RB_ONLY_PAUSED(disabled))
			rb_count(&cpu_buffer->dropped_events);
		goto unlock;
	}
	size = rb_event_size(length);
	if (rb_is_nested(cpu_buffer))
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
 * The outermost writer's event is the first one at `commit`, after a time stamp if it has one. A
 * nested writer's event is published by the outermost writer later.
 */
static void rb_commit(struct ring_buffer_per_cpu *cpu_buffer)
{
	unsigned long pos = cpu_buffer->commit;
	struct ring_buffer_event *event = (struct ring_buffer_event *)pos;

	if (!rb_is_nested(cpu_buffer)) {
		if (event->type_len == RINGBUF_TYPE_TIME_EXTEND ||
		    event->type_len == RINGBUF_TYPE_TIME_STAMP)
			event = (struct ring_buffer_event *)(pos += RB_STAMP_SIZE);
		data_race(cpu_buffer->written += rb_event_is_data(event));
		smp_store_release(&cpu_buffer->commit, pos + rb_event_bytes(event));
	}
	rb_unlock(cpu_buffer);
}

noinline void rb_publish_and_enable(struct ring_buffer_per_cpu *cpu_buffer)
{
	rb_publish_nested(cpu_buffer);
	preempt_enable_notrace();
}

static noinline struct ring_buffer_event *rb_reserve_slow(struct trace_buffer *buffer,
							  unsigned long length)
{
	struct ring_buffer_event *event;

	preempt_disable_notrace();
	event = rb_reserve(buffer->buffers[smp_processor_id()], length);
	if (!event)
		preempt_enable_notrace();
	return event;
}

/* Most events are of a size that fits into their header, and find what the fast path needs. */
struct ring_buffer_event *ring_buffer_lock_reserve(struct trace_buffer *buffer,
						   unsigned long length)
{
	/* Of a length so large that the sum wraps this makes 0, which is not a small one either. */
	unsigned long words = (length + 3) / 4;
	struct ring_buffer_writer writer;

	if (likely(words - 1 < RINGBUF_TYPE_DATA_TYPE_LEN_MAX) &&
	    likely(ring_buffer_reserve_words(buffer, (unsigned int)words, &writer)))
		return writer.event;
	return rb_reserve_slow(buffer, length);
}

static noinline void rb_commit_slow(struct ring_buffer_per_cpu *cpu_buffer)
{
	rb_commit(cpu_buffer);
	preempt_enable_notrace();
}

/*
 * In the common case the context is that of a thread's writer alone. Then it is the outermost one,
 * and its event begins at `commit`, unless there is a stamp before it. Nested writers must not look
 * there: `commit` may be the end of a sub-buffer.
 */
void ring_buffer_unlock_commit(struct trace_buffer *buffer)
{
	struct ring_buffer_per_cpu *cpu_buffer = buffer->buffers[smp_processor_id()];
	struct task_struct *task = current;
	unsigned long pos = cpu_buffer->commit;
	unsigned int words;

	barrier();
	/* A nested writer commits before it returns, and leaves this word as it found it. */
	if (unlikely(data_race(cpu_buffer->context) != RB_CTX_NORMAL))
		goto slow;
	words = ((struct ring_buffer_event *)pos)->type_len;
	if (unlikely(words - 1 >= RINGBUF_TYPE_DATA_TYPE_LEN_MAX))
		goto slow;
	rb_publish(cpu_buffer, pos + RB_HEADER_SIZE + 4 * words, task,
		   task->preempt_count - PREEMPT_OFFSET);
	return;
slow:
	rb_commit_slow(cpu_buffer);
}

/*
 * Return the event's space if it is the last one, otherwise leave padding. The outermost writer
 * also restores the time.
 */
void ring_buffer_discard_commit(struct trace_buffer *buffer, struct ring_buffer_event *event)
{
	struct ring_buffer_per_cpu *cpu_buffer = buffer->buffers[smp_processor_id()];
	bool outermost = !rb_is_nested(cpu_buffer);
	unsigned long pos = (unsigned long)event;
	unsigned int bytes = rb_event_bytes(event);
	u32 delta = event->time_delta;

	/* Padding first: once tail is restored, an interrupt may write an event of its own here. */
	event->array[0] = bytes - RB_HEADER_SIZE;
	*(u32 *)event = (delta ? delta : 1) << 5 | RINGBUF_TYPE_PADDING;
	barrier();
	if (arch_local_cmpxchg(&cpu_buffer->tail, pos + bytes, pos)) {
		/* The next delta counts from the previous event, so restore that one's time. */
		if (outermost)
			rb_set_stamp(cpu_buffer, rb_stamp(cpu_buffer) - delta, RB_NO_CYCLES);
		bytes = 0;
	}
	if (outermost)
		smp_store_release(&cpu_buffer->commit, pos + bytes);
	rb_unlock(cpu_buffer);
	preempt_enable_notrace();
}
