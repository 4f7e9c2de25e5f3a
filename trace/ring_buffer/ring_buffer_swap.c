/* SPDX-License-Identifier: MIT */
/*
 * Exchanging what two buffers hold of one CPU. The CPU's struct ring_buffer_per_cpu stays where it
 * is, and what is in it is exchanged: so a writer that has found its CPU's buffer, but has not
 * entered it yet, writes into what is there afterwards. The events do not move.
 *
 *	stays:		context, record_disabled, nested: of writers, and of who lets them in
 *			iterators, the reader's lock
 *	is exchanged:	the ring, where its writers and its reader are in it, the clock and its
 *			base, the counters
 */
#include "trace/kernel.h"
#include "trace/ring_buffer/ring_buffer_internal.h"

#define EXCHANGE(a, b) do {							\
	__typeof__(a) _held = (a);						\
	(a) = (b);								\
	(b) = _held;								\
} while (0)

static void exchange_readers(struct rb_reader *a, struct rb_reader *b)
{
	EXCHANGE(a->page, b->page);
	EXCHANGE(a->off, b->off);
	EXCHANGE(a->size, b->size);
	EXCHANGE(a->stamp, b->stamp);
	EXCHANGE(a->read, b->read);
	EXCHANGE(a->taken, b->taken);
	EXCHANGE(a->overrun, b->overrun);
	EXCHANGE(a->lost, b->lost);
	/* Ends iterations, as their positions mean nothing any more. */
	a->generation++;
	b->generation++;
}

static void exchange(struct ring_buffer_per_cpu *a, struct ring_buffer_per_cpu *b)
{
	lockdep_assert_held(&a->reader.lock);
	lockdep_assert_held(&b->reader.lock);
	EXCHANGE(a->tail, b->tail);
	EXCHANGE(a->commit, b->commit);
	EXCHANGE(a->commit_end, b->commit_end);
	EXCHANGE(a->commit_seq, b->commit_seq);
	EXCHANGE(a->head, b->head);
	EXCHANGE(a->ring, b->ring);
	EXCHANGE(a->base_low, b->base_low);
	EXCHANGE(a->base_high, b->base_high);
	EXCHANGE(a->since_base, b->since_base);
	EXCHANGE(a->base_ns, b->base_ns);
	EXCHANGE(a->clock, b->clock);
	EXCHANGE(a->max_cycles, b->max_cycles);
	EXCHANGE(a->ns_whole, b->ns_whole);
	EXCHANGE(a->ns_fraction, b->ns_fraction);
	EXCHANGE(a->sequence_mult, b->sequence_mult);
	EXCHANGE(a->written, b->written);
	EXCHANGE(a->commit_overrun, b->commit_overrun);
	EXCHANGE(a->dropped_events, b->dropped_events);
	exchange_readers(&a->reader, &b->reader);
}

/*
 * May this CPU's writers be let wait? Interrupts are off, so whoever is inside was interrupted. A
 * pause means that the buffer is being reset, resized or given a clock.
 */
static bool is_busy(const struct ring_buffer_per_cpu *cpu_buffer)
{
	return READ_ONCE(cpu_buffer->context) || READ_ONCE(cpu_buffer->nested) ||
	       (READ_ONCE(cpu_buffer->record_disabled) & ~RB_OFF) >= RB_PAUSE;
}

/*
 * An NMI may come in the middle: it finds its buffer paused, and its event counts as dropped. The
 * function tracer's sequence is closed, so its words need no exchange, and nobody opens it during a
 * pause.
 */
static void exchange_paused(struct ring_buffer_per_cpu *a, struct ring_buffer_per_cpu *b)
{
	__atomic_fetch_add(&a->record_disabled, RB_PAUSE, __ATOMIC_SEQ_CST);
	__atomic_fetch_add(&b->record_disabled, RB_PAUSE, __ATOMIC_SEQ_CST);
	rb_settle(a);
	rb_settle(b);
	exchange(a, b);
	__atomic_fetch_sub(&b->record_disabled, RB_PAUSE, __ATOMIC_SEQ_CST);
	__atomic_fetch_sub(&a->record_disabled, RB_PAUSE, __ATOMIC_SEQ_CST);
}

/*
 * The readers' locks are only tried, because a reader may be interrupted here. Whoever resizes
 * interrupts all CPUs first, and holds the two off from then on.
 */
int ring_buffer_swap_cpu(struct trace_buffer *a, struct trace_buffer *b, unsigned int cpu)
{
	struct ring_buffer_per_cpu *first = rb_cpu_buffer(a, (int)cpu);
	struct ring_buffer_per_cpu *second = rb_cpu_buffer(b, (int)cpu);
	int err = -EBUSY;

	if (!first || !second || a == b)
		return -EINVAL;
	if (rb_is_resizing() || is_busy(first) || is_busy(second) ||
	    !spin_trylock(&first->reader.lock))
		return -EBUSY;
	if (spin_trylock(&second->reader.lock)) {
		exchange_paused(first, second);
		spin_unlock(&second->reader.lock);
		err = 0;
	}
	spin_unlock(&first->reader.lock);
	return err;
}

/* Let @a's ring be in @b's memory, which can grow further, and the other way round. */
static void trade_memory(struct ring_buffer_per_cpu *a, struct ring_buffer_per_cpu *b)
{
	unsigned long by = b->ring.base - a->ring.base, nr = a->ring.nr_pages;

	lockdep_assert_held(&a->reader.lock);
	memcpy((void *)b->ring.base, (const void *)a->ring.base, nr * PAGE_SIZE);
	memcpy(b->ring.seqs, a->ring.seqs, nr * sizeof(*a->ring.seqs));
	memcpy(b->ring.first, a->ring.first, nr * sizeof(*a->ring.first));
	a->tail += by;
	a->commit += by;
	a->commit_end += by;
	EXCHANGE(a->ring, b->ring);
}

void ring_buffer_take_room(struct trace_buffer *a, struct trace_buffer *b, unsigned int cpu)
{
	struct ring_buffer_per_cpu *to = rb_cpu_buffer(a, (int)cpu);
	struct ring_buffer_per_cpu *from = rb_cpu_buffer(b, (int)cpu);

	if (!to || !from || to->ring.max_pages >= from->ring.max_pages ||
	    to->ring.nr_pages != from->ring.nr_pages)
		return;
	rb_stop_writers(to);
	spin_lock(&to->reader.lock);
	trade_memory(to, from);
	spin_unlock(&to->reader.lock);
	rb_resume_writers(to);
}
