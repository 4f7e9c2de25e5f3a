/* SPDX-License-Identifier: MIT */
/*
 * Text in the trace, from code by trace_printk() (if its format is a constant: trace_bprintk.c) and
 * from the console by trace_marker and trace_marker_raw. Each text is an event that holds the
 * address it comes from. Stacks are recorded here, too. Any context; untraced.
 */
#include "kernel/lib/errno.h"
#include "kernel/lib/string.h"
#include "kernel/printk.h"
#include "kernel/unwind.h"
#include "trace/ftrace.h"
#include "trace/output/trace.h"
#include "trace/output/trace_event.h"
#include "trace/ring_buffer/ring_buffer_write.h"
#include "trace/tracers/trace_printk.h"

#define SHORT_TEXT 192			/* size of the text buffer on the stack; mostly enough */
#define SHORT_STACK 32u			/* addresses in the array on the stack; mostly enough */
#define STACK_MAX ((RB_MAX_PAYLOAD - sizeof(struct stack_entry)) / sizeof(long))

/*
 * Reserve a print event for @size bytes of text, including the terminator. Returns where the text
 * goes, and the caller commits the event; or NULL if it is not recorded.
 */
static char *reserve_print(struct trace_array *tr, unsigned long ip, u32 ctx, size_t size)
{
	struct ring_buffer_event *event;
	struct print_entry *entry;

	event = ring_buffer_lock_reserve(tr->buffer, sizeof(*entry) + size);
	if (!event)
		return NULL;
	entry = ring_buffer_event_data(event);
	trace_entry_init(&entry->ent, TRACE_PRINT, ctx);
	entry->ip = ip;
	return entry->buf;
}

/* Record text of @len bytes that did not fit into SHORT_TEXT, by formatting it into the event. */
static int print_long(struct trace_array *tr, unsigned long ip, u32 ctx, size_t len,
		      const char *fmt, va_list args)
{
	char *text;

	if (len > TRACE_MARKER_MAX)
		len = TRACE_MARKER_MAX;
	text = reserve_print(tr, ip, ctx, len + 1);
	if (!text)
		return 0;
	/* An argument may have changed since the length was computed, so the size is limited. */
	vsnprintf(text, len + 1, fmt, args);
	ring_buffer_unlock_commit(tr->buffer);
	return (int)len;
}

int trace_vprintk_from(struct trace_array *tr, unsigned long ip, unsigned long from,
		       const char *fmt, va_list args)
{
	u32 ctx = trace_gen_ctx();
	char text[SHORT_TEXT];
	va_list again;
	char *place;
	int len;

	if (!tr->buffer || !(tr->trace_flags & TRACE_ITER_PRINTK))
		return 0;
	/*
	 * The text is formatted first and then copied, because the event's size must be known when
	 * it is reserved, and little should run between reservation and commit.
	 */
	va_copy(again, args);
	len = vsnprintf(text, sizeof(text), fmt, args);
	if (len >= (int)sizeof(text)) {
		len = print_long(tr, ip, ctx, (size_t)len, fmt, again);
	} else if (len > 0) {
		place = reserve_print(tr, ip, ctx, (size_t)len + 1);
		if (place) {
			memcpy(place, text, (size_t)len + 1);
			ring_buffer_unlock_commit(tr->buffer);
		} else {
			len = 0;
		}
	}
	va_end(again);
	if (len > 0 && (tr->trace_flags & TRACE_ITER_STACKTRACE))
		trace_record_stack(tr, from);
	return len;
}

int __trace_printk(unsigned long ip, const char *fmt, ...)
{
	va_list args;
	int len;

	va_start(args, fmt);
	len = trace_vprintk_from(&global_trace, ip, _RET_IP_, fmt, args);
	va_end(args);
	return len;
}

int trace_array_init_printk(struct trace_array *tr)
{
	if (!tr)
		return -ENOENT;
	return tr == &global_trace ? -EINVAL : 0;
}

