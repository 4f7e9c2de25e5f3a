/* SPDX-License-Identifier: MIT */
/*
 * Text in the trace: from code by trace_printk(), from the console by trace_marker and
 * trace_marker_raw. Each text is an event that names the address it comes from; stacks are recorded
 * here too. Any context; untraced.
 */
#include "kernel/lib/errno.h"
#include "kernel/lib/string.h"
#include "kernel/printk.h"
#include "kernel/unwind.h"
#include "trace/ftrace.h"
#include "trace/output/trace.h"
#include "trace/output/trace_event.h"
#include "trace/ring_buffer/ring_buffer_write.h"

#define SHORT_TEXT 192			/* bytes that are formatted on the stack: enough for most */
#define SHORT_STACK 32u			/* addresses that are collected there: enough for most */
#define STACK_MAX ((RB_MAX_PAYLOAD - sizeof(struct stack_entry)) / sizeof(long))

/*
 * Reserve a print event with room for @size bytes of text, the terminator included. NULL: nothing
 * is recorded. Else the caller commits.
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

/* Text that is longer than SHORT_TEXT: formatted a second time, straight into its place. */
static int print_long(struct trace_array *tr, unsigned long ip, u32 ctx, size_t len,
		      const char *fmt, va_list args)
{
	char *text;

	if (len > TRACE_MARKER_MAX)
		len = TRACE_MARKER_MAX;
	text = reserve_print(tr, ip, ctx, len + 1);
	if (!text)
		return 0;
	/* What an argument points to may have changed since it was measured: stay inside. */
	vsnprintf(text, len + 1, fmt, args);
	ring_buffer_unlock_commit(tr->buffer);
	return (int)len;
}

/* @from: the return address where a stack trace of it is to begin. */
static int trace_vprintk_from(unsigned long ip, unsigned long from, const char *fmt, va_list args)
{
	struct trace_array *tr = &global_trace;
	u32 ctx = trace_gen_ctx();
	char text[SHORT_TEXT];
	va_list again;
	char *place;
	int len;

	if (!tr->buffer || !(tr->trace_flags & TRACE_ITER_PRINTK))
		return 0;
	/*
	 * The event's size must be known when it is reserved, and between reserve and commit
	 * nothing slow should run: so the text is made first, and copied.
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

int __trace_vprintk(unsigned long ip, const char *fmt, va_list args)
{
	return trace_vprintk_from(ip, _RET_IP_, fmt, args);
}

int __trace_printk(unsigned long ip, const char *fmt, ...)
{
	va_list args;
	int len;

	va_start(args, fmt);
	len = trace_vprintk_from(ip, _RET_IP_, fmt, args);
	va_end(args);
	return len;
}

static ssize_t write_marker_event(struct trace_array *tr, unsigned long ip, u32 ctx,
				  const char *text, size_t len)
{
	bool newline = text[len - 1] != '\n';
	char *place = reserve_print(tr, ip, ctx, len + newline + 1);

	/* When recording is off the file answers, as on Linux, like one that cannot be written. */
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

		/*
		 * As write() has it: what was taken counts, and only a failure at once is an error.
		 */
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
	/* An event's length is in whole words, and readers see all of the last one. */
	memset((char *)&entry->id + ALIGN_DOWN(len - 1, 4), 0, 4);
	memcpy(&entry->id, data, len);
	ring_buffer_unlock_commit(tr->buffer);
	return (ssize_t)len;
}

/*
 * How many frames to leave out before @from. It depends on what the compiler made of the calls on
 * the way here, so the frame is found by its address; if it is not there, all are shown.
 */
static unsigned int frames_above(const unsigned long *pcs, unsigned int nr, unsigned long from)
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
	unsigned int skip = frames_above(pcs, min(nr, SHORT_STACK), from);
	unsigned int held = min(nr - skip, (unsigned int)STACK_MAX);
	struct ring_buffer_event *event;
	struct stack_entry *entry;
	size_t size = held * sizeof(pcs[0]);

	event = nr ? ring_buffer_lock_reserve(tr->buffer, sizeof(*entry) + size) : NULL;
	if (!event)
		return;
	entry = ring_buffer_event_data(event);
	trace_entry_init(&entry->ent, TRACE_STACK, ctx);
	/* It may be more than the event holds: then the reader tells how many are missing. */
	entry->size = (s32)(nr - skip);
	if (nr <= SHORT_STACK)
		memcpy(entry->caller, pcs + skip, size);
	else
		stack_trace_save((void *)(entry + 1), held, skip);
	ring_buffer_unlock_commit(tr->buffer);
}
