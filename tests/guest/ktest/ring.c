/* SPDX-License-Identifier: MIT */
/*
 * The ring buffer in a real kernel: real interrupts between reserve and commit, real sub-buffers,
 * and the promise that nothing is lost without being counted. Writers that are interrupted or
 * disturbed are in ring_busy.c. The host tests check the format and wrap-around in detail
 * (tests/host).
 */
#include "kernel/lib/errno.h"
#include "kernel/mm/mm.h"
#include "kernel/sched/current.h"
#include "kernel/sched/percpu.h"
#include "tests/guest/ktest/counter.h"
#include "tests/guest/ktest/ring_records.h"

static u32 words_of(u32 sequence)
{
	return 2 + sequence % 7;
}

bool ring_write_record(struct trace_buffer *buffer, u32 context, u32 sequence)
{
	struct ring_buffer_event *event;
	struct record *record;
	u32 n;

	event = ring_buffer_lock_reserve(buffer, words_of(sequence) * sizeof(u32));
	if (!event)
		return false;
	record = ring_buffer_event_data(event);
	record->context = context;
	record->sequence = sequence;
	for (n = 2; n < words_of(sequence); n++)
		record->payload[n - 2] = sequence * 17 + n;
	ring_buffer_unlock_commit(buffer);
	return true;
}

static bool record_is_right(const struct record *record)
{
	u32 n;

	for (n = 2; n < words_of(record->sequence); n++)
		if (record->payload[n - 2] != record->sequence * 17 + n)
			return false;
	return true;
}

/* Consume @most events, or all if there are fewer. */
static struct drained drain(struct trace_buffer *buffer, int cpu, unsigned long most)
{
	struct drained d = { .last = { ~0u, ~0u } };
	struct ring_buffer_event *event;
	unsigned long lost = 0;
	u64 ts, last_ts = 0;

	while (d.events < most && (event = ring_buffer_consume(buffer, cpu, &ts, &lost))) {
		const struct record *record = ring_buffer_event_data(event);

		d.lost += lost;
		if (record->context > 1 || !record_is_right(record) || ts < last_ts ||
		    (d.last[record->context] != ~0u &&
		     record->sequence <= d.last[record->context]))
			d.wrong++;
		else
			d.last[record->context] = record->sequence;
		last_ts = ts;
		d.events++;
	}
	return d;
}

struct drained ring_drain_cpu(struct trace_buffer *buffer, int cpu)
{
	return drain(buffer, cpu, ~0ul);
}

struct drained ring_drain_present(struct trace_buffer *buffer, int cpu)
{
	return drain(buffer, cpu, ring_buffer_entries_cpu(buffer, cpu));
}

struct drained ring_drain(struct trace_buffer *buffer)
{
	return ring_drain_cpu(buffer, (int)smp_processor_id());
}

KTEST(ring, write_and_consume)
{
	struct trace_buffer *buffer = ring_buffer_alloc(SMALL, RB_FL_OVERWRITE);
	const int cpu = 0;		/* kt_one_cpu() */
	struct drained d;
	u32 n;

	kt_one_cpu(t);
	KT_ASSERT(t, buffer);
	KT_EXPECT(t, ring_buffer_empty_cpu(buffer, cpu));
	for (n = 0; n < 100; n++)
		KT_EXPECT(t, ring_write_record(buffer, 0, n));
	KT_EXPECT_EQ(t, ring_buffer_entries_cpu(buffer, cpu), 100);
	d = ring_drain(buffer);
	KT_EXPECT_EQ(t, d.events, 100);
	KT_EXPECT_EQ(t, d.wrong, 0);
	KT_EXPECT_EQ(t, d.lost, 0);
	KT_EXPECT_EQ(t, ring_buffer_read_events_cpu(buffer, cpu), 100);
	KT_EXPECT_EQ(t, ring_buffer_entries_cpu(buffer, cpu), 0);
	KT_EXPECT(t, ring_buffer_empty_cpu(buffer, cpu));
	ring_buffer_free(buffer);
}

