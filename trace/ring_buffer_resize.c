/* SPDX-License-Identifier: MIT */
/*
 * Changing the size of a ring buffer, and emptying it. Both keep the writers
 * of that CPU out meanwhile; events that come then are not recorded, as when
 * recording is off. Resizing keeps the newest events that fit; the others count as overrun.
 */
#include "kernel/errno.h"
#include "kernel/mm.h"
#include "kernel/smp.h"
#include "kernel/string.h"
#include "kernel/wait.h"
#include "trace/ring_buffer_internal.h"

static DEFINE_MUTEX(resize_lock);

struct rb_look {
	const struct ring_buffer_per_cpu *cpu_buffer;
	bool is_free;
};

/* On the writers' CPU, in an interrupt: `nested` may be about to make one a writer again. */
static void rb_look(void *arg)
{
	struct rb_look *look = arg;

	look->is_free = !look->cpu_buffer->context && !look->cpu_buffer->nested;
}

/*
 * Asked is the CPU itself, because its writers have no barriers: in an interrupt there, whoever
 * began to write before it is inside for all to see, and whoever comes later sees record_disabled.
 */
void rb_stop_writers(struct ring_buffer_per_cpu *cpu_buffer)
{
	struct rb_look look = { .cpu_buffer = cpu_buffer };

	__atomic_fetch_add(&cpu_buffer->record_disabled, 1, __ATOMIC_SEQ_CST);
	for (;;) {
		smp_call_function_single(cpu_buffer->cpu, rb_look, &look);
		if (look.is_free)
			break;
		arch_cpu_relax();
	}
}

void rb_resume_writers(struct ring_buffer_per_cpu *cpu_buffer)
{
	__atomic_fetch_sub(&cpu_buffer->record_disabled, 1, __ATOMIC_SEQ_CST);
}

/*
 * Replace the ring by @new, which then has its newest sub-buffers in the slots from 0 on. Only the
 * first may have been read in part. Returns the old ring, to be freed.
 */
static struct rb_ring rb_replace_ring(struct ring_buffer_per_cpu *cpu_buffer, struct rb_ring *new)
{
	struct rb_ring old = cpu_buffer->ring;
	unsigned long seq = rb_pos_seq(cpu_buffer->head);
	unsigned long nr = rb_seq_distance(&old, seq, cpu_buffer->commit_seq) + 1;
	unsigned long commit_off = (cpu_buffer->commit - 1) % PAGE_SIZE + 1;
	unsigned int off = rb_pos_off(cpu_buffer->head);
	unsigned long slot, from;

	for (; nr > new->nr_pages; nr--) {
		seq = rb_next_seq(&old, seq);
		off = 0;
	}
	for (slot = 0; slot < nr; slot++, seq = rb_next_seq(&old, seq)) {
		from = rb_seq_slot(&old, seq);
		memcpy(rb_page(new, slot), rb_page(&old, from), PAGE_SIZE);
		new->first[slot] = old.first[from];
		new->seqs[slot] = slot;
	}
	cpu_buffer->ring = *new;
	cpu_buffer->head = rb_pos(0, off);
	cpu_buffer->commit_seq = nr - 1;
	cpu_buffer->commit = (unsigned long)rb_page(new, nr - 1) + commit_off;
	cpu_buffer->commit_end = (unsigned long)rb_page(new, nr);
	cpu_buffer->tail = cpu_buffer->commit;
	cpu_buffer->reader.generation++;
	return old;
}

static void rb_resize_cpu(struct ring_buffer_per_cpu *cpu_buffer, struct rb_ring *ring)
{
	rb_stop_writers(cpu_buffer);
	spin_lock(&cpu_buffer->reader.lock);
	*ring = rb_replace_ring(cpu_buffer, ring);
	spin_unlock(&cpu_buffer->reader.lock);
	rb_resume_writers(cpu_buffer);
}

/* Is this one of the CPUs that @which means, and must its size change? */
static bool rb_to_resize(struct trace_buffer *buffer, int which, int cpu, unsigned long nr_pages)
{
	return (which == RING_BUFFER_ALL_CPUS || which == cpu) && rb_cpu_buffer(buffer, cpu) &&
	       buffer->buffers[cpu]->ring.nr_pages != nr_pages;
}

/* All memory first, then nothing can fail. @rings: one for each possible CPU, zeroed. */
static int rb_resize(struct trace_buffer *buffer, unsigned long nr_pages, int which,
		     struct rb_ring *rings)
{
	int cpu, err = 0;

	for (cpu = 0; cpu < NR_CPUS && !err; cpu++)
		if (rb_to_resize(buffer, which, cpu, nr_pages))
			err = rb_ring_alloc(&rings[cpu], nr_pages);
	for (cpu = 0; cpu < NR_CPUS && !err; cpu++)
		if (rb_to_resize(buffer, which, cpu, nr_pages))
			rb_resize_cpu(buffer->buffers[cpu], &rings[cpu]);
	for (cpu = 0; cpu < NR_CPUS; cpu++)
		rb_ring_free(&rings[cpu]);
	return err;
}

int ring_buffer_resize(struct trace_buffer *buffer, unsigned long size, int cpu)
{
	unsigned long nr_pages = max(DIV_ROUND_UP(size, RB_DATA_SIZE), 2ul);
	struct rb_ring *rings;
	int err;

	if (cpu != RING_BUFFER_ALL_CPUS && !rb_cpu_buffer(buffer, cpu))
		return -EINVAL;
	if (nr_pages > RB_MAX_PAGES)
		return -ENOMEM;
	rings = kcalloc(NR_CPUS, sizeof(*rings), GFP_KERNEL);
	if (!rings)
		return -ENOMEM;
	mutex_lock(&resize_lock);
	err = rb_resize(buffer, nr_pages, cpu, rings);
	mutex_unlock(&resize_lock);
	kfree(rings);
	return err;
}

unsigned long ring_buffer_size(struct trace_buffer *buffer, int cpu)
{
	struct ring_buffer_per_cpu *cpu_buffer = rb_cpu_buffer(buffer, cpu);

	return cpu_buffer ? cpu_buffer->ring.nr_pages * RB_DATA_SIZE : 0;
}

void ring_buffer_reset_cpu(struct trace_buffer *buffer, int cpu)
{
	struct ring_buffer_per_cpu *cpu_buffer = rb_cpu_buffer(buffer, cpu);
	struct rb_reader *reader;
	unsigned int slot;

	if (!cpu_buffer)
		return;
	reader = &cpu_buffer->reader;
	rb_stop_writers(cpu_buffer);
	spin_lock(&reader->lock);
	for (slot = 0; slot < cpu_buffer->ring.nr_pages; slot++)
		cpu_buffer->ring.seqs[slot] = RB_SEQ_NONE;
	cpu_buffer->written = 0;
	cpu_buffer->commit_overrun = 0;
	cpu_buffer->dropped_events = 0;
	reader->off = reader->size = 0;
	reader->read = reader->taken = reader->overrun = reader->lost = 0;
	reader->generation++;
	rb_start(cpu_buffer);
	spin_unlock(&reader->lock);
	rb_resume_writers(cpu_buffer);
}

void ring_buffer_reset(struct trace_buffer *buffer)
{
	int cpu;

	for (cpu = 0; cpu < NR_CPUS; cpu++)
		ring_buffer_reset_cpu(buffer, cpu);
}
