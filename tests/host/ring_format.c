/* SPDX-License-Identifier: MIT */
/*
 * The ring buffer's format, to the byte: it is what trace_pipe_raw gives to programs that read
 * Linux's (docs/reference.md, "The ring buffer").
 */
#include "tests/host/host.h"
#include "tests/host/tap.h"
#include "trace/ring_buffer/ring_buffer_write.h"

#define DATA_OFFSET (8 + sizeof(unsigned long))

static u8 page[PAGE_SIZE] __aligned(8);
static struct trace_buffer *buffer;

static u32 word(unsigned int i)
{
	u32 value;

	memcpy(&value, page + DATA_OFFSET + 4 * i, sizeof(value));
	return value;
}

static u64 page_time(void)
{
	u64 value;

	memcpy(&value, page, sizeof(value));
	return value;
}

static unsigned long page_commit(void)
{
	unsigned long value;

	memcpy(&value, page + 8, sizeof(value));
	return value;
}

/*
 * Makes the buffer. Time is what host_cycles says: 1 ns a cycle, and it does not advance by itself.
 */
static bool make_buffer(unsigned long size)
{
	host_set_clock(1, 0);
	host_cycles = 5000;
	host_cycles_step = 0;
	buffer = ring_buffer_alloc(size, RB_FL_OVERWRITE);
	return EXPECT(buffer);
}

static void write_words(unsigned int nr, u32 value)
{
	u32 data[1024];
	unsigned int i;

	for (i = 0; i < nr; i++)
		data[i] = value;
	EXPECT_EQ(ring_buffer_write(buffer, 4 * nr, data), 0);
}

static void take_page(void)
{
	memset(page, 0xee, sizeof(page));
	ring_buffer_read_page(buffer, page, 0, false);
}

TEST(header_is_where_linux_has_it)
{
	EXPECT_EQ(offsetof(struct buffer_data_page, commit), 8);
	EXPECT_EQ(offsetof(struct buffer_data_page, data), DATA_OFFSET);
	ASSERT(make_buffer(1));
	host_cycles = 6000;
	write_words(1, 0x11111111);
	take_page();
	EXPECT_EQ(page_time(), 5000);
	EXPECT_EQ(page_commit(), 8);
	ring_buffer_free(buffer);
}

TEST(small_event_has_its_length_in_words)
{
	unsigned int nr;

	for (nr = 1; nr <= 28; nr++) {
		ASSERT(make_buffer(1));
		host_cycles = 5003;
		write_words(nr, 0xabcdef01);
		take_page();
		EXPECT_EQ(page_commit(), 4 + 4 * nr);
		EXPECT_EQ(word(0), 3 << 5 | nr);
		EXPECT_EQ(word(1), 0xabcdef01);
		EXPECT_EQ(word(nr), 0xabcdef01);
		ring_buffer_free(buffer);
	}
}

TEST(long_event_has_its_length_in_the_first_word)
{
	struct ring_buffer_event *event;

	ASSERT(make_buffer(1));
	write_words(29, 7);
	event = ring_buffer_peek(buffer, 0, NULL, NULL);
	ASSERT(event);
	EXPECT_EQ(event->type_len, 0);
	EXPECT_EQ(event->array[0], 29 * 4 + 4);
	EXPECT_EQ(ring_buffer_event_length(event), 29 * 4);
	EXPECT_EQ(*(u32 *)ring_buffer_event_data(event), 7);
	take_page();
	EXPECT_EQ(page_commit(), 4 + 4 + 29 * 4);
	ring_buffer_free(buffer);
}

TEST(length_is_rounded_up_to_words)
{
	struct ring_buffer_event *event;
	unsigned int length;

	for (length = 0; length <= 130; length++) {
		ASSERT(make_buffer(1));
		event = ring_buffer_lock_reserve(buffer, length);
		ASSERT(event);
		EXPECT_EQ(ring_buffer_event_length(event), length ? (length + 3) / 4 * 4 : 4);
		ring_buffer_unlock_commit(buffer);
		ring_buffer_free(buffer);
	}
}

