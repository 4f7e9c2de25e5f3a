/* SPDX-License-Identifier: MIT */
/*
 * Exchanging what two buffers hold of one CPU. The CPU's struct ring_buffer_per_cpu stays where it
 * is, and what is in it is exchanged: so a writer that has found its CPU's buffer, but has not
 * entered it yet, writes into what is there afterwards. The events do not move.
 */
#include "trace/kernel.h"
#include "trace/ring_buffer/ring_buffer_internal.h"

#define OFFSET(field) offsetof(struct ring_buffer_per_cpu, field)
#define END(field) (OFFSET(field) + sizeof(((struct ring_buffer_per_cpu *)0)->field))
#define FOLLOWS(before, field) _Static_assert(END(before) == OFFSET(field), "in neither group")

/* The groups of fields that are exchanged, each from its first field to its last one. */
static const struct {
	size_t start, end;
} exchanged[] = {
	{ OFFSET(commit), END(tail) },
	{ OFFSET(commit_end), END(sequence_mult) },
	{ OFFSET(base_ns), END(reader) },
};
/* A field that is added between two groups would be in none of them: then this does not compile. */
FOLLOWS(tail, context);
FOLLOWS(sequence_limit, commit_end);
FOLLOWS(sequence_mult, nested);
FOLLOWS(sequence_start, base_ns);
FOLLOWS(reader, buffer);

static void exchange(struct ring_buffer_per_cpu *a, struct ring_buffer_per_cpu *b)
{
	lockdep_assert_held(&a->reader_lock);
	lockdep_assert_held(&b->reader_lock);
	for (unsigned int i = 0; i < ARRAY_SIZE(exchanged); i++) {
		for (size_t at = exchanged[i].start; at < exchanged[i].end; at += sizeof(long)) {
			unsigned long *left = (void *)((char *)a + at);
			unsigned long *right = (void *)((char *)b + at);

			/* Atomic, because an NMI may just count an event as dropped. */
			*right = __atomic_exchange_n(left, *right, __ATOMIC_RELAXED);
		}
	}
	/* Ends iterations, as their positions mean nothing any more. */
	a->generation++;
	b->generation++;
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

	assert_irqs_off();
	if (!first || !second || a == b)
		return -EINVAL;
	if (rb_is_resizing() || is_busy(first) || is_busy(second) ||
	    !spin_trylock(&first->reader_lock))
		return -EBUSY;
	/* In either order, because nobody waits for the one while it holds the other. */
	if (spin_trylock(&second->reader_lock)) {
		exchange_paused(first, second);
		spin_unlock(&second->reader_lock);
		err = 0;
	}
	spin_unlock(&first->reader_lock);
	return err;
}

/* Let @a's ring be in @b's memory, which can grow further, and the other way round. */
static void trade_memory(struct ring_buffer_per_cpu *a, struct ring_buffer_per_cpu *b)
{
	unsigned long by = b->ring.base - a->ring.base, nr = a->ring.nr_pages;
	struct rb_ring held;

	lockdep_assert_held(&a->reader_lock);
	memcpy((void *)b->ring.base, (const void *)a->ring.base, nr * PAGE_SIZE);
	memcpy(b->ring.seqs, a->ring.seqs, nr * sizeof(*a->ring.seqs));
	memcpy(b->ring.first, a->ring.first, nr * sizeof(*a->ring.first));
	a->tail += by;
	a->commit += by;
	a->commit_end += by;
	held = a->ring;
	a->ring = b->ring;
	b->ring = held;
}

void ring_buffer_take_room(struct trace_buffer *a, struct trace_buffer *b, unsigned int cpu)
{
	struct ring_buffer_per_cpu *to = rb_cpu_buffer(a, (int)cpu);
	struct ring_buffer_per_cpu *from = rb_cpu_buffer(b, (int)cpu);

	if (!to || !from || to->ring.max_pages >= from->ring.max_pages ||
	    to->ring.nr_pages != from->ring.nr_pages)
		return;
	rb_stop_writers(to);
	spin_lock(&to->reader_lock);
	trade_memory(to, from);
	spin_unlock(&to->reader_lock);
	rb_resume_writers(to);
}
