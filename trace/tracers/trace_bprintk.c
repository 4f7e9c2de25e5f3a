/* SPDX-License-Identifier: MIT */
/*
 * trace_printk() with a constant format: only the address of the format and the arguments go into
 * the event, and readers make the text (trace/output/trace_bprint.c). Events refer to the formats
 * of modules for longer than the modules are there, so those are copied and kept. Recording is for
 * any context; untraced.
 */
#include "kernel/lib/errno.h"
#include "kernel/lib/string.h"
#include "kernel/lockdep.h"
#include "kernel/mm/mm.h"
#include "kernel/printk.h"
#include "kernel/sched/wait.h"
#include "kernel/trace_hooks.h"
#include "trace/ftrace.h"
#include "trace/output/trace.h"
#include "trace/output/trace_bprint.h"
#include "trace/output/trace_event.h"
#include "trace/ring_buffer/ring_buffer_write.h"
#include "trace/tracers/trace_printk.h"

#define ARGS_SIZE 192u			/* bytes of arguments with strings; mostly enough */

/*
 * Store the arguments of @layout at @buf, which has room for @size bytes. Returns how many bytes
 * they take, which may be more.
 */
static size_t store_arguments(u8 *buf, size_t size, u32 layout, va_list args)
{
	size_t pos = 0, room;
	u32 word;
	u64 dword;

	for (u32 nr = 0; nr < BPRINT_ARGS_MAX && layout & BPRINT_KIND_MASK; nr++, layout >>= 2) {
		if ((layout & BPRINT_KIND_MASK) == BPRINT_STRING) {
			/* This prints what cannot be read as such, and adds a terminator. */
			room = pos < size ? size - pos : 0;
			pos += (size_t)snprintf((char *)buf + pos, room, "%s",
						va_arg(args, const char *)) + 1;
			continue;
		}
		pos = ALIGN_UP(pos, 4);
		if ((layout & BPRINT_KIND_MASK) == BPRINT_DWORD) {
			dword = va_arg(args, u64);
			if (pos + sizeof(dword) <= size)
				memcpy(buf + pos, &dword, sizeof(dword));
			pos += sizeof(dword);
		} else {
			word = va_arg(args, u32);
			if (pos + sizeof(word) <= size)
				memcpy(buf + pos, &word, sizeof(word));
			pos += sizeof(word);
		}
	}
	return pos;
}

static noinline int record_arguments(unsigned long ip, const char *fmt, const u8 *buf, size_t size)
{
	struct trace_array *tr = &global_trace;
	u32 ctx = trace_gen_ctx();
	struct ring_buffer_event *event;
	struct bprint_entry *entry;

	/* The record is made of words, as Linux's; what follows the arguments in @buf is zeroed. */
	size = ALIGN_UP(size, 4);
	event = ring_buffer_lock_reserve(tr->buffer, sizeof(*entry) + size);
	if (!event)
		return 0;
	entry = ring_buffer_event_data(event);
	trace_entry_init(&entry->ent, TRACE_BPRINT, ctx);
	entry->ip = ip;
	entry->fmt = fmt;
	memcpy(entry->buf, buf, size);
	ring_buffer_unlock_commit(tr->buffer);
	return (int)(sizeof(*entry) + size);
}

/* Everything that the common case leaves out. */
static noinline int bprint_slow(unsigned long ip, unsigned long from,
				struct trace_printk_site *site, va_list args)
{
	struct trace_array *tr = &global_trace;
	u32 layout = READ_ONCE(site->layout);
	u8 buf[ARGS_SIZE] __aligned(4);
	size_t size = 0;
	va_list again;
	int len;

