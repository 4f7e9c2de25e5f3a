/* SPDX-License-Identifier: MIT */
/* The ring buffer's behaviour, case by case: full buffers, readers, iterators, sizes, memory. */
#include "kernel/lib/errno.h"
#include "tests/host/host.h"
#include "tests/host/ring_log.h"
#include "tests/host/tap.h"
#include "trace/ring_buffer/ring_buffer_write.h"
#include "trace/ring_buffer/trace_clock.h"

static struct trace_buffer *buffer;
static struct ring_log ring_log;

static bool start(unsigned long nr_pages, unsigned int flags)
{
	host_set_clock(1, 0);
	host_cycles_step = 3;
	host_hook = NULL;
	buffer = ring_buffer_alloc(nr_pages * RB_DATA_SIZE, flags);
	ring_log_start(&ring_log, buffer);
	return EXPECT(buffer);
}

static void finish(void)
{
	ring_log_balance(&ring_log);
	ring_buffer_free(buffer);
	EXPECT_EQ(host_allocations(), 0);
}

static void write_many(unsigned int nr, unsigned int length)
{
	while (nr--)
		ring_log_write(&ring_log, length, RING_COMMIT, NULL);
}

TEST(events_come_out_in_order)
{
	ASSERT(start(4, RB_FL_OVERWRITE));
	write_many(300, 20);
	ring_log_balance(&ring_log);
	EXPECT_EQ(ring_log_consume(&ring_log, 1000), 300);
	EXPECT_EQ(ring_log.lost, 0);
	finish();
}

TEST(size_is_at_least_two_sub_buffers)
{
	ASSERT(start(1, 0));
	EXPECT_EQ(ring_buffer_size(buffer, 0), 2 * RB_DATA_SIZE);
	EXPECT_EQ(ring_buffer_size(buffer, 1), 0);
	EXPECT_EQ(ring_buffer_size(buffer, -1), 0);
	finish();
}

TEST(overwrite_loses_the_oldest_and_counts_them)
{
	ASSERT(start(3, RB_FL_OVERWRITE));
	write_many(5000, 12);
	EXPECT_EQ(ring_buffer_entries_cpu(buffer, 0) + ring_buffer_overrun_cpu(buffer, 0), 5000);
	EXPECT(ring_buffer_overrun_cpu(buffer, 0) >= 5000 - 3 * RB_DATA_SIZE / 16);
	ring_log_consume(&ring_log, 10000);
	EXPECT_EQ(ring_log.read + ring_log.lost, 5000);
	finish();
}

TEST(discard_mode_refuses_the_newest_and_counts_them)
{
	ASSERT(start(3, 0));
	write_many(5000, 12);
	EXPECT_EQ(ring_buffer_overrun_cpu(buffer, 0), 0);
	EXPECT_EQ(ring_buffer_dropped_events_cpu(buffer, 0), ring_log.refused);
	EXPECT(ring_log.refused > 4000);
	EXPECT_EQ(ring_log_consume(&ring_log, 10000), 5000 - ring_log.refused);
	EXPECT_EQ(ring_log.lost, 0);
	write_many(100, 12);
	EXPECT_EQ(ring_log_consume(&ring_log, 1000), 100);
	finish();
}

TEST(discard_mode_uses_what_was_read)
{
	unsigned int i;

	ASSERT(start(2, 0));
	for (i = 0; i < 2000; i++) {
		write_many(3, 40);
		EXPECT_EQ(ring_log_consume(&ring_log, 1000), 3);
	}
	EXPECT_EQ(ring_log.refused, 0);
	finish();
}

TEST(discard_mode_reuses_a_sub_buffer_read_before_it_was_left)
{
	ASSERT(start(2, 0));
	write_many(1, 100);
	EXPECT_EQ(ring_log_consume(&ring_log, 5), 1);
	/* Fills the second sub-buffer; then the first one is needed again. */
	write_many(1, RB_MAX_PAYLOAD);
	write_many(1, 100);
	EXPECT_EQ(ring_log.refused, 0);
	EXPECT_EQ(ring_log_consume(&ring_log, 5), 2);
	finish();
}

