/* SPDX-License-Identifier: MIT */
/*
 * The ring buffer as a whole: allocating and freeing one, and turning recording on and off. Writers
 * are in ring_buffer_write.c and ring_buffer_sequence.c, consuming readers in ring_buffer_read.c,
 * iterators in ring_buffer_iter.c, counters in ring_buffer_counts.c.
 */
#include "trace/kernel.h"
#include "trace/ring_buffer/ring_buffer_internal.h"
#include "trace/ring_buffer/trace_clock.h"

/*
 * Takes the place of the buffer of a CPU that is not up. No such CPU writes an event later, because
 * all CPUs come up before the first buffer is made (smp_init()), or never.
 */
static struct ring_buffer_per_cpu rb_absent = { .record_disabled = RB_OFF };

struct ring_buffer_per_cpu *rb_cpu_buffer(const struct trace_buffer *buffer, int cpu)
{
	if (cpu < 0 || cpu >= NR_CPUS || buffer->buffers[cpu] == &rb_absent)
		return NULL;
	return buffer->buffers[cpu];
}

struct ring_buffer_per_cpu *ring_buffer_sequence_of(const struct trace_buffer *buffer,
						    unsigned int cpu)
{
	return buffer ? buffer->buffers[cpu] : &rb_absent;
}

/*
 * The number of a sub-buffer has only the bits above PAGE_SHIFT (rb_pos()), so numbers are used
 * again after seq_limit sub-buffers. A reader that sleeps for exactly that long would not notice: 4
 * GiB of events on a 32-bit machine.
 */
void rb_ring_set_pages(struct rb_ring *ring, unsigned int nr_pages)
{
	ring->nr_pages = nr_pages;
	ring->seq_limit = (~0ul >> PAGE_SHIFT) / nr_pages * nr_pages;
}

/*
 * How many pages of addresses to reserve for each CPU of a new buffer. The CPUs share three
 * quarters of the free addresses, which leaves some for later buffers; but no CPU gets more pages
 * than the machine has.
 */
static unsigned int rb_max_pages(unsigned int nr_pages)
{
	unsigned long room = vmalloc_space() / PAGE_SIZE / 4 * 3 / nr_cpus_online;
	struct mm_stats stats;

	mm_get_stats(&stats);
	room = min3(room, stats.total_pages, RB_MAX_PAGES);
	return max(nr_pages, (unsigned int)room);
}

static void free_ring(struct rb_ring *ring)
{
	vfree((void *)ring->base);
	vfree(ring->seqs);
	vfree(ring->first);
}

/*
 * Make a ring of @nr_pages, at least 2, that can grow to @room pages, or to fewer if there are not
 * enough addresses. 0 or -ENOMEM. May sleep.
 */
static int alloc_ring(struct rb_ring *ring, unsigned int nr_pages, unsigned int room)
{
	unsigned int slot;

	/* The free addresses may not be contiguous; then try a smaller room. */
	for (;; room = max(room / 2, nr_pages)) {
		ring->base = (unsigned long)vmalloc_resizable(nr_pages * PAGE_SIZE,
							      room * PAGE_SIZE);
		if (ring->base || room == nr_pages)
			break;
	}
	ring->max_pages = room;
	rb_ring_set_pages(ring, nr_pages);
	ring->seqs = vmalloc_resizable(nr_pages * sizeof(*ring->seqs), room * sizeof(*ring->seqs));
	ring->first = vmalloc_resizable(nr_pages * sizeof(*ring->first),
					room * sizeof(*ring->first));
	if (!ring->base || !ring->seqs || !ring->first) {
		free_ring(ring);
		memset(ring, 0, sizeof(*ring));
		return -ENOMEM;
	}
	for (slot = 0; slot < nr_pages; slot++)
		ring->seqs[slot] = RB_SEQ_NONE;
	return 0;
}

void rb_start(struct ring_buffer_per_cpu *cpu_buffer)
{
	struct buffer_data_page *page = rb_page(&cpu_buffer->ring, 0);
	u64 cycles;

	page->time_stamp = rb_clock(cpu_buffer, &cycles);
	rb_set_stamp(cpu_buffer, page->time_stamp, cycles);
	/* They are 0 already, and a writer that is to find the pause may be looking. */
	WRITE_ONCE(cpu_buffer->sequence_limit, 0);
	WRITE_ONCE(cpu_buffer->sequence_start, 0);
	cpu_buffer->tail = cpu_buffer->commit = (unsigned long)page->data;
	cpu_buffer->commit_end = (unsigned long)page + PAGE_SIZE;
	cpu_buffer->commit_seq = 0;
	cpu_buffer->head = 0;
	cpu_buffer->ring.seqs[0] = 0;
	cpu_buffer->ring.first[0] = cpu_buffer->written;
}

