/* SPDX-License-Identifier: MIT */
/*
 * The ring buffer's behaviour, case by case: events, which of them are lost and how these are
 * counted, which context interrupts which, and the events' times.
 */
#include "tests/host/ring_fixture.h"
#include "trace/ring_buffer/trace_clock.h"

TEST(events_come_out_in_order)
{
	ASSERT(make_buffer(4, RB_FL_OVERWRITE));
	write_many(300, 20);
	ring_log_balance(&ring_log);
	EXPECT_EQ(ring_log_consume(&ring_log, 1000), 300);
	EXPECT_EQ(ring_log.lost, 0);
	finish();
}

TEST(size_is_at_least_two_sub_buffers)
{
	ASSERT(make_buffer(1, 0));
	EXPECT_EQ(ring_buffer_size(buffer, 0), 2 * RB_DATA_SIZE);
	EXPECT_EQ(ring_buffer_size(buffer, 1), 0);
	EXPECT_EQ(ring_buffer_size(buffer, -1), 0);
	finish();
}

TEST(overwrite_loses_the_oldest_and_counts_them)
{
	ASSERT(make_buffer(3, RB_FL_OVERWRITE));
	write_many(5000, 12);
	EXPECT_EQ(ring_buffer_entries_cpu(buffer, 0) + ring_buffer_overrun_cpu(buffer, 0), 5000);
	EXPECT(ring_buffer_overrun_cpu(buffer, 0) >= 5000 - 3 * RB_DATA_SIZE / 16);
	ring_log_consume(&ring_log, 10000);
	EXPECT_EQ(ring_log.read + ring_log.lost, 5000);
	finish();
}

TEST(discard_mode_refuses_the_newest_and_counts_them)
{
	ASSERT(make_buffer(3, 0));
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

	ASSERT(make_buffer(2, 0));
	for (i = 0; i < 2000; i++) {
		write_many(3, 40);
		EXPECT_EQ(ring_log_consume(&ring_log, 1000), 3);
	}
	EXPECT_EQ(ring_log.refused, 0);
	finish();
}

TEST(discard_mode_reuses_a_sub_buffer_read_before_it_was_left)
{
	ASSERT(make_buffer(2, 0));
	write_many(1, 100);
	EXPECT_EQ(ring_log_consume(&ring_log, 5), 1);
	/* This fills the second sub-buffer, and then the first one is needed again. */
	write_many(1, RB_MAX_PAYLOAD);
	write_many(1, 100);
	EXPECT_EQ(ring_log.refused, 0);
	EXPECT_EQ(ring_log_consume(&ring_log, 5), 2);
	finish();
}

TEST(mode_can_change_while_full)
{
	ASSERT(make_buffer(2, 0));
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
	ASSERT(make_buffer(2, RB_FL_OVERWRITE));
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

	ASSERT(make_buffer(2, RB_FL_OVERWRITE));
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
	ASSERT(make_buffer(4, RB_FL_OVERWRITE));
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
	ASSERT(make_buffer(2, RB_FL_OVERWRITE));
	depth = 0;
	ring_log_write(&ring_log, 8, RING_COMMIT, same_context);
	EXPECT(ring_log.refused > 0);
	EXPECT_EQ(ring_buffer_dropped_events_cpu(buffer, 0), ring_log.refused);
	EXPECT_EQ(ring_log_consume(&ring_log, 100), 3);
	finish();
}

TEST(recording_off_is_not_counted)
{
	ASSERT(make_buffer(2, RB_FL_OVERWRITE));
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

	ASSERT(make_buffer(2, RB_FL_OVERWRITE));
	write_many(2, 8);
	event = ring_buffer_peek(buffer, 0, &ts, NULL);
	again = ring_buffer_peek(buffer, 0, &ts_again, NULL);
	EXPECT(event && event == again && ts == ts_again);
	/* A peeked event stays readable, whatever is written afterwards. */
	write_many(3000, 8);
	again = ring_buffer_peek(buffer, 0, &ts_again, NULL);
	EXPECT(event == again && ts == ts_again);
	ring_log_consume(&ring_log, 5);
	finish();
}

TEST(cpu_that_is_not_there_is_empty)
{
	ASSERT(make_buffer(2, RB_FL_OVERWRITE));
	EXPECT(!ring_buffer_consume(buffer, 1, NULL, NULL));
	EXPECT(!ring_buffer_read_start(buffer, 1));
	EXPECT(!ring_buffer_read_start(buffer, NR_CPUS));
	EXPECT(ring_buffer_empty_cpu(buffer, -1));
	EXPECT_EQ(ring_buffer_resize(buffer, 8192, 1), -EINVAL);
	EXPECT_EQ(ring_buffer_entries_cpu(buffer, 77), 0);
	finish();
}

TEST(oldest_event_time_moves_on)
{
	u64 first, later;

	ASSERT(make_buffer(2, RB_FL_OVERWRITE));
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

/* It is not the time of the last reset, nor that of a consumed event in the same sub-buffer. */
TEST(oldest_event_time_is_that_of_an_event)
{
	struct ring_buffer_event *event;
	unsigned int i;

	ASSERT(make_buffer(2, RB_FL_OVERWRITE));
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

/*
 * A clock that is interrupted each time that a thread reads it, by an NMI that writes an event:
 * without end, if the thread's writer did not turn it away at last.
 */
static unsigned long interruptions;

static u64 interrupted_clock(void)
{
	if (!(host_current->preempt_count & NMI_MASK)) {
		host_enter(NMI_OFFSET);
		if (ring_buffer_lock_reserve(buffer, 8))
			ring_buffer_unlock_commit(buffer);
		host_leave(NMI_OFFSET);
		interruptions++;
	}
	return tick_clock();
}

TEST(interrupted_at_each_attempt)
{
	unsigned long kept;

	if (!make_buffer(4, RB_FL_OVERWRITE))
		return;
	ring_buffer_set_clock(buffer, interrupted_clock);
	for (unsigned int n = 1; n <= 2; n++) {
		if (!EXPECT(ring_buffer_lock_reserve(buffer, 8)))
			return;
		ring_buffer_unlock_commit(buffer);
		/* The last NMI of each event was refused, and counted; all others wrote. */
		kept = ring_buffer_entries_cpu(buffer, 0) + ring_buffer_overrun_cpu(buffer, 0);
		EXPECT_EQ(ring_buffer_dropped_events_cpu(buffer, 0), n);
		EXPECT_EQ(kept + ring_buffer_dropped_events_cpu(buffer, 0), interruptions + n);
		EXPECT(interruptions >= n * 10 && interruptions <= n * 100);
	}
	ring_buffer_free(buffer);
	/* Nobody is turned away any more. */
	EXPECT_EQ(host_allocations(), 0);
}

TEST(another_clock_stamps_events)
{
	struct ring_buffer_event *event;
	u64 ts;
	unsigned int i;

	ASSERT(make_buffer(2, RB_FL_OVERWRITE));
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

/* Goes one level deeper for each of the three contexts; then asks for the time of its own event. */
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

/*
 * A writer is told the same time of its event as readers, wherever in its sub-buffer the event is.
 */
TEST(open_event_knows_its_time)
{
	unsigned int n, i, length;
	u64 ts;

	for (n = 0; n < 40; n++) {
		ASSERT(make_buffer(4, RB_FL_OVERWRITE));
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

	ASSERT(make_buffer(4, RB_FL_OVERWRITE));
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