TEST(mode_can_change_while_full)
{
	ASSERT(start(2, 0));
	write_many(1000, 60);
	EXPECT(ring_log.refused);
	ring_buffer_change_overwrite(buffer, true);
	write_many(1000, 60);
	EXPECT(ring_buffer_overrun_cpu(buffer, 0));
	ring_buffer_change_overwrite(buffer, false);
	write_many(1000, 60);
	ring_log_consume(&ring_log, 10000);
	finish();
}

TEST(partly_read_sub_buffer_is_overwritten_exactly)
{
	ASSERT(start(2, RB_FL_OVERWRITE));
	write_many(50, 12);
	EXPECT_EQ(ring_log_consume(&ring_log, 20), 20);
	write_many(1000, 12);
	ring_log_balance(&ring_log);
	ring_log_consume(&ring_log, 10000);
	EXPECT_EQ(ring_log.read + ring_log.lost, 1050);
	finish();
}

static void one_interrupt(void)
{
	host_enter(HARDIRQ_OFFSET);
	ring_log_write(&ring_log, 8, RING_COMMIT, NULL);
	host_leave(HARDIRQ_OFFSET);
}

TEST(nested_events_wait_for_the_outermost_commit)
{
	struct ring_buffer_event *outer;

	ASSERT(start(2, RB_FL_OVERWRITE));
	write_many(1, 8);
	outer = ring_buffer_lock_reserve(buffer, 8);
	ASSERT(outer);
	one_interrupt();
	EXPECT_EQ(ring_buffer_entries_cpu(buffer, 0), 1);
	EXPECT_EQ(ring_log_consume(&ring_log, 5), 1);
	EXPECT(ring_buffer_empty_cpu(buffer, 0));
	ring_buffer_discard_commit(buffer, outer);
	EXPECT_EQ(ring_log_consume(&ring_log, 5), 1);
	finish();
}

static void nmi_flood(void)
{
	host_enter(NMI_OFFSET);
	write_many(600, 100);
	host_leave(NMI_OFFSET);
}

TEST(nested_flood_stops_before_the_open_event)
{
	ASSERT(start(4, RB_FL_OVERWRITE));
	write_many(2000, 12);
	ring_log_write(&ring_log, 12, RING_COMMIT, nmi_flood);
	EXPECT(ring_buffer_commit_overrun_cpu(buffer, 0) > 1000);
	ring_log_balance(&ring_log);
	write_many(20, 12);
	ring_log_consume(&ring_log, 10000);
	finish();
}

static unsigned int depth;

static void same_context(void)
{
	depth++;
	if (depth < 10)
		ring_log_write(&ring_log, 8, RING_COMMIT, same_context);
	depth--;
}

TEST(one_context_nests_once_then_is_refused)
{
	ASSERT(start(2, RB_FL_OVERWRITE));
	depth = 0;
	ring_log_write(&ring_log, 8, RING_COMMIT, same_context);
	EXPECT(ring_log.refused > 0);
	EXPECT_EQ(ring_buffer_dropped_events_cpu(buffer, 0), ring_log.refused);
	EXPECT_EQ(ring_log_consume(&ring_log, 100), 3);
	finish();
}

TEST(recording_off_is_not_counted)
{
	ASSERT(start(2, RB_FL_OVERWRITE));
	ring_buffer_record_off(buffer);
	EXPECT(!ring_buffer_record_is_set_on(buffer));
	EXPECT(!ring_buffer_lock_reserve(buffer, 8));
	EXPECT_EQ(ring_buffer_write(buffer, 4, "abc"), -EBUSY);
	ring_buffer_record_on(buffer);
	ring_buffer_record_disable(buffer);
	ring_buffer_record_disable(buffer);
	ring_buffer_record_enable(buffer);
	EXPECT(!ring_buffer_lock_reserve(buffer, 8));
	ring_buffer_record_enable(buffer);
	EXPECT(ring_buffer_record_is_set_on(buffer));
	write_many(1, 8);
	EXPECT_EQ(ring_log_consume(&ring_log, 5), 1);
	finish();
}

