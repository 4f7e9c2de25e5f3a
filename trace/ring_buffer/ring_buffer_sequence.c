/* SPDX-License-Identifier: MIT */
/*
 * The sequence, seen from C: the ports' function_trace_caller writes an event of the function
 * tracer, and their graph_trace_caller and graph_trace_return those of function_graph, straight
 * into the sub-buffer, with no context word, no compare-and-exchange and no call.
 * It is a restartable sequence: whoever interrupts it on its CPU (an interrupt, an NMI, a fault)
 * sends it back to its start, by changing the address to which the interrupt returns. What it has
 * stored by then lies beyond `commit`, where nothing is valid, so it can be stored again. Its last
 * store is the commit: one word, `commit` itself. Either that store has been made, or nothing has
 * happened.
 *
 *	closed:  tail != 0             writers in C change tail and commit
 *	open:    tail == 0             the sequence changes commit, which is the tail as well
 *
 * For that all it changes must follow from `commit`:
 *
 * - The time at `commit` is one of the two words of sequence_since. Bit 2 of `commit` says which,
 *   and each event changes that bit, because its size is an odd number of words. The sequence
 *   reads the one and writes the other, which counts from its last store on.
 * - The function tracer's events have one size, so their number is a distance: (commit -
 *   sequence_start) / size. Those of function_graph have two sizes, so they are counted, in two
 *   words like the time. rb_count_sequence() adds the number to `written`. A buffer is reset
 *   between the two tracers, so an open sequence is always that of the tracer that runs.
 * - They stay in commit's sub-buffer (sequence_limit). All else goes to the ordinary callback: a
 *   full sub-buffer, a time that does not fit into a header, interrupts and NMIs, a thread that is
 *   to be switched away, recording that is off.
 *
 * Who ends it:
 *
 * - A writer in C on this CPU, nested or not: rb_close_sequence() makes `tail` the tail again. The
 *   fast path of ring_buffer_write.h finds tail != commit, and commit_end is 0 until the events of
 *   the sequence are counted: so it leaves all this to the slow path.
 * - Other CPUs never write the words above. Who switches recording off sets record_disabled, which
 *   the sequence reads each time; an event that is in it at that moment may still be written, as
 *   with writers in C. Who changes the ring (a resize, a reset, another clock) pauses recording and
 *   then interrupts this CPU: rb_stop_writers(). That interrupt sends the sequence back to its
 *   start, where it sees the pause, and closes it. Nobody opens it before the pause ends. A
 *   snapshot is taken on this CPU, in the same way (ring_buffer_swap.c).
 * - Readers take what is before `commit`, which the sequence moves by a release like any writer.
 */
#include "trace/ring_buffer/ring_buffer_internal.h"

static unsigned int since_index(unsigned long commit)
{
	return commit >> 2 & 1;
}

/*
 * The limit comes first: behind it the sequence does not write, whatever interrupts, so that
 * `commit` stays what it is until the exchange. A nested writer that comes in between does the same
 * and may move tail, and then the exchange fails. Nested writers never open the sequence.
 */
void rb_close_sequence(struct ring_buffer_per_cpu *cpu_buffer)
{
	if (likely(READ_ONCE(cpu_buffer->tail)))
		return;
	WRITE_ONCE(cpu_buffer->sequence_limit, 0);
	barrier();
	arch_local_cmpxchg(&cpu_buffer->tail, 0, READ_ONCE(cpu_buffer->commit));
	barrier();
}

/* How many events it has written, if it was opened at @start and has come to @commit. */
static unsigned long sequence_events(const struct ring_buffer_per_cpu *cpu_buffer,
				     unsigned long start, unsigned long commit)
{
	/* Whoever asks from another CPU finds out afterwards whether @commit was still true. */
	return READ_ONCE(cpu_buffer->sequence_counts) ?
		data_race(cpu_buffer->sequence_count[since_index(commit)]) :
		(commit - start) / RB_SEQUENCE_SIZE;
}

