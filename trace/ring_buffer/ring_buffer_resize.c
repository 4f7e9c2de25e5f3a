/* SPDX-License-Identifier: MIT */
/*
 * Changing the size of a ring buffer, and emptying it. Both keep the writers of that CPU out
 * meanwhile; events that come then count as dropped. A ring stays at its addresses: it gets more
 * memory behind its end, or gives some back. The newest events that fit are kept; the others count
 * as overrun.
 */
#include "trace/kernel.h"
#include "trace/ring_buffer/ring_buffer_internal.h"

static DEFINE_MUTEX(resize_lock);

struct rb_look {
	const struct ring_buffer_per_cpu *cpu_buffer;
	bool is_free;
};

/*
 * Runs on the writers' CPU in an interrupt. `nested` counts as well: whoever was interrupted
 * between leaving and looking at it becomes a writer again.
 */
static void rb_look(void *arg)
{
	struct rb_look *look = arg;

	look->is_free = !look->cpu_buffer->context && !look->cpu_buffer->nested;
}

/*
 * The CPU itself is asked, because its writers use no barriers that other CPUs could rely on. An
 * interrupt there sees every writer that it interrupted as inside, and every later one sees
 * record_disabled.
 */
void rb_stop_writers(struct ring_buffer_per_cpu *cpu_buffer)
{
	struct rb_look look = { .cpu_buffer = cpu_buffer };

	might_sleep();
	__atomic_fetch_add(&cpu_buffer->record_disabled, RB_PAUSE, __ATOMIC_SEQ_CST);
	for (;;) {
		smp_call_function_single(cpu_buffer->cpu, rb_look, &look);
		if (look.is_free)
			break;
		arch_cpu_relax();
	}
}

void rb_resume_writers(struct ring_buffer_per_cpu *cpu_buffer)
{
	__atomic_fetch_sub(&cpu_buffer->record_disabled, RB_PAUSE, __ATOMIC_SEQ_CST);
}

/* Exchange the contents of two sub-buffers, without memory to put one of them aside. */
static void rb_swap_slots(struct rb_ring *ring, unsigned long a, unsigned long b)
{
	unsigned long *left = (unsigned long *)rb_page(ring, a), first = ring->first[a];
	unsigned long *right = (unsigned long *)rb_page(ring, b);

	for (unsigned int i = 0; i < PAGE_SIZE / sizeof(*left); i++) {
		unsigned long word = left[i];

		left[i] = right[i];
		right[i] = word;
	}
	ring->first[a] = ring->first[b];
	ring->first[b] = first;
}

static void rb_reverse(struct rb_ring *ring, unsigned long from, unsigned long end)
{
	for (; from + 1 < end; from++, end--)
		rb_swap_slots(ring, from, end - 1);
}

/*
 * Turn the ring until what is in slot @by is in slot 0: reversing both parts, and then all of it.
 */
static void rb_rotate(struct rb_ring *ring, unsigned long by)
{
	rb_reverse(ring, 0, by);
	rb_reverse(ring, by, ring->nr_pages);
	rb_reverse(ring, 0, ring->nr_pages);
}

/*
 * Make it a ring of @nr_pages. There is memory for the larger of both sizes. The newest sub-buffers
 * stay in their slots, unless they would reach beyond the end; they get new numbers that fit their
 * slots. Only the oldest one may have been read in part. No writer is inside, and the reader's lock
 * is held.
 */
static void rb_change_ring(struct ring_buffer_per_cpu *cpu_buffer, unsigned int nr_pages)
{
	struct rb_ring *ring = &cpu_buffer->ring;
	unsigned long seq = rb_pos_seq(cpu_buffer->head), slot;
	unsigned long nr = rb_seq_distance(ring, seq, cpu_buffer->commit_seq) + 1;
	unsigned long commit_off = (cpu_buffer->commit - 1) % PAGE_SIZE + 1;
	unsigned int off = rb_pos_off(cpu_buffer->head), i;

	lockdep_assert_held(&cpu_buffer->reader.lock);
	/* Too many: the oldest go. What had been read of the first one went with it. */
	for (; nr > nr_pages; nr--) {
		seq = rb_next_seq(ring, seq);
		off = 0;
	}
	/* What runs round the old end, or beyond the new one, is moved to the beginning. */
	slot = rb_seq_slot(ring, seq);
	if (slot + nr > min(ring->nr_pages, nr_pages)) {
		rb_rotate(ring, slot);
		slot = 0;
	}
	rb_ring_set_pages(ring, nr_pages);
	for (i = 0; i < nr_pages; i++)
		ring->seqs[i] = i - slot < nr ? i : RB_SEQ_NONE;
	cpu_buffer->head = rb_pos(slot, off);
	cpu_buffer->commit_seq = slot + nr - 1;
	cpu_buffer->commit = (unsigned long)rb_page(ring, slot + nr - 1) + commit_off;
	cpu_buffer->commit_end = (unsigned long)rb_page(ring, slot + nr);
	cpu_buffer->tail = cpu_buffer->commit;
	cpu_buffer->reader.generation++;
}

