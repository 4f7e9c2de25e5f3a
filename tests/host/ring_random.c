/* SPDX-License-Identifier: MIT */
/*
 * Property test of the ring buffer. Random writes are interrupted at random points by other
 * writers, by readers and iterators that are interrupted as well, and by changes of size and mode.
 * Whatever happens, the model in ring_log.h must agree: no event is lost without being counted,
 * none comes twice, all are in the order of their times, and their payload is intact.
 */
#include "kernel/lib/errno.h"
#include "tests/host/host.h"
#include "tests/host/ring_log.h"
#include "tests/host/tap.h"
#include "trace/ring_buffer/ring_buffer_write.h"

static struct trace_buffer *buffer;
static struct ring_log ring_log;
static unsigned int early;		/* nested interrupts that are not counted as such yet */
static struct ring_buffer_iter *other_iter;
static bool in_reader;			/* the reader's lock is held, or might be */
static unsigned int interrupt_rate;	/* in 1024ths, for each point where one may come */

static unsigned int random_length(void)
{
	switch (tap_below(8)) {
	case 0:
		return 4 + tap_below(RB_MAX_PAYLOAD - 3);
	case 1:
		return 100 + tap_below(30);
	default:
		return 4 + tap_below(40);
	}
}

/*
 * A reader on another CPU, at a random moment of this one's work: an iterator that goes on by a few
 * events at a time over the whole run, or the consuming reader.
 */
static void other_cpu(void)
{
	struct ring_buffer_event *event;
	unsigned int nr = tap_below(60);
	u64 ts;

	in_reader = true;
	if (!other_iter)
		other_iter = ring_buffer_read_start(buffer, 0);
	else if (!tap_below(20))
		ring_buffer_iter_reset(other_iter);
	while (nr-- && (event = ring_buffer_iter_peek(other_iter, &ts))) {
		ring_log_look(&ring_log, event, ts);
		ring_buffer_iter_advance(other_iter);
	}
	if (!tap_below(4))
		ring_log_consume(&ring_log, tap_below(30));
	in_reader = false;
}

/* An open iterator keeps the size from changing. */
static void random_resize(void)
{
	unsigned long size;
	bool busy;

	if (other_iter && tap_below(2)) {
		ring_buffer_read_finish(other_iter);
		other_iter = NULL;
	}
	size = max(tap_below(6), 2u) * RB_DATA_SIZE;
	busy = other_iter && size != ring_buffer_size(buffer, 0);
	EXPECT_EQ(ring_buffer_resize(buffer, size, 0), busy ? -EBUSY : 0);
}

static void maybe_interrupt(void)
{
	unsigned int count = host_current->preempt_count, offset, nr;

	if (interrupt_rate && !in_reader && !tap_below(40))
		other_cpu();
	if (tap_below(1024) >= interrupt_rate || (count & NMI_MASK) || early > 3)
		return;
	/* Interrupts of interrupts must come to an end before the log does. */
	if (ring_log.nr > RING_LOG_MAX - 1000)
		return;
	offset = (count & HARDIRQ_MASK) || !tap_below(3) ? NMI_OFFSET : HARDIRQ_OFFSET;
	/*
	 * It comes so early that its entry code has not counted it: it looks like what it
	 * interrupts.
	 */
	if (!tap_below(5))
		offset = 0;
	early += !offset;
	nr = tap_below(20) ? 1 + tap_below(3) : tap_below(400);
	host_enter(offset);
	while (nr--)
		if (!tap_below(4))
			ring_log_write_sequence(&ring_log, maybe_interrupt);
		else if (!tap_below(4))
			ring_log_write_fast(&ring_log, maybe_interrupt);
		else
			ring_log_write(&ring_log, random_length(),
				       tap_below(5) ? RING_COMMIT : RING_DISCARD, maybe_interrupt);
	host_leave(offset);
	early -= !offset;
}

static void random_write(void)
{
	if (tap_below(2)) {
		ring_log_write_sequence(&ring_log, maybe_interrupt);
		return;
	}
	if (tap_below(2)) {
		ring_log_write_fast(&ring_log, maybe_interrupt);
		return;
	}
	ring_log_write(&ring_log, random_length(), tap_below(4) ? RING_COMMIT : RING_DISCARD,
		       maybe_interrupt);
}

/*
 * An iterator shows what was there when it started, and no more; what it does not show was
 * overwritten in the meantime.
 */
