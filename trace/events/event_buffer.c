/* SPDX-License-Identifier: MIT */
/*
 * The way of an event into the ring buffer, which all probes share. Any context, untraced; what
 * records an event runs nothing that has one itself, so that it needs no protection against
 * recursion.
 */
#include "trace/events/trace_events.h"

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