/*
 * With overwriting, every event is either still there or counted as overrun, and the newest is
 * there.
 */
KTEST(ring, overwrite_is_counted)
{
	struct trace_buffer *buffer = ring_buffer_alloc(SMALL, RB_FL_OVERWRITE);
	const int cpu = 0;		/* kt_one_cpu() */
	unsigned long entries, overrun;
	struct drained d;
	u32 n;

	kt_one_cpu(t);
	KT_ASSERT(t, buffer);
	for (n = 0; n < 5000; n++)
		KT_EXPECT(t, ring_write_record(buffer, 0, n));
	entries = ring_buffer_entries_cpu(buffer, cpu);
	overrun = ring_buffer_overrun_cpu(buffer, cpu);
	KT_EXPECT(t, overrun > 0);
	KT_EXPECT_EQ(t, entries + overrun, 5000);
	KT_EXPECT_EQ(t, ring_buffer_dropped_events_cpu(buffer, cpu), 0);
	d = ring_drain(buffer);
	KT_EXPECT_EQ(t, d.events, entries);
	KT_EXPECT_EQ(t, d.lost, overrun);
	KT_EXPECT_EQ(t, d.wrong, 0);
	KT_EXPECT_EQ(t, d.last[0], 4999);
	ring_buffer_free(buffer);
}

/*
 * Without overwriting, the oldest events stay, and those that did not fit are counted as dropped.
 */
KTEST(ring, dropping_is_counted)
{
	struct trace_buffer *buffer = ring_buffer_alloc(SMALL, 0);
	const int cpu = 0;		/* kt_one_cpu() */
	unsigned long entries, dropped, refused = 0;
	struct drained d;
	u32 n;

	kt_one_cpu(t);
	KT_ASSERT(t, buffer);
	for (n = 0; n < 5000; n++)
		refused += !ring_write_record(buffer, 0, n);
	entries = ring_buffer_entries_cpu(buffer, cpu);
	dropped = ring_buffer_dropped_events_cpu(buffer, cpu);
	KT_EXPECT_EQ(t, dropped, refused);
	KT_EXPECT_EQ(t, entries + dropped, 5000);
	KT_EXPECT_EQ(t, ring_buffer_overrun_cpu(buffer, cpu), 0);
	d = ring_drain(buffer);
	KT_EXPECT_EQ(t, d.events, entries);
	KT_EXPECT_EQ(t, d.wrong, 0);
	KT_EXPECT(t, ring_write_record(buffer, 0, 5000));	/* there is room again */
	ring_buffer_reset(buffer);
	KT_EXPECT_EQ(t, ring_buffer_entries_cpu(buffer, cpu), 0);
	KT_EXPECT_EQ(t, ring_buffer_dropped_events_cpu(buffer, cpu), 0);
	ring_buffer_free(buffer);
}

/*
 * An interrupt's event is placed behind the interrupted one; neither is visible before both are
 * committed.
 */
KTEST(ring, nested_reserve)
{
	struct trace_buffer *buffer = ring_buffer_alloc(SMALL, RB_FL_OVERWRITE);
	const int cpu = 0;		/* kt_one_cpu() */
	struct ring_buffer_event *outer;
	unsigned int count = preempt_count();
	struct record *record;
	struct drained d;

	kt_one_cpu(t);
	KT_ASSERT(t, buffer);
	outer = ring_buffer_lock_reserve(buffer, words_of(0) * sizeof(u32));
	KT_EXPECT(t, outer != NULL);
	if (outer) {
		current->preempt_count += HARDIRQ_OFFSET;
		KT_EXPECT(t, ring_write_record(buffer, 1, 0));
		KT_EXPECT(t, ring_write_record(buffer, 1, 1));
		current->preempt_count -= HARDIRQ_OFFSET;
		KT_EXPECT(t, ring_buffer_empty_cpu(buffer, cpu));
		record = ring_buffer_event_data(outer);
		record->context = 0;
		record->sequence = 0;
		ring_buffer_unlock_commit(buffer);
	}
	KT_EXPECT_EQ(t, preempt_count(), count);
	d = ring_drain(buffer);
	KT_EXPECT_EQ(t, d.events, 3);
	KT_EXPECT_EQ(t, d.wrong, 0);
	KT_EXPECT_EQ(t, d.last[0], 0);
	KT_EXPECT_EQ(t, d.last[1], 1);
	ring_buffer_free(buffer);
}