static void random_iterate(void)
{
	struct ring_buffer_event *event;
	struct ring_buffer_iter *iter;
	unsigned long there, nr = 0;
	u64 ts, last = 0;

	host_hook = NULL;
	iter = ring_buffer_read_start(buffer, 0);
	there = ring_buffer_entries_cpu(buffer, 0);
	host_hook = maybe_interrupt;
	ASSERT(iter);
	while ((event = ring_buffer_iter_peek(iter, &ts))) {
		EXPECT(ts >= last);
		EXPECT(ring_buffer_event_length(event) >= 4);
		last = ts;
		nr++;
		ring_buffer_iter_advance(iter);
	}
	EXPECT_EQ(nr + ring_buffer_iter_dropped(iter), there);
	ring_buffer_read_finish(iter);
}

static void random_pages(void)
{
	static u8 page[PAGE_SIZE] __aligned(8);
	const struct buffer_data_page *data = (const struct buffer_data_page *)page;
	struct ring_buffer_event *event;
	unsigned long commit, lost = 0;
	unsigned int off = 0, size;
	u64 ts;

	size = (unsigned int)ring_buffer_read_page(buffer, page, 0, tap_below(2));
	if (!size)
		return;
	commit = data->commit;
	EXPECT_EQ(commit & ((1u << 20) - 1), size);
	if (commit & RB_MISSED_STORED)
		memcpy(&lost, data->data + size, sizeof(lost));
	else if (commit & RB_MISSED_EVENTS)
		lost = ring_buffer_overrun_cpu(buffer, 0) - ring_log.lost;
	for (ts = data->time_stamp; off < size; off += 4) {
		event = (struct ring_buffer_event *)(data->data + off);
		ts += event->time_delta;
		switch (event->type_len) {
		case RINGBUF_TYPE_PADDING:
			off += event->array[0];
			break;
		case RINGBUF_TYPE_TIME_EXTEND:
			ts += (u64)event->array[0] << 27;
			off += 4;
			break;
		case RINGBUF_TYPE_TIME_STAMP:
			ts = (u64)event->array[0] << 27 | event->time_delta;
			off += 4;
			break;
		default:
			ring_log_check(&ring_log, event, ts, lost);
			lost = 0;
			off += event->type_len ? event->type_len * 4 : event->array[0];
		}
	}
	/* This also counts a sub-buffer with nothing but padding. */
	ring_log.lost += lost;
}

static void random_read(void)
{
	switch (tap_below(3)) {
	case 0:
		ring_log_consume(&ring_log, tap_below(500));
		break;
	case 1:
		random_iterate();
		break;
	default:
		random_pages();
	}
}

static void random_step(void)
{
	switch (tap_below(64)) {
	case 0:
	case 1:
	case 2:
		in_reader = true;
		random_read();
		in_reader = false;
		break;
	case 3:
		host_cycles += 1ull << tap_below(40);
		break;
	case 4:
		/*
		 * The log does not know of events that are dropped, so interrupts write none here.
		 */
		host_hook = NULL;
		if (!tap_below(8))
			random_resize();
		host_hook = maybe_interrupt;
		break;
	case 5:
		ring_buffer_change_overwrite(buffer, tap_below(3));
		break;
	case 6:
		/* Interrupts would change it between two looks. */
		host_hook = NULL;
		ring_log_balance(&ring_log);
		host_hook = maybe_interrupt;
		break;
	default:
		random_write();
	}
}

static void run(unsigned int rate)
{
	unsigned int round;

	for (round = 0; round < 12 && !tap_failed(); round++) {
		host_set_clock(tap_below(3), tap_random() | 1);
		host_cycles = (u64)tap_random() << tap_below(12);
		host_cycles_step = 1 + tap_below(300);
		host_hook = NULL;
		buffer = ring_buffer_alloc((2 + tap_below(4)) * RB_DATA_SIZE,
					   tap_below(4) ? RB_FL_OVERWRITE : 0);
		ASSERT(buffer);
		ring_log_start(&ring_log, buffer);
		ring_log.graph = tap_below(2);
		interrupt_rate = rate;
		host_hook = maybe_interrupt;
		while (ring_log.nr < RING_LOG_MAX / 12 && !tap_failed())
			random_step();
		host_hook = NULL;
		ring_log_balance(&ring_log);
		ring_log_consume(&ring_log, ~0u);
		ring_log_balance(&ring_log);
		EXPECT(ring_buffer_empty_cpu(buffer, 0));
		ring_buffer_read_finish(other_iter);
		other_iter = NULL;
		ring_buffer_free(buffer);
		if (tap_failed())
			tap_note("in round %u, at event %u", round, ring_log.nr);
	}
}

TEST(without_interrupts)
{
	run(0);
}

TEST(few_interrupts)
{
	run(10);
}

TEST(many_interrupts)
{
	run(120);
}

TEST(interrupts_all_the_time)
{
	run(400);
}
