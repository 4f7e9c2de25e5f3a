/* SPDX-License-Identifier: MIT */
/*
 * Changing the size of a ring buffer, and emptying it. Both keep the CPU's writers out meanwhile;
 * events that come then count as dropped. A ring stays at its addresses: memory is added behind its
 * end, or freed there. A smaller ring keeps the newest events that fit; the others count as
 * overrun.
 */
#include "trace/kernel.h"
#include "trace/ring_buffer/ring_buffer_internal.h"

static DEFINE_MUTEX(resize_lock);
static bool resizing;

bool rb_is_resizing(void)
{
	return READ_ONCE(resizing);
}

/* A CPU exchanges buffers with interrupts off: one that was at it is waited for. */
static void rb_set_resizing(bool now)
{
	lockdep_assert_held(&resize_lock);
	WRITE_ONCE(resizing, now);
	if (now)
		smp_wait_irqs_off();
}

struct rb_look {
	struct ring_buffer_per_cpu *cpu_buffer;
	bool is_free;
};

/*
 * Is no writer inside? Called in an interrupt on the writers' CPU. `nested` must be 0 as well: a
 * writer that was interrupted after it has left, but before it reads `nested`, would become a
 * writer again.
 *
 * The sequence counts as no writer: this interrupt has sent it back to its start, where it finds
 * record_disabled set. What it has written is counted here, so that nothing is left to be done by
 * a writer that comes later.
 */
static void rb_look(void *arg)
{
	struct rb_look *look = arg;
	struct ring_buffer_per_cpu *cpu_buffer = look->cpu_buffer;

	look->is_free = !READ_ONCE(cpu_buffer->context) && !READ_ONCE(cpu_buffer->nested);
	if (look->is_free)
		rb_settle(cpu_buffer);
}

/*
 * The CPU itself is asked, in an interrupt, because its writers use no memory barriers for other
 * CPUs. There, every writer that was interrupted is seen as inside, and every later writer sees
 * record_disabled. So does the sequence, and who could open it again.
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
	BUG_ON((READ_ONCE(cpu_buffer->record_disabled) & ~RB_OFF) < RB_PAUSE);
	__atomic_fetch_sub(&cpu_buffer->record_disabled, RB_PAUSE, __ATOMIC_SEQ_CST);
}

/* Exchange the contents of two sub-buffers, without a buffer for one of them. */
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
 * Rotate the contents of the ring so that what is in slot @by comes to slot 0, by reversing both
 * parts and then the whole.
 */
static void rb_rotate(struct rb_ring *ring, unsigned long by)
{
	rb_reverse(ring, 0, by);
	rb_reverse(ring, by, ring->nr_pages);
	rb_reverse(ring, 0, ring->nr_pages);
}

/*
 * Make it a ring of @nr_pages; there is memory for the larger of the two sizes. The newest
 * sub-buffers stay in their slots unless they would reach beyond the end, and get new numbers to
 * match their slots. Only the oldest one may have been read in part. No writer is inside, and the
 * reader's lock is held.
 */
static void rb_change_ring(struct ring_buffer_per_cpu *cpu_buffer, unsigned int nr_pages)
{
	struct rb_ring *ring = &cpu_buffer->ring;
	unsigned long seq = rb_pos_seq(cpu_buffer->head), slot;
	unsigned long nr = rb_seq_distance(ring, seq, cpu_buffer->commit_seq) + 1;
	unsigned long commit_off = (cpu_buffer->commit - 1) % PAGE_SIZE + 1;
	unsigned int off = rb_pos_off(cpu_buffer->head), i;

	lockdep_assert_held(&cpu_buffer->reader_lock);
	/* If there are too many sub-buffers, drop the oldest; no other one was read in part. */
	for (; nr > nr_pages; nr--) {
		seq = rb_next_seq(ring, seq);
		off = 0;
	}
	/* If they wrap around the old end or reach beyond the new one, move them to slot 0. */
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
	cpu_buffer->generation++;
}

/*
 * Allocate memory for @nr_pages in place: 0 or -ENOMEM. After an error rb_give_back() frees what
 * was allocated.
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

/* Free the memory beyond the ring's current size. */
static void rb_give_back(struct rb_ring *ring)
{
	vmalloc_shrink((void *)ring->base, ring->nr_pages * PAGE_SIZE);
	vmalloc_shrink(ring->seqs, ring->nr_pages * sizeof(*ring->seqs));
	vmalloc_shrink(ring->first, ring->nr_pages * sizeof(*ring->first));
}

static void rb_resize_cpu(struct ring_buffer_per_cpu *cpu_buffer, unsigned int nr_pages)
{
	rb_stop_writers(cpu_buffer);
	spin_lock(&cpu_buffer->reader_lock);
	rb_change_ring(cpu_buffer, nr_pages);
	spin_unlock(&cpu_buffer->reader_lock);
	rb_resume_writers(cpu_buffer);
}

struct rb_request {
	struct trace_buffer *buffers[2];	/* the second one may be missing */
	unsigned long nr_pages;
	int cpu;
};