KTEST(ring, discard)
{
	struct trace_buffer *buffer = ring_buffer_alloc(SMALL, RB_FL_OVERWRITE);
	struct ring_buffer_event *event;
	unsigned int n, count = preempt_count();
	struct drained d;

	kt_one_cpu(t);
	KT_ASSERT(t, buffer);
	for (n = 0; n < 1000; n++) {
		event = ring_buffer_lock_reserve(buffer, 16);
		if (KT_EXPECT(t, event != NULL))
			ring_buffer_discard_commit(buffer, event);
	}
	KT_EXPECT_EQ(t, preempt_count(), count);
	KT_EXPECT(t, ring_write_record(buffer, 0, 1));
	d = ring_drain(buffer);
	KT_EXPECT_EQ(t, d.events, 1);
	KT_EXPECT_EQ(t, d.wrong, 0);
	ring_buffer_free(buffer);
}

KTEST(ring, switched_off)
{
	struct trace_buffer *buffer = ring_buffer_alloc(SMALL, RB_FL_OVERWRITE);
	const int cpu = 0;		/* kt_one_cpu() */
	unsigned int count = preempt_count();

	kt_one_cpu(t);
	KT_ASSERT(t, buffer);
	ring_buffer_record_off(buffer);
	KT_EXPECT(t, !ring_buffer_record_is_set_on(buffer));
	KT_EXPECT(t, !ring_write_record(buffer, 0, 0));
	ring_buffer_record_on(buffer);
	ring_buffer_record_disable(buffer);
	ring_buffer_record_disable(buffer);
	ring_buffer_record_enable(buffer);
	KT_EXPECT(t, !ring_write_record(buffer, 0, 0));
	ring_buffer_record_enable(buffer);
	KT_EXPECT(t, ring_write_record(buffer, 0, 0));
	KT_EXPECT_EQ(t, ring_buffer_entries_cpu(buffer, cpu), 1);
	KT_EXPECT_EQ(t, preempt_count(), count);
	/* An event that is too long for any sub-buffer is refused, and nothing is broken. */
	KT_EXPECT(t, !ring_buffer_lock_reserve(buffer, 2 * PAGE_SIZE));
	KT_EXPECT_EQ(t, preempt_count(), count);
	KT_EXPECT(t, ring_write_record(buffer, 0, 1));
	KT_EXPECT_EQ(t, ring_buffer_entries_cpu(buffer, cpu), 2);
	ring_buffer_free(buffer);
}

/* An iterator does not consume. */
KTEST(ring, iterator)
{
	struct trace_buffer *buffer = ring_buffer_alloc(SMALL, RB_FL_OVERWRITE);
	const int cpu = 0;		/* kt_one_cpu() */
	struct ring_buffer_iter *iter;
	struct ring_buffer_event *event;
	unsigned int round, n = 0;
	u64 ts;

	kt_one_cpu(t);
	KT_ASSERT(t, buffer);
	for (n = 0; n < 50; n++)
		ring_write_record(buffer, 0, n);
	iter = ring_buffer_read_start(buffer, cpu);
	for (round = 0; iter && round < 2; round++) {
		for (n = 0; (event = ring_buffer_iter_peek(iter, &ts)); n++) {
			const struct record *record = ring_buffer_event_data(event);

			KT_EXPECT_EQ(t, record->sequence, n);
			ring_buffer_iter_advance(iter);
		}
		KT_EXPECT_EQ(t, n, 50);
		ring_buffer_iter_reset(iter);
	}
	if (KT_EXPECT(t, iter != NULL))
		ring_buffer_read_finish(iter);
	KT_EXPECT_EQ(t, ring_buffer_entries_cpu(buffer, cpu), 50);
	KT_EXPECT_EQ(t, ring_drain(buffer).events, 50);
	ring_buffer_free(buffer);
}

