/* SPDX-License-Identifier: MIT */
/* The model: see ring_log.h. There is one at a time. */
#include "tests/host/ring_log.h"
#include "tests/host/host.h"
#include "tests/host/tap.h"
#include "trace/ring_buffer/ring_buffer_write.h"

#define FAST_LENGTH 16u

struct logged {
	u64 before, after;	/* in ns; the event's time is in between */
	u32 length;
	enum { REFUSED, OPEN, COMMITTED, DISCARDED, READ } state;
};
static struct logged events[RING_LOG_MAX];
void (*ring_log_step)(bool on);

static void step(bool on)
{
	if (ring_log_step)
		ring_log_step(on);
}

/* Reading the real clock would advance it. */
static u64 now(void)
{
	return clock_cycles_to_ns(host_cycles);
}

void ring_log_start(struct ring_log *log, struct trace_buffer *buffer)
{
	memset(log, 0, sizeof(*log));
	log->buffer = buffer;
}

static u8 pattern(u32 id, unsigned int i)
{
	return (u8)(id * 7 + i * 13 + 1);
}

static void fill(void *data, u32 id, unsigned int length)
{
	unsigned int i;

	memcpy(data, &id, sizeof(id));
	for (i = sizeof(id); i < length; i++)
		((u8 *)data)[i] = pattern(id, i);
}

static struct logged *open_event(struct ring_log *log, unsigned int length)
{
	struct logged *entry = &events[log->nr];

	if (!EXPECT(log->nr < RING_LOG_MAX))
		return NULL;
	entry->before = now();
	entry->length = length;
	entry->state = OPEN;
	log->nr++;
	return entry;
}

bool ring_log_write(struct ring_log *log, unsigned int length, enum ring_fate fate,
		    void (*between)(void))
{
	u32 id = log->nr;
	struct logged *entry = open_event(log, length);
	struct ring_buffer_event *event;

	if (!entry)
		return false;
	step(true);
	event = ring_buffer_lock_reserve(log->buffer, length);
	step(false);
	entry->after = now();
	if (!event) {
		entry->state = REFUSED;
		log->refused++;
		return false;
	}
	EXPECT(ring_buffer_event_length(event) >= length);
	EXPECT(ring_buffer_event_length(event) < length + 4);
	if (between)
		between();
	fill(ring_buffer_event_data(event), id, length);
	if (between)
		between();
	/* This comes before the call, because interrupts of the call may look at it. */
	if (fate == RING_COMMIT) {
		entry->state = COMMITTED;
		log->committed++;
		step(true);
		ring_buffer_unlock_commit(log->buffer);
		step(false);
	} else {
		entry->state = DISCARDED;
		log->discarded++;
		step(true);
		ring_buffer_discard_commit(log->buffer, event);
		step(false);
	}
	return true;
}

bool ring_log_write_fast(struct ring_log *log, void (*between)(void))
{
	struct ring_buffer_writer writer;
	u32 id = log->nr;
	struct logged *entry;
	bool fast;

	if (log->nr >= RING_LOG_MAX)
		return false;
	entry = open_event(log, FAST_LENGTH);
	step(true);
	fast = ring_buffer_reserve_fast(log->buffer, FAST_LENGTH, &writer);
	step(false);
	if (!fast) {
		/* Unless an interrupt logged something, it is as if nothing had been tried. */
		entry->state = REFUSED;
		if (log->nr == id + 1)
			log->nr--;
		return ring_log_write(log, FAST_LENGTH, RING_COMMIT, between);
	}
	entry->after = now();
	if (between)
		between();
	fill(writer.event->array, id, FAST_LENGTH);
	entry->state = COMMITTED;
	log->committed++;
	step(true);
	ring_buffer_commit_fast(&writer, FAST_LENGTH);
	step(false);
	return true;
}

/* Where the sequence may write now; 0 if it may not. */
static unsigned long sequence_place(const struct ring_buffer_per_cpu *cpu_buffer)
{
	if (cpu_buffer->tail || cpu_buffer->record_disabled || current->preempt_count > 15 ||
	    cpu_buffer->commit > cpu_buffer->sequence_limit)
		return 0;
	return cpu_buffer->commit;
}