TEST(largest_event_fills_a_sub_buffer)
{
	ASSERT(make_buffer(1));
	EXPECT(ring_buffer_lock_reserve(buffer, RB_MAX_PAYLOAD) != NULL);
	ring_buffer_unlock_commit(buffer);
	EXPECT(ring_buffer_lock_reserve(buffer, RB_MAX_PAYLOAD + 1) == NULL);
	EXPECT(ring_buffer_lock_reserve(buffer, ~0ul) == NULL);
	EXPECT_EQ(ring_buffer_dropped_events_cpu(buffer, 0), 2);
	take_page();
	EXPECT_EQ(page_commit(), PAGE_SIZE - DATA_OFFSET);
	ring_buffer_free(buffer);
}

TEST(long_delta_gets_a_time_extend)
{
	u64 delta;

	for (delta = (1u << 27) - 2; delta <= (1u << 27) + 1; delta++) {
		ASSERT(make_buffer(1));
		write_words(1, 1);
		host_cycles += delta;
		write_words(1, 2);
		take_page();
		if (delta < 1u << 27) {
			EXPECT_EQ(word(2), (u32)delta << 5 | 1);
		} else {
			EXPECT_EQ(word(2), (u32)delta << 5 | RINGBUF_TYPE_TIME_EXTEND);
			EXPECT_EQ(word(3), delta >> 27);
			EXPECT_EQ(word(4), 1);
			EXPECT_EQ(page_commit(), 8 + 8 + 8);
		}
		ring_buffer_free(buffer);
	}
}

TEST(time_extends_add_up)
{
	struct ring_buffer_event *event;
	u64 ts, step;

	for (step = 1; step < 1ull << 45; step *= 3) {
		ASSERT(make_buffer(1));
		host_cycles += step;
		write_words(1, 1);
		host_cycles += step;
		write_words(1, 2);
		event = ring_buffer_consume(buffer, 0, &ts, NULL);
		EXPECT(event && ts == 5000 + step);
		event = ring_buffer_consume(buffer, 0, &ts, NULL);
		EXPECT(event && ts == 5000 + 2 * step);
		ring_buffer_free(buffer);
	}
}

TEST(nested_event_has_an_absolute_stamp)
{
	struct ring_buffer_event *event;

	ASSERT(make_buffer(1));
	host_cycles = 5000 + (7ull << 27 | 9);
	event = ring_buffer_lock_reserve(buffer, 4);
	ASSERT(event);
	host_enter(HARDIRQ_OFFSET);
	host_cycles += 5;
	write_words(1, 2);
	host_leave(HARDIRQ_OFFSET);
	*(u32 *)ring_buffer_event_data(event) = 1;
	ring_buffer_unlock_commit(buffer);
	host_cycles += 5;
	write_words(1, 3);
	take_page();
	/*
	 * The events are: a time extend, the outer event, a stamp, the nested event, and the next
	 * event after these.
	 */
	EXPECT_EQ(word(0), 9 << 5 | RINGBUF_TYPE_TIME_EXTEND);
	EXPECT_EQ(word(2), 1);
	EXPECT_EQ(word(3), 1);
	EXPECT_EQ(word(4) & 31, RINGBUF_TYPE_TIME_STAMP);
	EXPECT_EQ((u64)word(5) << 27 | word(4) >> 5, 5005 + (7ull << 27 | 9));
	EXPECT_EQ(word(6), 1);
	EXPECT_EQ(word(7), 2);
	EXPECT_EQ(word(8), 5 << 5 | 1);
	EXPECT_EQ(word(9), 3);
	ring_buffer_free(buffer);
}

TEST(clock_that_runs_backwards_is_told)
{
	u64 ts;

	ASSERT(make_buffer(1));
	host_cycles = 100000;
	write_words(1, 1);
	host_cycles = 90000;
	write_words(1, 2);
	host_cycles = 90010;
	write_words(1, 3);
	EXPECT(ring_buffer_consume(buffer, 0, &ts, NULL));
	EXPECT_EQ(ts, 100000);
	EXPECT(ring_buffer_consume(buffer, 0, &ts, NULL));
	EXPECT_EQ(ts, 90000);
	EXPECT(ring_buffer_consume(buffer, 0, &ts, NULL));
	EXPECT_EQ(ts, 90010);
	ring_buffer_free(buffer);
}