KTEST(ring, resize)
{
	struct trace_buffer *buffer = ring_buffer_alloc(SMALL, RB_FL_OVERWRITE);
	int cpu = 0, n, err = -ENOMEM;
	unsigned long size;

	kt_one_cpu(t);
	KT_ASSERT(t, buffer);
	size = ring_buffer_size(buffer, cpu);
	for (n = 0; n < 200 && err; n++) {
		mm_fail_after(n);
		err = ring_buffer_resize(buffer, 16 * PAGE_SIZE, RING_BUFFER_ALL_CPUS);
		mm_fail_after(-1);
		if (!err)
			break;
		KT_EXPECT_EQ(t, err, -ENOMEM);
		KT_EXPECT_EQ(t, ring_buffer_size(buffer, cpu), size);
	}
	KT_EXPECT_EQ(t, err, 0);
	KT_EXPECT(t, n > 0);
	KT_EXPECT(t, ring_buffer_size(buffer, cpu) > size);
	for (n = 0; n < 500; n++)
		KT_EXPECT(t, ring_write_record(buffer, 0, (u32)n));
	KT_EXPECT_EQ(t, ring_drain(buffer).wrong, 0);
	KT_EXPECT_EQ(t, ring_buffer_resize(buffer, SMALL, cpu), 0);
	KT_EXPECT_EQ(t, ring_buffer_size(buffer, cpu), size);
	ring_buffer_free(buffer);
}

/* A clock that jumps needs more than the 27 bits that an event has for its time. */
static u64 leaping_now;

static u64 leaping_clock(void)
{
	return leaping_now;
}

KTEST(ring, time_stamps)
{
	struct trace_buffer *buffer = ring_buffer_alloc(SMALL, RB_FL_OVERWRITE);
	u64 expected = 1000, ts;
	unsigned int n;

	kt_one_cpu(t);
	KT_ASSERT(t, buffer);
	leaping_now = 1000;
	ring_buffer_set_clock(buffer, leaping_clock);
	for (n = 0; n < 40; n++) {
		ring_write_record(buffer, 0, n);
		leaping_now += 1ull << n;
	}
	for (n = 0; n < 40; n++) {
		if (!KT_EXPECT(t, ring_buffer_consume(buffer, (int)smp_processor_id(), &ts, NULL)))
			break;
		KT_EXPECT_EQ(t, ts, expected);
		expected += 1ull << n;
	}
	ring_buffer_free(buffer);
}

/* A size for which there is memory is not refused for lack of addresses, up to a fair share. */
KTEST(ring, one_cpu_grows_as_far_as_memory_goes)
{
	unsigned long old = ring_buffer_size(global_trace.buffer, 0), size;
	struct mm_stats stats;

	kt_mm_stats(&stats);
	size = min(stats.free_pages / 4 * 3 * PAGE_SIZE, 160ul << 20);
	KT_EXPECT_EQ(t, ring_buffer_resize(global_trace.buffer, size, 0), 0);
	KT_EXPECT(t, ring_buffer_size(global_trace.buffer, 0) >= size);
	KT_EXPECT_EQ(t, ring_buffer_resize(global_trace.buffer, old, 0), 0);
}

/* All CPUs are up before the first buffer is made, so each has its part of it. */
KTEST(ring, each_cpu_has_its_own)
{
	unsigned int cpu;

	for_each_online_cpu(cpu)
		KT_EXPECT(t, ring_buffer_size(global_trace.buffer, (int)cpu) > 0);
}
