/* SPDX-License-Identifier: MIT */
/*
 * The ring buffer as a whole, case by case: iterators over all of it, sizes, resets, memory that
 * runs out, and the dump after a panic.
 */
#include "tests/host/ring_fixture.h"

/* --- Iterators --- */

static unsigned int iterate(struct ring_buffer_iter *iter, unsigned int max)
{
	struct ring_buffer_event *event;
	unsigned int nr = 0;
	u64 ts, last = 0;
	u32 id, last_id = 0;

	while (nr < max && (event = ring_buffer_iter_peek(iter, &ts))) {
		memcpy(&id, ring_buffer_event_data(event), sizeof(id));
		EXPECT(ts >= last);
		EXPECT(!nr || id > last_id);
		last = ts;
		last_id = id;
		ring_buffer_iter_advance(iter);
		nr++;
	}
	return nr;
}

TEST(iterator_shows_all_and_consumes_nothing)
{
	struct ring_buffer_iter *iter;

	ASSERT(make_buffer(4, RB_FL_OVERWRITE));
	write_many(500, 16);
	iter = ring_buffer_read_start(buffer, 0);
	ASSERT(iter);
	EXPECT_EQ(iterate(iter, 1000), 500);
	EXPECT_EQ(iterate(iter, 1000), 0);
	ring_buffer_iter_reset(iter);
	EXPECT_EQ(iterate(iter, 1000), 500);
	EXPECT_EQ(ring_buffer_iter_dropped(iter), 0);
	ring_buffer_read_finish(iter);
	EXPECT_EQ(ring_log_consume(&ring_log, 1000), 500);
	finish();
}

TEST(iterator_ends_where_the_buffer_ended_at_its_start)
{
	struct ring_buffer_iter *iter;

	ASSERT(make_buffer(8, RB_FL_OVERWRITE));
	write_many(10, 16);
	iter = ring_buffer_read_start(buffer, 0);
	ASSERT(iter);
	write_many(400, 16);
	EXPECT_EQ(iterate(iter, 1000), 10);
	ring_buffer_iter_reset(iter);
	EXPECT_EQ(iterate(iter, 1000), 410);
	ring_buffer_read_finish(iter);
	finish();
}

TEST(iterator_that_is_lapped_counts_what_it_missed)
{
	struct ring_buffer_iter *iter;
	unsigned int nr, i;

	for (i = 0; i < 1500; i += 50) {
		ASSERT(make_buffer(4, RB_FL_OVERWRITE));
		write_many(700, 16);
		iter = ring_buffer_read_start(buffer, 0);
		ASSERT(iter);
		nr = iterate(iter, 30);
		write_many(i, 16);
		nr += iterate(iter, 10000);
		EXPECT_EQ(nr + ring_buffer_iter_dropped(iter), 700);
		EXPECT_EQ(ring_buffer_iter_dropped(iter), 0);
		ring_buffer_read_finish(iter);
		finish();
	}
}

TEST(iterator_begins_with_what_the_reader_has_taken)
{
	struct ring_buffer_iter *iter;

	ASSERT(make_buffer(4, RB_FL_OVERWRITE));
	write_many(300, 16);
	EXPECT_EQ(ring_log_consume(&ring_log, 50), 50);
	iter = ring_buffer_read_start(buffer, 0);
	ASSERT(iter);
	EXPECT_EQ(iterate(iter, 1000), 250);
	ring_buffer_read_finish(iter);
	EXPECT_EQ(ring_log_consume(&ring_log, 1000), 250);
	finish();
}

TEST(iterator_survives_reset_and_keeps_the_size)
{
	struct ring_buffer_iter *iter;

	ASSERT(make_buffer(8, RB_FL_OVERWRITE));
	write_many(1500, 16);
	iter = ring_buffer_read_start(buffer, 0);
	ASSERT(iter);
	EXPECT_EQ(iterate(iter, 10), 10);
	EXPECT_EQ(ring_buffer_resize(buffer, 3 * RB_DATA_SIZE, 0), -EBUSY);
	EXPECT_EQ(ring_buffer_resize(buffer, 30 * RB_DATA_SIZE, RING_BUFFER_ALL_CPUS), -EBUSY);
	EXPECT_EQ(iterate(iter, 10000), ring_buffer_entries_cpu(buffer, 0) - 10);
	ring_buffer_reset(buffer);
	EXPECT_EQ(iterate(iter, 10000), 0);
	ring_buffer_read_finish(iter);
	EXPECT_EQ(ring_buffer_resize(buffer, 3 * RB_DATA_SIZE, 0), 0);
	ring_buffer_free(buffer);
	EXPECT_EQ(host_allocations(), 0);
}

/* --- Sizes, resets, memory --- */