TEST(peek_does_not_consume)
{
	struct ring_buffer_event *event, *again;
	u64 ts, ts_again;

	ASSERT(start(2, RB_FL_OVERWRITE));
	write_many(2, 8);
	event = ring_buffer_peek(buffer, 0, &ts, NULL);
	again = ring_buffer_peek(buffer, 0, &ts_again, NULL);
	EXPECT(event && event == again && ts == ts_again);
	/* A peeked event stays readable, whatever is written. */
	write_many(3000, 8);
	again = ring_buffer_peek(buffer, 0, &ts_again, NULL);
	EXPECT(event == again && ts == ts_again);
	ring_log_consume(&ring_log, 5);
	finish();
}

TEST(cpu_that_is_not_there_is_empty)
{
	ASSERT(start(2, RB_FL_OVERWRITE));
	EXPECT(!ring_buffer_consume(buffer, 1, NULL, NULL));
	EXPECT(!ring_buffer_read_start(buffer, 1));
	EXPECT(!ring_buffer_read_start(buffer, NR_CPUS));
	EXPECT(ring_buffer_empty_cpu(buffer, -1));
	EXPECT_EQ(ring_buffer_resize(buffer, 8192, 1), -EINVAL);
	EXPECT_EQ(ring_buffer_entries_cpu(buffer, 77), 0);
	finish();
}

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

	ASSERT(start(4, RB_FL_OVERWRITE));
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

	ASSERT(start(8, RB_FL_OVERWRITE));
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
		ASSERT(start(4, RB_FL_OVERWRITE));
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

	ASSERT(start(4, RB_FL_OVERWRITE));
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

	ASSERT(start(8, RB_FL_OVERWRITE));
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
	ASSERT(start(3, RB_FL_OVERWRITE));
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
	ASSERT(start(10, RB_FL_OVERWRITE));
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

	ASSERT(start(4, RB_FL_OVERWRITE));
	write_many(400, 16);
	for (n = 0; n < 3; n++) {
		host_fail_after(n);
		EXPECT_EQ(ring_buffer_resize(buffer, 100000, RING_BUFFER_ALL_CPUS), -ENOMEM);
		host_fail_after(-1);
		EXPECT_EQ(ring_buffer_size(buffer, 0), 4 * RB_DATA_SIZE);
	}
	EXPECT_EQ(ring_buffer_resize(buffer, ~0ul / 2, 0), -ENOMEM);
	EXPECT_EQ(ring_log_consume(&ring_log, 1000), 400);
	finish();
}

TEST(what_memory_has_not_is_refused_before_it_is_taken)
{
	ASSERT(start(4, RB_FL_OVERWRITE));
	host_free_pages = 10;
	/* Nothing is allocated on the way to the refusal, or this would be the one that fails. */
	host_fail_after(0);
	EXPECT_EQ(ring_buffer_resize(buffer, 15 * RB_DATA_SIZE, 0), -ENOMEM);
	host_fail_after(-1);
	/* Only the difference counts. */
	EXPECT_EQ(ring_buffer_resize(buffer, 14 * RB_DATA_SIZE, 0), 0);
	host_free_pages = 512;
	finish();
}