/* In this order rb_written() may count these events twice for a moment, but does not lose any. */
static noinline void count_from(struct ring_buffer_per_cpu *cpu_buffer, unsigned long start)
{
	unsigned long commit = cpu_buffer->commit;

	cpu_buffer->since_base = cpu_buffer->sequence_since[since_index(commit)];
	cpu_buffer->commit_end = ALIGN_DOWN(commit - 1, PAGE_SIZE) + PAGE_SIZE;
	data_race(cpu_buffer->written += sequence_events(cpu_buffer, start, commit));
	smp_store_release(&cpu_buffer->sequence_start, 0);
}

void rb_count_sequence(struct ring_buffer_per_cpu *cpu_buffer)
{
	unsigned long start = READ_ONCE(cpu_buffer->sequence_start);

	if (unlikely(start))
		count_from(cpu_buffer, start);
}

/* As if a nested writer had left something, because that is done in the same way. */
void rb_settle(struct ring_buffer_per_cpu *cpu_buffer)
{
	assert_preempt_off();
	WRITE_ONCE(cpu_buffer->nested, 1);
	rb_publish_nested(cpu_buffer);
}

unsigned long rb_written(const struct ring_buffer_per_cpu *cpu_buffer)
{
	unsigned long written, start, commit, events;

	do {
		written = READ_ONCE(cpu_buffer->written);
		start = smp_load_acquire(&cpu_buffer->sequence_start);
		commit = smp_load_acquire(&cpu_buffer->commit);
		events = start ? sequence_events(cpu_buffer, start, commit) : 0;
		smp_mb();
		/* Two events on, the word of the count at @commit is written again. */
	} while (start != READ_ONCE(cpu_buffer->sequence_start) ||
		 written != READ_ONCE(cpu_buffer->written) ||
		 (start && commit != READ_ONCE(cpu_buffer->commit)));
	return written + events;
}

/*
 * The caller is the outermost writer, and all events are published. The exchange opens the
 * sequence; if it fails, an interrupt has written, and everything is put back.
 */
static void open_sequence(struct ring_buffer_per_cpu *cpu_buffer, bool graph)
{
	unsigned long commit = cpu_buffer->commit;
	unsigned long largest = graph ? RB_SEQUENCE_RETURN_SIZE : RB_SEQUENCE_SIZE;

	if (READ_ONCE(cpu_buffer->record_disabled) || !cpu_buffer->sequence_mult)
		return;
	cpu_buffer->sequence_since[since_index(commit)] = cpu_buffer->since_base;
	cpu_buffer->sequence_count[since_index(commit)] = 0;
	WRITE_ONCE(cpu_buffer->sequence_counts, graph);
	WRITE_ONCE(cpu_buffer->sequence_limit, cpu_buffer->commit_end - largest);
	WRITE_ONCE(cpu_buffer->sequence_start, commit);
	cpu_buffer->commit_end = 0;
	barrier();
	if (!arch_local_cmpxchg(&cpu_buffer->tail, commit, 0)) {
		WRITE_ONCE(cpu_buffer->sequence_limit, 0);
		rb_count_sequence(cpu_buffer);
	}
}

void ring_buffer_open_sequence(struct trace_buffer *buffer, bool graph)
{
	struct ring_buffer_per_cpu *cpu_buffer;

	preempt_disable_notrace();
	cpu_buffer = buffer->buffers[smp_processor_id()];
	WRITE_ONCE(cpu_buffer->sequence_wanted, 0);
	/* An interrupt may come before the store: it leaves this word as it found it. */
	if (READ_ONCE(cpu_buffer->tail) && !READ_ONCE(cpu_buffer->context)) {
		WRITE_ONCE(cpu_buffer->context, rb_context_bit());
		barrier();
		rb_catch_up(cpu_buffer);
		open_sequence(cpu_buffer, graph);
		barrier();
		WRITE_ONCE(cpu_buffer->context, 0);
		barrier();
		rb_publish_nested(cpu_buffer);
	}
	preempt_enable_notrace();
}