TEST(growing_keeps_every_event)
{
	ASSERT(make_buffer(3, RB_FL_OVERWRITE));
	write_many(1000, 16);
	ring_log_consume(&ring_log, 5);
	EXPECT_EQ(ring_buffer_resize(buffer, 10 * RB_DATA_SIZE, RING_BUFFER_ALL_CPUS), 0);
	EXPECT_EQ(ring_buffer_size(buffer, 0), 10 * RB_DATA_SIZE);
	ring_log_balance(&ring_log);
	write_many(1000, 16);
	ring_log_consume(&ring_log, 10000);
	EXPECT_EQ(ring_log.read + ring_log.lost, 2000);
	finish();
}

TEST(shrinking_keeps_the_newest_and_counts_the_rest)
{
	ASSERT(make_buffer(10, RB_FL_OVERWRITE));
	write_many(1500, 16);
	ring_log_consume(&ring_log, 250);
	EXPECT_EQ(ring_buffer_resize(buffer, 1, 0), 0);
	EXPECT_EQ(ring_buffer_size(buffer, 0), 2 * RB_DATA_SIZE);
	ring_log_balance(&ring_log);
	EXPECT(ring_buffer_overrun_cpu(buffer, 0) > 0);
	write_many(10, 16);
	ring_log_consume(&ring_log, 10000);
	EXPECT_EQ(ring_log.read + ring_log.lost, 1510);
	finish();
}

TEST(resize_without_memory_changes_nothing)
{
	int n;

	ASSERT(make_buffer(4, RB_FL_OVERWRITE));
	write_many(400, 16);
	for (n = 0; n < 3; n++) {
		host_fail_after(n);
		EXPECT_EQ(ring_buffer_resize(buffer, 100000, RING_BUFFER_ALL_CPUS), -ENOMEM);
		host_fail_after(-1);
		EXPECT_EQ(ring_buffer_size(buffer, 0), 4 * RB_DATA_SIZE);
	}
	EXPECT_EQ(ring_buffer_resize(buffer, ~0ul / 2, 0), -ENOMEM);
	EXPECT_EQ(ring_buffer_resize(buffer, ~0ul, 0), -ENOMEM);
	EXPECT_EQ(ring_buffer_size(buffer, 0), 4 * RB_DATA_SIZE);
	EXPECT_EQ(ring_log_consume(&ring_log, 1000), 400);
	finish();
}

TEST(two_are_resized_or_none)
{
	struct ring_buffer_iter *iter;
	struct trace_buffer *other;

	ASSERT(make_buffer(4, RB_FL_OVERWRITE));
	other = ring_buffer_alloc(4 * RB_DATA_SIZE, RB_FL_OVERWRITE);
	ASSERT(other);
	write_many(400, 16);
	/* Each needs three allocations, and the last of all fails. */
	host_fail_after(5);
	EXPECT_EQ(ring_buffer_resize_both(buffer, other, 9 * RB_DATA_SIZE, 0), -ENOMEM);
	host_fail_after(-1);
	iter = ring_buffer_read_start(other, 0);
	ASSERT(iter);
	EXPECT_EQ(ring_buffer_resize_both(buffer, other, 1, 0), -EBUSY);
	ring_buffer_read_finish(iter);
	EXPECT_EQ(ring_buffer_size(buffer, 0), 4 * RB_DATA_SIZE);
	EXPECT_EQ(ring_buffer_size(other, 0), 4 * RB_DATA_SIZE);
	EXPECT_EQ(ring_buffer_resize_both(buffer, other, 9 * RB_DATA_SIZE, 0), 0);
	EXPECT_EQ(ring_buffer_size(other, 0), 9 * RB_DATA_SIZE);
	EXPECT_EQ(ring_log_consume(&ring_log, 1000), 400);
	ring_buffer_free(other);
	finish();
}

TEST(what_memory_has_not_is_refused_before_it_is_taken)
{
	ASSERT(make_buffer(4, RB_FL_OVERWRITE));
	host_free_pages = 10;
	/* Nothing is allocated before the refusal; otherwise this allocation would fail. */
	host_fail_after(0);
	EXPECT_EQ(ring_buffer_resize(buffer, 15 * RB_DATA_SIZE, 0), -ENOMEM);
	host_fail_after(-1);
	/* Only the difference needs memory. */
	EXPECT_EQ(ring_buffer_resize(buffer, 14 * RB_DATA_SIZE, 0), 0);
	host_free_pages = 512;
	finish();
}

TEST(shrinking_takes_no_memory)
{
	ASSERT(make_buffer(20, RB_FL_OVERWRITE));
	write_many(5000, 16);
	host_free_pages = 0;
	host_fail_after(0);
	EXPECT_EQ(ring_buffer_resize(buffer, 7 * RB_DATA_SIZE, RING_BUFFER_ALL_CPUS), 0);
	EXPECT_EQ(ring_buffer_resize(buffer, 1, RING_BUFFER_ALL_CPUS), 0);
	host_fail_after(-1);
	host_free_pages = 512;
	ring_log_balance(&ring_log);
	ring_log_consume(&ring_log, 10000);
	EXPECT_EQ(ring_log.read + ring_log.lost, 5000);
	finish();
}

/*
 * Tests every way in which the oldest kept sub-buffer can lie in the ring, and every change of the
 * ring's size.
 */