TEST(shrinking_takes_no_memory)
{
	ASSERT(start(20, RB_FL_OVERWRITE));
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
 * Every way in which the oldest kept sub-buffer can lie in the ring, and every change of its size.
 */
TEST(each_rotation_keeps_the_newest_in_order)
{
	for (unsigned int before = 2; before < 7; before++) {
		for (unsigned int after = 2; after < 9; after++) {
			for (unsigned int events = 1; events < 1500; events += 97) {
				ASSERT(start(before, RB_FL_OVERWRITE));
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

/* In the middle of whatever this is: an event from an interrupt. */
static void write_from_interrupt(void)
{
	host_hook = NULL;
	host_enter(HARDIRQ_OFFSET);
	refused += ring_buffer_write(buffer, 4, &refused) != 0;
	host_leave(HARDIRQ_OFFSET);
	host_hook = write_from_interrupt;
}

/* Nobody has switched recording off, so what is not recorded is counted. */
TEST(what_comes_during_a_resize_or_a_reset_is_counted)
{
	for (int reset = 0; reset < 2; reset++) {
		ASSERT(start(4, RB_FL_OVERWRITE));
		write_many(100, 16);
		refused = 0;
		host_hook = write_from_interrupt;
		resize_or_reset_now(reset);
		host_hook = NULL;
		EXPECT(refused > 0);
		/* What came before the counters were reset came before the reset. */
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
	EXPECT_EQ(host_allocations(), 0);
}

TEST(reset_forgets_events_and_counters)
{
	ASSERT(start(3, RB_FL_OVERWRITE));
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
	ASSERT(start(4, RB_FL_OVERWRITE));
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

TEST(oldest_event_time_moves_on)
{
	u64 first, later;

	ASSERT(start(2, RB_FL_OVERWRITE));
	write_many(1, 16);
	first = ring_buffer_oldest_event_ts(buffer, 0);
	write_many(2000, 16);
	later = ring_buffer_oldest_event_ts(buffer, 0);
	EXPECT(later > first);
	EXPECT(later < ring_buffer_time_stamp(buffer));
	ring_log_consume(&ring_log, 5);
	finish();
}

static u64 ticks;
static u64 tick_clock(void)
{
	return ++ticks;
}

/* Not that of the reset before it; nor that of what was consumed, within one sub-buffer. */
TEST(oldest_event_time_is_that_of_an_event)
{
	struct ring_buffer_event *event;
	unsigned int i;

	ASSERT(start(2, RB_FL_OVERWRITE));
	ring_buffer_set_clock(buffer, tick_clock);
	ring_buffer_reset(buffer);
	ticks = 100;
	for (i = 0; i < 3; i++) {
		event = ring_buffer_lock_reserve(buffer, 4);
		ASSERT(event);
		ring_buffer_unlock_commit(buffer);
	}
	for (i = 0; i < 4; i++) {
		EXPECT_EQ(ring_buffer_oldest_event_ts(buffer, 0), 101);
		ring_buffer_consume(buffer, 0, NULL, NULL);
	}
	ring_buffer_free(buffer);
}

TEST(another_clock_stamps_events)
{
	struct ring_buffer_event *event;
	u64 ts;
	unsigned int i;

	ASSERT(start(2, RB_FL_OVERWRITE));
	ring_buffer_set_clock(buffer, tick_clock);
	ring_buffer_reset(buffer);
	ticks = 100;
	for (i = 0; i < 10; i++) {
		event = ring_buffer_lock_reserve(buffer, 4);
		ASSERT(event);
		ring_buffer_unlock_commit(buffer);
	}
	for (i = 0; i < 10; i++) {
		event = ring_buffer_consume(buffer, 0, &ts, NULL);
		EXPECT(event && ts == 101 + i);
	}
	ring_buffer_free(buffer);
}

static u64 told[3];

/* One level deeper for each of the three contexts; then its own event's time is asked for. */
static void write_and_ask(unsigned int level, unsigned int length)
{
	static const unsigned int offsets[] = { 0, HARDIRQ_OFFSET, NMI_OFFSET };
	struct ring_buffer_event *event;

	host_enter(offsets[level]);
	event = ring_buffer_lock_reserve(buffer, length);
	if (EXPECT(event)) {
		if (level < 2)
			write_and_ask(level + 1, length);
		told[level] = ring_buffer_event_time_stamp(buffer, event);
		ring_buffer_unlock_commit(buffer);
	}
	host_leave(offsets[level]);
}

/* What a writer is told of its event is what readers see, wherever in its sub-buffer it is. */
TEST(open_event_knows_its_time)
{
	unsigned int n, i, length;
	u64 ts;

	for (n = 0; n < 40; n++) {
		ASSERT(start(4, RB_FL_OVERWRITE));
		ring_buffer_set_clock(buffer, n % 2 ? tick_clock : trace_clock_local);
		ring_buffer_reset(buffer);
		ticks = n << 27;
		length = n < 20 ? 8 : 1500;
		for (i = 0; i < n; i++)
			ring_buffer_write(buffer, sizeof(told), told);
		host_cycles += (u64)n << 26;
		write_and_ask(0, length);
		for (i = 0; i < n; i++)
			ring_buffer_consume(buffer, 0, NULL, NULL);
		for (i = 0; i < 3; i++) {
			EXPECT(ring_buffer_consume(buffer, 0, &ts, NULL));
			EXPECT_EQ(ts, told[i]);
		}
		ring_buffer_free(buffer);
	}
}

TEST(fast_path_takes_the_common_case)
{
	struct ring_buffer_writer writer;
	unsigned int fast = 0, i;

	ASSERT(start(4, RB_FL_OVERWRITE));
	for (i = 0; i < 500; i++) {
		if (ring_buffer_reserve_fast(buffer, 16, &writer)) {
			fast++;
			ring_buffer_commit_fast(&writer, 16);
		} else {
			EXPECT(ring_buffer_lock_reserve(buffer, 16));
			ring_buffer_unlock_commit(buffer);
		}
	}
	EXPECT_EQ(fast, 500 - (500 - 1) / (RB_DATA_SIZE / 20));
	EXPECT_EQ(ring_buffer_entries_cpu(buffer, 0), 500);
	host_enter(HARDIRQ_OFFSET);
	EXPECT(!ring_buffer_reserve_fast(buffer, 16, &writer));
	host_leave(HARDIRQ_OFFSET);
	ring_buffer_record_off(buffer);
	EXPECT(!ring_buffer_reserve_fast(buffer, 16, &writer));
	EXPECT_EQ(host_current->preempt_count, 0);
	ring_buffer_free(buffer);
}

TEST(fractions_of_a_nanosecond_do_not_add_up)
{
	static const u32 fractions[] = { 0x55555555, 0xffffffff, 1, 0x80000001 };
	struct ring_buffer_event *event;
	unsigned int i, j;
	u64 ts, real;

	for (i = 0; i < ARRAY_SIZE(fractions); i++) {
		for (j = 0; j < 3000; j++) {
			if (!j) {
				host_set_clock(i % 2 ? 16 : 0, fractions[i]);
				host_cycles = 0xffff0000;
				host_cycles_step = 7;
				buffer = ring_buffer_alloc(64 * RB_DATA_SIZE, RB_FL_OVERWRITE);
				ring_log_start(&ring_log, buffer);
			}
			ring_log_write_fast(&ring_log, NULL);
			if (j % 500 == 77)
				host_cycles += 1ull << (j / 77);
		}
		for (j = 0; (event = ring_buffer_consume(buffer, 0, &ts, NULL)); j++)
			ring_log_check(&ring_log, event, ts, 0);
		EXPECT_EQ(j, 3000);
		real = ring_buffer_time_stamp(buffer);
		EXPECT(ts <= real && real - ts < 400);
		ring_buffer_free(buffer);
	}
}

/* Must come last: the locks stay broken. */
TEST(dump_after_a_panic_does_not_wait_for_a_lock)
{
	struct ring_buffer_iter *iter;

	ASSERT(start(2, RB_FL_OVERWRITE));
	write_many(10, 16);
	/* Whoever was reading is gone for good. */
	spin_lock(&buffer->buffers[0]->reader.lock);
	ring_buffer_break_locks();
	iter = ring_buffer_read_start(buffer, 0);
	ASSERT(iter);
	EXPECT_EQ(iterate(iter, 100), 10);
	ring_buffer_read_finish(iter);
	EXPECT_EQ(ring_log_consume(&ring_log, 100), 10);
	spin_unlock(&buffer->buffers[0]->reader.lock);
	finish();
}