bool ring_log_write_sequence(struct ring_log *log, void (*between)(void))
{
	struct ring_buffer_per_cpu *cpu_buffer = log->buffer->buffers[0];
	unsigned long place = sequence_place(cpu_buffer);
	unsigned int size = !log->graph ? RB_SEQUENCE_SIZE :
			    log->nr % 3 ? RB_SEQUENCE_RETURN_SIZE : RB_SEQUENCE_ENTRY_SIZE;
	unsigned int length = size - RB_HEADER_SIZE, word = place >> 2 & 1;
	struct logged *entry = place ? open_event(log, length) : NULL;
	u32 ns = 0, delta = ~0u;
	u64 passed;
	bool written;

	if (entry) {
		/* No call: it would be interrupted. */
		passed = (host_cycles += host_cycles_step) -
			 ((u64)cpu_buffer->base_high << 32 | cpu_buffer->base_low);
		ns = (u32)(passed * cpu_buffer->sequence_mult >> RB_SEQUENCE_SHIFT);
		if (passed < cpu_buffer->max_cycles)
			delta = ns - cpu_buffer->sequence_since[word];
	}
	if (delta >> RB_DELTA_BITS) {
		log->nr -= entry != NULL;
		cpu_buffer->sequence_wanted = 1;
		written = ring_log_write_fast(log, between);
		step(true);
		if (ring_buffer_wants_sequence(log->buffer))
			ring_buffer_open_sequence(log->buffer, log->graph);
		step(false);
		return written;
	}
	entry->after = now();
	entry->state = COMMITTED;
	log->committed++;
	*(u32 *)place = delta << 5 | length / 4;
	fill((void *)(place + RB_HEADER_SIZE), (u32)(entry - events), length);
	cpu_buffer->sequence_since[!word] = ns;
	cpu_buffer->sequence_count[!word] = cpu_buffer->sequence_count[word] + 1;
	cpu_buffer->commit = place + size;
	return true;
}

/* Events come in the order of their times. So many must come before this one, and so many may. */
static void check_position(struct ring_log *log, const struct logged *entry, unsigned long index)
{
	unsigned long earlier = 0, later = 0;
	unsigned int i;

	for (i = 0; i < log->nr; i++) {
		if (events[i].state != COMMITTED && events[i].state != READ)
			continue;
		earlier += events[i].after < entry->before;
		later += events[i].before > entry->after;
	}
	if (index < earlier || index + later >= log->committed)
		tap_fail(__FILE__, __LINE__,
			 "event %u is number %lu, with %lu before and %lu after it",
			 (unsigned int)(entry - events), index, earlier, later);
}

static struct logged *find(const struct ring_log *log, struct ring_buffer_event *event)
{
	u32 id;

	memcpy(&id, ring_buffer_event_data(event), sizeof(id));
	return id < log->nr ? &events[id] : NULL;
}

bool ring_log_look(const struct ring_log *log, struct ring_buffer_event *event, u64 ts)
{
	const struct logged *entry = find(log, event);
	const u8 *data = ring_buffer_event_data(event);
	unsigned int i;
	u32 id;

	if (!EXPECT(entry))
		return false;
	id = (u32)(entry - events);
	if (entry->state != COMMITTED && entry->state != READ)
		tap_fail(__FILE__, __LINE__, "event %u read in state %d", id, (int)entry->state);
	if (ts + 1 < entry->before || ts > entry->after)
		tap_fail(__FILE__, __LINE__, "event %u: time %llu, reserved %llu-%llu", id,
			 (unsigned long long)ts, (unsigned long long)entry->before,
			 (unsigned long long)entry->after);
	EXPECT_EQ(ring_buffer_event_length(event), (entry->length + 3) & ~3u);
	for (i = sizeof(id); i < entry->length; i++)
		if (data[i] != pattern(id, i)) {
			tap_fail(__FILE__, __LINE__, "event %u: byte %u is wrong", id, i);
			break;
		}
	return true;
}

void ring_log_check(struct ring_log *log, struct ring_buffer_event *event, u64 ts,
		    unsigned long lost)
{
	struct logged *entry = find(log, event);

	log->lost += lost;
	if (!ring_log_look(log, event, ts))
		return;
	EXPECT(entry->state != READ);
	entry->state = READ;
	EXPECT(ts >= log->last_ts);
	log->last_ts = ts;
	if (log->nr < 3000 || (entry - events) % 64 == 0)
		check_position(log, entry, log->read + log->lost);
	log->read++;
}

unsigned int ring_log_consume(struct ring_log *log, unsigned int max)
{
	struct ring_buffer_event *event;
	unsigned long lost;
	unsigned int nr;
	u64 ts;

	for (nr = 0; nr < max; nr++) {
		event = ring_buffer_consume(log->buffer, 0, &ts, &lost);
		if (!event)
			break;
		ring_log_check(log, event, ts, lost);
	}
	return nr;
}

void ring_log_balance(const struct ring_log *log)
{
	struct trace_buffer *buffer = log->buffer;
	unsigned long entries = ring_buffer_entries_cpu(buffer, 0);
	unsigned long overrun = ring_buffer_overrun_cpu(buffer, 0);

	EXPECT_EQ(ring_buffer_read_events_cpu(buffer, 0), log->read);
	EXPECT_EQ(log->read + overrun + entries, log->committed);
	EXPECT_EQ(ring_buffer_dropped_events_cpu(buffer, 0) +
		  ring_buffer_commit_overrun_cpu(buffer, 0), log->refused);
	EXPECT_EQ(ring_buffer_empty_cpu(buffer, 0), !entries);
	EXPECT(log->lost <= overrun);
	EXPECT_EQ(host_current->preempt_count, 0);
}