/*
 * Get memory for @nr_pages where the ring is. After an error rb_give_back() returns what had come
 * before it.
 */
static int rb_grow_memory(struct rb_ring *ring, unsigned int nr_pages)
{
	int err = vmalloc_grow((void *)ring->base, nr_pages * PAGE_SIZE);

	if (!err)
		err = vmalloc_grow(ring->seqs, nr_pages * sizeof(*ring->seqs));
	if (!err)
		err = vmalloc_grow(ring->first, nr_pages * sizeof(*ring->first));
	return err;
}

/* Give back the memory that the ring, as large as it is now, does not need. */
static void rb_give_back(struct rb_ring *ring)
{
	vmalloc_shrink((void *)ring->base, ring->nr_pages * PAGE_SIZE);
	vmalloc_shrink(ring->seqs, ring->nr_pages * sizeof(*ring->seqs));
	vmalloc_shrink(ring->first, ring->nr_pages * sizeof(*ring->first));
}

static void rb_resize_cpu(struct ring_buffer_per_cpu *cpu_buffer, unsigned int nr_pages)
{
	rb_stop_writers(cpu_buffer);
	spin_lock(&cpu_buffer->reader.lock);
	rb_change_ring(cpu_buffer, nr_pages);
	spin_unlock(&cpu_buffer->reader.lock);
	rb_resume_writers(cpu_buffer);
}

/* Is this one of the CPUs that @which means, and must its size change? */
static bool rb_to_resize(struct trace_buffer *buffer, int which, int cpu, unsigned long nr_pages)
{
	return (which == RING_BUFFER_ALL_CPUS || which == cpu) && rb_cpu_buffer(buffer, cpu) &&
	       buffer->buffers[cpu]->ring.nr_pages != nr_pages;
}

/*
 * May a resize be tried? Taking page after page until there are none would make the allocations of
 * others fail on the way, so what the machine does not have is refused beforehand.
 */
static int rb_check_resize(struct trace_buffer *buffer, unsigned long nr_pages, int which)
{
	struct mm_stats stats;
	u64 missing = 0;

	lockdep_assert_held(&resize_lock);
	for (int cpu = 0; cpu < NR_CPUS; cpu++) {
		if (!rb_to_resize(buffer, which, cpu, nr_pages))
			continue;
		if (buffer->buffers[cpu]->iterators)
			return -EBUSY;
		if (nr_pages > buffer->buffers[cpu]->ring.max_pages)
			return -ENOMEM;
		if (nr_pages > buffer->buffers[cpu]->ring.nr_pages)
			missing += nr_pages - buffer->buffers[cpu]->ring.nr_pages;
	}
	mm_get_stats(&stats);
	/* A 64th more is for page tables and for the lists of numbers and counts. */
	return missing + missing / 64 > stats.free_pages ? -ENOMEM : 0;
}

/* 0 or -ENOMEM, and then no CPU's buffer has changed. */
static int rb_resize(struct trace_buffer *buffer, unsigned long nr_pages, int which)
{
	int cpu, err = 0;

	lockdep_assert_held(&resize_lock);
	/* All memory for all CPUs comes first; from then on nothing can fail. */
	for (cpu = 0; cpu < NR_CPUS && !err; cpu++)
		if (rb_to_resize(buffer, which, cpu, nr_pages))
			err = rb_grow_memory(&buffer->buffers[cpu]->ring, nr_pages);
	for (cpu = 0; cpu < NR_CPUS && !err; cpu++)
		if (rb_to_resize(buffer, which, cpu, nr_pages))
			rb_resize_cpu(buffer->buffers[cpu], nr_pages);
	for (cpu = 0; cpu < NR_CPUS; cpu++)
		if ((which == RING_BUFFER_ALL_CPUS || which == cpu) && rb_cpu_buffer(buffer, cpu))
			rb_give_back(&buffer->buffers[cpu]->ring);
	return err;
}

int ring_buffer_resize(struct trace_buffer *buffer, unsigned long size, int cpu)
{
	unsigned long nr_pages = max(DIV_ROUND_UP(size, RB_DATA_SIZE), 2ul);
	int err;

	if (cpu != RING_BUFFER_ALL_CPUS && !rb_cpu_buffer(buffer, cpu))
		return -EINVAL;
	if (nr_pages > RB_MAX_PAGES)
		return -ENOMEM;
	/* The lock is also rb_pin_size()'s: no iterator starts between the check and the change. */
	mutex_lock(&resize_lock);
	err = rb_check_resize(buffer, nr_pages, cpu);
	if (!err)
		err = rb_resize(buffer, nr_pages, cpu);
	mutex_unlock(&resize_lock);
	return err;
}

void rb_pin_size(struct ring_buffer_per_cpu *cpu_buffer)
{
	mutex_lock(&resize_lock);
	cpu_buffer->iterators++;
	mutex_unlock(&resize_lock);
}

void rb_unpin_size(struct ring_buffer_per_cpu *cpu_buffer)
{
	mutex_lock(&resize_lock);
	cpu_buffer->iterators--;
	mutex_unlock(&resize_lock);
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
	/* Writers before readers: waiting for writers must not be done with a spinlock held. */
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