TEST(each_rotation_keeps_the_newest_in_order)
{
	for (unsigned int before = 2; before < 7; before++) {
		for (unsigned int after = 2; after < 9; after++) {
			for (unsigned int events = 1; events < 1500; events += 97) {
				ASSERT(make_buffer(before, RB_FL_OVERWRITE));
				write_many(events, 16);
				EXPECT_EQ(ring_buffer_resize(buffer, after * RB_DATA_SIZE, 0), 0);
				ring_log_balance(&ring_log);
				write_many(300, 16);
				ring_log_consume(&ring_log, 10000);
				EXPECT_EQ(ring_log.read + ring_log.lost, events + 300);
				finish();
			}
		}
	}
}

static void resize_or_reset_now(bool reset)
{
	if (reset)
		ring_buffer_reset(buffer);
	else
		EXPECT_EQ(ring_buffer_resize(buffer, 9 * RB_DATA_SIZE, 0), 0);
}

static unsigned long refused;

/* Writes an event from an interrupt, in the middle of what it interrupts. */
static void write_from_interrupt(void)
{
	host_hook = NULL;
	host_enter(HARDIRQ_OFFSET);
	refused += ring_buffer_write(buffer, 4, &refused) != 0;
	host_leave(HARDIRQ_OFFSET);
	host_hook = write_from_interrupt;
}

/* Nobody has switched recording off, so every event that is not recorded is counted. */
TEST(what_comes_during_a_resize_or_a_reset_is_counted)
{
	for (int reset = 0; reset < 2; reset++) {
		ASSERT(make_buffer(4, RB_FL_OVERWRITE));
		write_many(100, 16);
		refused = 0;
		host_hook = write_from_interrupt;
		resize_or_reset_now(reset);
		host_hook = NULL;
		EXPECT(refused > 0);
		/* Events before the counters were reset came before the reset of the buffer. */
		if (reset)
			EXPECT(ring_buffer_dropped_events_cpu(buffer, 0) - 1 < refused);
		else
			EXPECT_EQ(ring_buffer_dropped_events_cpu(buffer, 0), refused);
		ring_buffer_free(buffer);
	}
}

TEST(allocation_without_memory_leaves_nothing)
{
	int n;

	for (n = 0; n < 6; n++) {
		host_fail_after(n);
		EXPECT(!ring_buffer_alloc(50000, 0));
		host_fail_after(-1);
		EXPECT_EQ(host_allocations(), 0);
	}
	EXPECT(!ring_buffer_alloc(~0ul / 2, 0));
	EXPECT(!ring_buffer_alloc(~0ul, 0));
	EXPECT_EQ(host_allocations(), 0);
}

TEST(reset_forgets_events_and_counters)
{
	ASSERT(make_buffer(3, RB_FL_OVERWRITE));
	write_many(2000, 16);
	ring_log_consume(&ring_log, 7);
	ring_buffer_reset(buffer);
	EXPECT(ring_buffer_empty_cpu(buffer, 0));
	EXPECT_EQ(ring_buffer_overrun_cpu(buffer, 0), 0);
	EXPECT_EQ(ring_buffer_read_events_cpu(buffer, 0), 0);
	EXPECT_EQ(ring_buffer_bytes_cpu(buffer, 0), 0);
	ring_log_start(&ring_log, buffer);
	write_many(100, 16);
	EXPECT_EQ(ring_log_consume(&ring_log, 1000), 100);
	finish();
}

TEST(bytes_count_what_is_unread)
{
	ASSERT(make_buffer(4, RB_FL_OVERWRITE));
	EXPECT_EQ(ring_buffer_bytes_cpu(buffer, 0), 0);
	write_many(100, 16);
	EXPECT_EQ(ring_buffer_bytes_cpu(buffer, 0), 2000);
	ring_log_consume(&ring_log, 40);
	EXPECT_EQ(ring_buffer_bytes_cpu(buffer, 0), 1200);
	write_many(300, 16);
	EXPECT_EQ(ring_buffer_bytes_cpu(buffer, 0), 7200);
	ring_log_consume(&ring_log, 1000);
	EXPECT_EQ(ring_buffer_bytes_cpu(buffer, 0), 0);
	finish();
}

/* This must be the last case, because the locks stay broken. */
TEST(dump_after_a_panic_does_not_wait_for_a_lock)
{
	struct ring_buffer_iter *iter;

	ASSERT(make_buffer(2, RB_FL_OVERWRITE));
	write_many(10, 16);
	/* The reader is gone for good, and with it the lock's release. */
	spin_lock(&buffer->buffers[0]->reader_lock);
	ring_buffer_break_locks();
	iter = ring_buffer_read_start(buffer, 0);
	ASSERT(iter);
	EXPECT_EQ(iterate(iter, 100), 10);
	ring_buffer_read_finish(iter);
	EXPECT_EQ(ring_log_consume(&ring_log, 100), 10);
	spin_unlock(&buffer->buffers[0]->reader_lock);
	finish();
}
