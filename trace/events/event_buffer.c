/* SPDX-License-Identifier: MIT */
/*
 * The way of an event into the ring buffer, which all probes share. Any context, untraced; what
 * records an event runs nothing that has one itself, so that it needs no protection against
 * recursion.
 */
#include "trace/events/trace_events.h"
#include "kernel/lib/errno.h"
#include "kernel/lockdep.h"
#include "kernel/mm/mm.h"
#include "kernel/sched/percpu.h"

/* The cases that the fast path leaves out: interrupts, long records, the end of a sub-buffer. */
static noinline void *reserve_slow(struct trace_event_buffer *buffer,
				   const struct trace_event_file *file, unsigned long len)
{
	u32 ctx = trace_gen_ctx();
	struct ring_buffer_event *event = ring_buffer_lock_reserve(file->tr->buffer, len);
	void *entry;

	buffer->words = 0;
	if (!event)
		return NULL;
	entry = ring_buffer_event_data(event);
	/* Readers see whole words, and what is behind the record's end was somebody else's. */
	if (len % 4)
		memset((char *)entry + ALIGN_DOWN(len, 4), 0, 4);
	trace_entry_init(entry, file->type, ctx);
	return entry;
}

void *trace_event_buffer_reserve(struct trace_event_buffer *buffer, struct trace_event_file *file,
				 unsigned long len)
{
	unsigned int words = (unsigned int)((len + 3) / 4);
	struct ring_buffer_writer *writer = &buffer->writer;
	u32 *entry;

	buffer->file = file;
	if (unlikely(words > RINGBUF_TYPE_DATA_TYPE_LEN_MAX) ||
	    unlikely(!ring_buffer_reserve_words(file->tr->buffer, words, writer)))
		return reserve_slow(buffer, file, len);
	buffer->words = words;
	entry = writer->event->array;
	entry[words - 1] = 0;
	trace_entry_init_task((struct trace_entry *)entry, file->type,
			      trace_ctx_of(writer->task, writer->preempt_count), writer->task);
	return entry;
}

static noinline void commit_slow(struct trace_array *tr, const struct trace_event_buffer *buffer,
				 unsigned long from)
{
	if (buffer->words)
		ring_buffer_commit_words(&buffer->writer, buffer->words);
	else
		ring_buffer_unlock_commit(tr->buffer);
	if (tr->trace_flags & TRACE_ITER_STACKTRACE)
		trace_record_stack(tr, from);
}

void trace_event_buffer_commit(const struct trace_event_buffer *buffer)
{
	struct trace_array *tr = buffer->file->tr;

	if (likely(buffer->words && !(data_race(tr->trace_flags) & TRACE_ITER_STACKTRACE)))
		ring_buffer_commit_words(&buffer->writer, buffer->words);
	else
		commit_slow(tr, buffer, _RET_IP_);
}

/* --- Records that are checked before they are kept --- */

/*
 * Room for one record for each context of a CPU that can be inside a probe: thread, interrupt, NMI.
 * None of them makes a second one before it is done.
 */
#define CONTEXTS 3
#define ROOM_BYTES PAGE_SIZE
BUILD_BUG_ON(RB_MAX_PAYLOAD > ROOM_BYTES);

static char *rooms[NR_CPUS];

int trace_event_rooms_alloc(void)
{
	unsigned int cpu;

	lockdep_assert_held(&event_mutex);
	for_each_online_cpu(cpu) {
		if (!rooms[cpu])
			rooms[cpu] = kmalloc(CONTEXTS * ROOM_BYTES, GFP_KERNEL);
		if (!rooms[cpu])
			return -ENOMEM;
	}
	return 0;
}

void *trace_event_check_begin(const struct trace_event_file *file, unsigned long len)
{
	unsigned int count = preempt_count();
	unsigned int context = count & NMI_MASK ? 2 : count & HARDIRQ_MASK ? 1 : 0;
	u32 ctx = trace_gen_ctx(), *words;

	preempt_disable_notrace();
	if (len > RB_MAX_PAYLOAD)
		return NULL;
	words = (u32 *)(void *)(rooms[smp_processor_id()] + context * ROOM_BYTES);
	words[(len - 1) / 4] = 0;
	trace_entry_init((struct trace_entry *)words, file->type, ctx);
	return words;
}

static void write_entry(struct trace_array *tr, const void *entry, unsigned long len,
			unsigned long from)
{
	struct ring_buffer_event *event = ring_buffer_lock_reserve(tr->buffer, len);

	/* Without an entry it was too long, and the reservation has counted that. */
	if (!event)
		return;
	memcpy(ring_buffer_event_data(event), entry, ALIGN_UP(len, 4));
	ring_buffer_unlock_commit(tr->buffer);
	if (tr->trace_flags & TRACE_ITER_STACKTRACE)
		trace_record_stack(tr, from);
}

/* @from is where the stack begins, if one is recorded. */
static void check_entry(struct trace_event_file *file, const void *entry, unsigned long len,
			unsigned long from)
{
	const struct event_filter *filter = READ_ONCE(file->filter);

	assert_preempt_off();
	event_triggers_before(file, from);
	/* As on Linux, triggers that act at once act whatever the thread. */
	if (likely(!trace_pids_active(&file->tr->event_pids)) ||
	    !trace_event_is_ignored(file, entry)) {
		if (READ_ONCE(file->enabled) &&
		    (!filter || !entry || event_filter_match(filter, entry)))
			write_entry(file->tr, entry, len, from);
		event_triggers_after(file, entry, from);
	}
	preempt_enable_notrace();
}

void trace_event_check_end(struct trace_event_file *file, const void *entry, unsigned long len)
{
	check_entry(file, entry, len, _RET_IP_);
}

void trace_event_check_end_short(struct trace_event_file *file, const u32 *words, unsigned long len)
{
	const struct hist *hist = READ_ONCE(file->only_hist);

	if (hist && hist_hit_short(hist, words))
		return;
	preempt_disable_notrace();
	check_entry(file, words, len, _RET_IP_);
}