/*
 * Set what the fast path knows about the clock. Fewer than max_cycles cycles are less than 2^27 ns,
 * so that the time difference fits into an event's header. With any other clock than the default,
 * max_cycles is 0, so that every event takes the slow path.
 */
static void rb_set_clock(struct ring_buffer_per_cpu *cpu_buffer, u64 (*clock)(void))
{
	u64 mult = ((u64)kernel_clock.whole << 32 | kernel_clock.fraction) >>
		   (32 - RB_SEQUENCE_SHIFT);

	cpu_buffer->clock = clock == trace_clock_local ? NULL : clock;
	cpu_buffer->ns_whole = kernel_clock.whole;
	cpu_buffer->ns_fraction = kernel_clock.fraction;
	cpu_buffer->max_cycles = cpu_buffer->clock ? 0 :
				 ((1u << RB_DELTA_BITS) - 1) / (kernel_clock.whole + 1);
	/*
	 * On a 32-bit machine the sequence makes 32 bits of nanoseconds of 32 bits of cycles, so a
	 * cycle may not be longer than one.
	 */
	if (cpu_buffer->clock || (sizeof(long) == 4 && mult > 1ull << RB_SEQUENCE_SHIFT))
		mult = 0;
	cpu_buffer->sequence_mult = (unsigned long)mult;
}

static void rb_free_cpu_buffer(struct ring_buffer_per_cpu *cpu_buffer)
{
	if (!cpu_buffer || cpu_buffer == &rb_absent)
		return;
	free_ring(&cpu_buffer->ring);
	kfree(cpu_buffer->reader.page);
	kfree(cpu_buffer);
}

static struct ring_buffer_per_cpu *rb_alloc_cpu_buffer(struct trace_buffer *buffer,
						       unsigned int cpu, unsigned int nr_pages,
						       unsigned int room)
{
	struct ring_buffer_per_cpu *cpu_buffer = kzalloc(sizeof(*cpu_buffer), GFP_KERNEL);

	if (!cpu_buffer)
		return NULL;
	/* The sequence goes from one word of sequence_since to the other by one bit. */
	BUG_ON((unsigned long)cpu_buffer % sizeof(u64));
	cpu_buffer->buffer = buffer;
	cpu_buffer->cpu = cpu;
	spin_lock_init(&cpu_buffer->reader_lock);
	/* Allocated now, because a dump during a panic reads, and cannot allocate. */
	cpu_buffer->reader.page = kmalloc(PAGE_SIZE, GFP_KERNEL);
	if (alloc_ring(&cpu_buffer->ring, nr_pages, room) || !cpu_buffer->reader.page) {
		rb_free_cpu_buffer(cpu_buffer);
		return NULL;
	}
	rb_set_clock(cpu_buffer, trace_clock_local);
	rb_start(cpu_buffer);
	return cpu_buffer;
}

struct trace_buffer *ring_buffer_alloc(unsigned long size, unsigned int flags)
{
	struct trace_buffer *buffer = kzalloc(sizeof(*buffer), GFP_KERNEL);
	unsigned long nr_pages = rb_nr_pages(size);
	unsigned int cpu, room;

	if (!buffer || nr_pages > RB_MAX_PAGES) {
		kfree(buffer);
		return NULL;
	}
	/* Computed once, so that all CPUs get the same. */
	room = rb_max_pages((unsigned int)nr_pages);
	if (flags & RB_FL_LITTLE_ROOM)
		room = min(room, 4 * (unsigned int)nr_pages);
	buffer->flags = flags;
	for (cpu = 0; cpu < NR_CPUS; cpu++)
		buffer->buffers[cpu] = &rb_absent;
	for_each_online_cpu(cpu) {
		buffer->buffers[cpu] = rb_alloc_cpu_buffer(buffer, cpu, nr_pages, room);
		if (!buffer->buffers[cpu]) {
			ring_buffer_free(buffer);
			return NULL;
		}
	}
	return buffer;
}

void ring_buffer_free(struct trace_buffer *buffer)
{
	unsigned int cpu;

	might_sleep();
	if (!buffer)
		return;
	for (cpu = 0; cpu < NR_CPUS; cpu++)
		rb_free_cpu_buffer(buffer->buffers[cpu]);
	kfree(buffer);
}

void ring_buffer_change_overwrite(struct trace_buffer *buffer, bool overwrite)
{
	if (overwrite)
		__atomic_fetch_or(&buffer->flags, RB_FL_OVERWRITE, __ATOMIC_RELAXED);
	else
		__atomic_fetch_and(&buffer->flags, ~RB_FL_OVERWRITE, __ATOMIC_RELAXED);
}