int trace_array_printk(struct trace_array *tr, unsigned long ip, const char *fmt, ...)
{
	va_list args;
	int len;

	if (!tr)
		return -ENOENT;
	if (tr == &global_trace)
		return 0;
	va_start(args, fmt);
	len = trace_vprintk_from(tr, ip, _RET_IP_, fmt, args);
	va_end(args);
	return len;
}

static ssize_t write_marker_event(struct trace_array *tr, unsigned long ip, u32 ctx,
				  const char *text, size_t len)
{
	bool newline = text[len - 1] != '\n';
	char *place = reserve_print(tr, ip, ctx, len + newline + 1);

	/* As on Linux, a write fails with -EBADF while recording is off. */
	if (!place)
		return -EBADF;
	memcpy(place, text, len);
	if (newline)
		place[len++] = '\n';
	place[len] = '\0';
	ring_buffer_unlock_commit(tr->buffer);
	return 0;
}

ssize_t trace_write_marker(struct trace_array *tr, unsigned long ip, const char *text, size_t len)
{
	u32 ctx = trace_gen_ctx();
	size_t done = 0;

	if (!(tr->trace_flags & TRACE_ITER_MARKERS))
		return -EINVAL;
	while (done < len) {
		size_t part = min(len - done, (size_t)TRACE_MARKER_MAX);
		ssize_t err = write_marker_event(tr, ip, ctx, text + done, part);

		/* As for write(), it is an error only if nothing was taken. */
		if (err)
			return done ? (ssize_t)done : err;
		done += part;
	}
	if (tr->trace_flags & TRACE_ITER_STACKTRACE)
		trace_record_stack(tr, _RET_IP_);
	return (ssize_t)done;
}

ssize_t trace_write_raw(struct trace_array *tr, const void *data, size_t len)
{
	u32 ctx = trace_gen_ctx();
	struct ring_buffer_event *event;
	struct raw_data_entry *entry;

	if (!(tr->trace_flags & TRACE_ITER_MARKERS))
		return -EINVAL;
	if (len < sizeof(entry->id) || len > TRACE_MARKER_MAX)
		return -EINVAL;
	event = ring_buffer_lock_reserve(tr->buffer, sizeof(*entry) - sizeof(entry->id) + len);
	if (!event)
		return -EBADF;
	entry = ring_buffer_event_data(event);
	trace_entry_init(&entry->ent, TRACE_RAW_DATA, ctx);
	/* An event's length is in whole words; clear the last one, which readers see in full. */
	memset((char *)&entry->id + ALIGN_DOWN(len - 1, 4), 0, 4);
	memcpy(&entry->id, data, len);
	ring_buffer_unlock_commit(tr->buffer);
	return (ssize_t)len;
}

/* The number depends on which calls the compiler has inlined, so the frame is searched. */
unsigned int trace_frames_above(const unsigned long *pcs, unsigned int nr, unsigned long from)
{
	for (unsigned int i = 0; i < nr; i++) {
		if (pcs[i] - from <= FTRACE_INSN_SIZE)
			return i;
	}
	return 0;
}

void trace_record_stack(struct trace_array *tr, unsigned long from)
{
	u32 ctx = trace_gen_ctx();
	unsigned long pcs[SHORT_STACK];
	unsigned int nr = stack_trace_save(pcs, SHORT_STACK, 0);
	unsigned int skip = trace_frames_above(pcs, min(nr, SHORT_STACK), from);
	unsigned int held = min(nr - skip, (unsigned int)STACK_MAX);
	struct ring_buffer_event *event;
	struct stack_entry *entry;
	size_t size = held * sizeof(pcs[0]);

	event = nr ? ring_buffer_lock_reserve(tr->buffer, sizeof(*entry) + size) : NULL;
	if (!event)
		return;
	entry = ring_buffer_event_data(event);
	trace_entry_init(&entry->ent, TRACE_STACK, ctx);
	/* This may be more than the event holds; then the reader prints how many are missing. */
	entry->size = (s32)(nr - skip);
	if (nr <= SHORT_STACK)
		memcpy(entry->caller, pcs + skip, size);
	else
		stack_trace_save((void *)(entry + 1), held, skip);
	ring_buffer_unlock_commit(tr->buffer);
}