	if (!tr->buffer || !(tr->trace_flags & TRACE_ITER_PRINTK))
		return 0;
	if (!layout) {
		layout = bprint_layout(site->fmt);
		/* All CPUs and contexts that come here at the same time store the same. */
		WRITE_ONCE(site->layout, layout);
	}
	if (!(layout & BPRINT_TEXT)) {
		memset(buf, 0, sizeof(buf));
		va_copy(again, args);
		size = store_arguments(buf, sizeof(buf), layout, again);
		va_end(again);
	}
	if (layout & BPRINT_TEXT || size > sizeof(buf))
		return trace_vprintk_from(tr, ip, from, site->fmt, args);
	len = record_arguments(ip, site->fmt, buf, size);
	if (len && tr->trace_flags & TRACE_ITER_STACKTRACE)
		trace_record_stack(tr, from);
	return len;
}

/*
 * The common case: the arguments are numbers, and the ring buffer's fast path is open. The number
 * of words bounds the event, and the kinds of the arguments say the same number.
 */
int __trace_bprintk(unsigned long ip, struct trace_printk_site *site, ...)
{
	struct trace_array *tr = &global_trace;
	u32 layout = READ_ONCE(site->layout), *to;
	unsigned int words = sizeof(struct bprint_entry) / 4 + BPRINT_WORDS(layout);
	struct ring_buffer_writer writer;
	struct bprint_entry *entry;
	va_list args;
	int len;

	va_start(args, site);
	if (unlikely(!(layout & BPRINT_PLAIN)) || unlikely(!tr->buffer) ||
	    unlikely((tr->trace_flags & (TRACE_ITER_PRINTK | TRACE_ITER_STACKTRACE)) !=
		     TRACE_ITER_PRINTK) ||
	    unlikely(!ring_buffer_reserve_words(tr->buffer, words, &writer))) {
		len = bprint_slow(ip, _RET_IP_, site, args);
		va_end(args);
		return len;
	}
	/* The event is short, so its payload begins right behind its header. */
	entry = (struct bprint_entry *)writer.event->array;
	trace_entry_init_task(&entry->ent, TRACE_BPRINT,
			      trace_ctx_of(writer.task, writer.preempt_count), writer.task);
	entry->ip = ip;
	entry->fmt = site->fmt;
	for (to = entry->buf; layout & BPRINT_KIND_MASK; layout >>= 2) {
		if ((layout & BPRINT_KIND_MASK) == BPRINT_DWORD) {
			u64 value = va_arg(args, u64);

			*to++ = (u32)value;
			*to++ = (u32)(value >> 32);
		} else {
			*to++ = va_arg(args, u32);
		}
	}
	va_end(args);
	ring_buffer_commit_words(&writer, words);
	return (int)(4 * words);
}

/* --- Formats of modules --- */

struct kept_format {
	struct kept_format *next;
	char fmt[];
};
static struct kept_format *kept_formats;
static DEFINE_MUTEX(kept_formats_lock);

/* A copy of @fmt, which is never freed; NULL if memory is out. Equal formats share one. */
static const char *keep_format(const char *fmt)
{
	size_t size = strlen(fmt) + 1;
	struct kept_format *kept;

	lockdep_assert_held(&kept_formats_lock);
	for (kept = kept_formats; kept; kept = kept->next)
		if (!strcmp(kept->fmt, fmt))
			return kept->fmt;
	kept = kmalloc(sizeof(*kept) + size, GFP_KERNEL);
	if (!kept)
		return NULL;
	memcpy(kept->fmt, fmt, size);
	kept->next = kept_formats;
	kept_formats = kept;
	return kept->fmt;
}

int trace_module_formats(struct trace_printk_site *sites, unsigned int nr)
{
	int err = 0;

	mutex_lock(&kept_formats_lock);
	for (unsigned int i = 0; i < nr && !err; i++) {
		/* The layout is what lets a writer trust its arguments, so it is not the file's. */
		sites[i].layout = 0;
		if (!sites[i].fmt)
			continue;
		sites[i].fmt = keep_format(sites[i].fmt);
		if (!sites[i].fmt)
			err = -ENOMEM;
	}
	mutex_unlock(&kept_formats_lock);
	return err;
}