/*
 * Writers test a single word of their CPU's buffer to learn whether to record: record_disabled. See
 * RB_OFF for its parts.
 */
#define rb_for_each_cpu_buffer(buffer, cpu, cpu_buffer)			\
	for ((cpu) = 0; (cpu) < NR_CPUS; (cpu)++)			\
		if (((cpu_buffer) = rb_cpu_buffer(buffer, (int)(cpu))))

void ring_buffer_record_on(struct trace_buffer *buffer)
{
	struct ring_buffer_per_cpu *cpu_buffer;
	unsigned int cpu;

	rb_for_each_cpu_buffer(buffer, cpu, cpu_buffer)
		__atomic_fetch_and(&cpu_buffer->record_disabled, ~RB_OFF, __ATOMIC_SEQ_CST);
}

void ring_buffer_record_off(struct trace_buffer *buffer)
{
	struct ring_buffer_per_cpu *cpu_buffer;
	unsigned int cpu;

	rb_for_each_cpu_buffer(buffer, cpu, cpu_buffer)
		__atomic_fetch_or(&cpu_buffer->record_disabled, RB_OFF, __ATOMIC_SEQ_CST);
}

bool ring_buffer_record_is_set_on(struct trace_buffer *buffer)
{
	return !(READ_ONCE(buffer->buffers[0]->record_disabled) & RB_OFF);
}

void ring_buffer_record_disable(struct trace_buffer *buffer)
{
	struct ring_buffer_per_cpu *cpu_buffer;
	unsigned int cpu;

	rb_for_each_cpu_buffer(buffer, cpu, cpu_buffer)
		__atomic_fetch_add(&cpu_buffer->record_disabled, 1, __ATOMIC_SEQ_CST);
}

void ring_buffer_record_enable(struct trace_buffer *buffer)
{
	struct ring_buffer_per_cpu *cpu_buffer;
	unsigned int cpu;

	rb_for_each_cpu_buffer(buffer, cpu, cpu_buffer)
		__atomic_fetch_sub(&cpu_buffer->record_disabled, 1, __ATOMIC_SEQ_CST);
}

u64 ring_buffer_time_stamp(struct trace_buffer *buffer)
{
	u64 cycles;

	return rb_clock(buffer->buffers[0], &cycles);
}

void ring_buffer_set_clock(struct trace_buffer *buffer, u64 (*clock)(void))
{
	struct ring_buffer_per_cpu *cpu_buffer;
	unsigned int cpu;

	rb_for_each_cpu_buffer(buffer, cpu, cpu_buffer) {
		/*
		 * No writer may be inside, because it would mix the cycles of one clock with the
		 * other's base.
		 */
		rb_stop_writers(cpu_buffer);
		rb_set_clock(cpu_buffer, clock);
		rb_resume_writers(cpu_buffer);
	}
}

void *ring_buffer_event_data(struct ring_buffer_event *event)
{
	return event->type_len ? &event->array[0] : &event->array[1];
}

unsigned int ring_buffer_event_length(const struct ring_buffer_event *event)
{
	if (!rb_event_is_data(event))
		return 0;
	return event->type_len ? event->type_len * 4 : event->array[0] - sizeof(event->array[0]);
}

/*
 * The outermost writer's time is rb_stamp(). A nested writer's time is in the stamp before its
 * event, or, if the event is the first of its sub-buffer, in the sub-buffer's header.
 */
u64 ring_buffer_event_time_stamp(struct trace_buffer *buffer, const struct ring_buffer_event *event)
{
	const struct ring_buffer_per_cpu *cpu_buffer = buffer->buffers[smp_processor_id()];
	unsigned long pos = (unsigned long)event;
	const struct buffer_data_page *page = (const void *)ALIGN_DOWN(pos, PAGE_SIZE);

	if (!rb_is_nested(cpu_buffer))
		return rb_stamp(cpu_buffer);
	if (pos == (unsigned long)page->data)
		return page->time_stamp;
	return rb_event_time((const struct ring_buffer_event *)(pos - RB_STAMP_SIZE),
			     page->time_stamp);
}

int ring_buffer_write(struct trace_buffer *buffer, unsigned long length, const void *data)
{
	struct ring_buffer_event *event = ring_buffer_lock_reserve(buffer, length);

	if (!event)
		return -EBUSY;
	memcpy(ring_buffer_event_data(event), data, length);
	ring_buffer_unlock_commit(buffer);
	return 0;
}