TEST(discarded_last_event_leaves_nothing)
{
	struct ring_buffer_event *event;

	ASSERT(make_buffer(1));
	write_words(1, 1);
	host_cycles += 40;
	event = ring_buffer_lock_reserve(buffer, 12);
	ASSERT(event);
	ring_buffer_discard_commit(buffer, event);
	host_cycles += 2;
	write_words(1, 2);
	take_page();
	EXPECT_EQ(page_commit(), 16);
	EXPECT_EQ(word(2), 42 << 5 | 1);
	EXPECT_EQ(ring_buffer_read_events_cpu(buffer, 0), 2);
	ring_buffer_free(buffer);
}

TEST(discarded_inner_event_becomes_padding)
{
	struct ring_buffer_event *event;

	ASSERT(make_buffer(1));
	host_cycles += 9;
	event = ring_buffer_lock_reserve(buffer, 12);
	ASSERT(event);
	host_enter(HARDIRQ_OFFSET);
	write_words(1, 2);
	host_leave(HARDIRQ_OFFSET);
	ring_buffer_discard_commit(buffer, event);
	take_page();
	EXPECT_EQ(word(0), 9 << 5 | RINGBUF_TYPE_PADDING);
	EXPECT_EQ(word(1), 12);
	EXPECT_EQ(word(4) & 31, RINGBUF_TYPE_TIME_STAMP);
	EXPECT_EQ(ring_buffer_read_events_cpu(buffer, 0), 1);
	ring_buffer_free(buffer);
}

TEST(rest_of_a_sub_buffer_is_zero_when_exported)
{
	unsigned int i, nr = 0;

	ASSERT(make_buffer(1));
	write_words(3, 1);
	take_page();
	for (i = DATA_OFFSET + 16; i < PAGE_SIZE; i++)
		nr += page[i] != 0;
	EXPECT_EQ(nr, 0);
	ring_buffer_free(buffer);
}

TEST(next_sub_buffer_starts_with_its_first_events_time)
{
	ASSERT(make_buffer(4 * PAGE_SIZE));
	write_words(1000, 1);
	host_cycles += 1000;
	write_words(20, 2);
	host_cycles += 1;
	write_words(1, 3);
	take_page();
	EXPECT_EQ(page_commit(), 8 + 4000);
	take_page();
	EXPECT_EQ(page_time(), 6000);
	EXPECT_EQ(word(0), 20);
	EXPECT_EQ(word(21), 1 << 5 | 1);
	ring_buffer_free(buffer);
}

TEST(lost_events_are_told_in_the_page)
{
	unsigned long lost;
	unsigned int i;

	ASSERT(make_buffer(1));
	for (i = 0; i < 3000; i++)
		write_words(2, i);
	take_page();
	EXPECT(page_commit() & RB_MISSED_EVENTS);
	EXPECT_EQ(ring_buffer_overrun_cpu(buffer, 0) % (RB_DATA_SIZE / 12), 0);
	if (page_commit() & RB_MISSED_STORED) {
		memcpy(&lost, page + DATA_OFFSET + (page_commit() & 0xfffff), sizeof(lost));
		EXPECT_EQ(lost, ring_buffer_overrun_cpu(buffer, 0));
		EXPECT_EQ(word(1), lost);
	}
	take_page();
	EXPECT(!(page_commit() & RB_MISSED_EVENTS));
	ring_buffer_free(buffer);
}

TEST(only_complete_sub_buffers_when_asked)
{
	ASSERT(make_buffer(4 * PAGE_SIZE));
	write_words(10, 1);
	EXPECT_EQ(ring_buffer_read_page(buffer, page, 0, true), 0);
	write_words(1000, 2);
	write_words(1000, 3);
	EXPECT_EQ(ring_buffer_read_page(buffer, page, 0, true), 44 + 4008);
	EXPECT_EQ(ring_buffer_read_page(buffer, page, 0, true), 0);
	EXPECT_EQ(ring_buffer_read_page(buffer, page, 0, false), 4008);
	ring_buffer_free(buffer);
}

TEST(page_after_single_events_goes_on_in_time)
{
	struct ring_buffer_event *event;
	u64 ts;

	ASSERT(make_buffer(1));
	host_cycles += 10;
	write_words(1, 1);
	host_cycles += 10;
	write_words(1, 2);
	event = ring_buffer_consume(buffer, 0, &ts, NULL);
	EXPECT(event && ts == 5010);
	take_page();
	EXPECT_EQ(page_commit(), 8);
	EXPECT_EQ(page_time(), 5010);
	EXPECT_EQ(word(0), 10 << 5 | 1);
	ring_buffer_free(buffer);
}