/* The next CPU's buffer that the request is about; *@n counts those that were looked at. */
static struct ring_buffer_per_cpu *rb_next_requested(const struct rb_request *request,
						     unsigned int *n)
{
	while (*n < ARRAY_SIZE(request->buffers) * NR_CPUS) {
		const struct trace_buffer *buffer = request->buffers[*n / NR_CPUS];
		int cpu = (int)(*n % NR_CPUS);

		(*n)++;
		if (buffer && rb_cpu_buffer(buffer, cpu) &&
		    (request->cpu == RING_BUFFER_ALL_CPUS || request->cpu == cpu))
			return buffer->buffers[cpu];
	}
	return NULL;
}

#define rb_for_each_requested(request, n, cpu_buffer) \
	for ((n) = 0; ((cpu_buffer) = rb_next_requested(request, &(n)));)

/*
 * Can a resize be tried? 0, -EBUSY or -ENOMEM. A size that exceeds the free memory is refused
 * before anything is allocated, because taking all pages first would make other allocations fail.
 */
static int rb_check_resize(const struct rb_request *request)
{
	struct ring_buffer_per_cpu *cpu_buffer;
	struct mm_stats stats;
	unsigned int n;
	u64 missing = 0;

	lockdep_assert_held(&resize_lock);
	rb_for_each_requested(request, n, cpu_buffer) {
		if (cpu_buffer->ring.nr_pages == request->nr_pages)
			continue;
		if (cpu_buffer->iterators)
			return -EBUSY;
		if (request->nr_pages > cpu_buffer->ring.max_pages)
			return -ENOMEM;
		if (request->nr_pages > cpu_buffer->ring.nr_pages)
			missing += request->nr_pages - cpu_buffer->ring.nr_pages;
	}
	mm_get_stats(&stats);
	/* A 64th is added for page tables and for the arrays of numbers and counts. */
	return missing + missing / 64 > stats.free_pages ? -ENOMEM : 0;
}

/* Returns 0, or -ENOMEM with no CPU's buffer changed. */
static int rb_resize(const struct rb_request *request)
{
	unsigned int nr_pages = (unsigned int)request->nr_pages, n;
	struct ring_buffer_per_cpu *cpu_buffer;
	int err = 0;

	lockdep_assert_held(&resize_lock);
	/* First all memory for all CPUs is allocated; after that nothing can fail. */
	rb_for_each_requested(request, n, cpu_buffer)
		if (!err && cpu_buffer->ring.nr_pages != nr_pages)
			err = rb_grow_memory(&cpu_buffer->ring, nr_pages);
	rb_for_each_requested(request, n, cpu_buffer)
		if (!err && cpu_buffer->ring.nr_pages != nr_pages)
			rb_resize_cpu(cpu_buffer, nr_pages);
	rb_for_each_requested(request, n, cpu_buffer)
		rb_give_back(&cpu_buffer->ring);
	return err;
}

int ring_buffer_resize_both(struct trace_buffer *buffer, struct trace_buffer *other,
			    unsigned long size, int cpu)
{
	struct rb_request request = { { buffer, other }, rb_nr_pages(size), cpu };
	int err;

	if (cpu != RING_BUFFER_ALL_CPUS && !rb_cpu_buffer(buffer, cpu))
		return -EINVAL;
	if (request.nr_pages > RB_MAX_PAGES)
		return -ENOMEM;
	/*
	 * rb_pin_size() takes this lock, too: no iterator starts between the check and the change.
	 */
	mutex_lock(&resize_lock);
	rb_set_resizing(true);
	err = rb_check_resize(&request);
	if (!err)
		err = rb_resize(&request);
	rb_set_resizing(false);
	mutex_unlock(&resize_lock);
	return err;
}

int ring_buffer_resize(struct trace_buffer *buffer, unsigned long size, int cpu)
{
	return ring_buffer_resize_both(buffer, NULL, size, cpu);
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
	BUG_ON(!cpu_buffer->iterators);
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
	/* Writers first, because waiting for them is not allowed with a spinlock held. */
	rb_stop_writers(cpu_buffer);
	spin_lock(&cpu_buffer->reader_lock);
	for (slot = 0; slot < cpu_buffer->ring.nr_pages; slot++)
		cpu_buffer->ring.seqs[slot] = RB_SEQ_NONE;
	cpu_buffer->written = 0;
	cpu_buffer->commit_overrun = 0;
	cpu_buffer->dropped_events = 0;
	reader->off = reader->size = 0;
	reader->read = reader->taken = reader->overrun = reader->lost = 0;
	cpu_buffer->generation++;
	rb_start(cpu_buffer);
	spin_unlock(&cpu_buffer->reader_lock);
	rb_resume_writers(cpu_buffer);
}

void ring_buffer_reset(struct trace_buffer *buffer)
{
	int cpu;

	for (cpu = 0; cpu < NR_CPUS; cpu++)
		ring_buffer_reset_cpu(buffer, cpu);
}
