/* SPDX-License-Identifier: MIT */
/* What TP_printk() may call to make text of numbers. Untraced: reports print events. */
#include "trace/events/trace_events.h"

/* Ends the text, so that it can be printed as a string, and returns where it began. */
static const char *finish(struct trace_seq *p, size_t start)
{
	trace_seq_putc(p, '\0');
	return p->full ? "(too long)" : p->buffer + start;
}

const char *trace_print_flags_seq(struct trace_seq *p, const char *delim, unsigned long flags,
				  const struct trace_print_flags *names)
{
	size_t start = p->len;

	for (; names->name && flags; names++) {
		if ((flags & names->mask) != names->mask)
			continue;
		flags &= ~names->mask;
		if (p->len != start)
			trace_seq_puts(p, delim);
		trace_seq_puts(p, names->name);
	}
	/* Bits without a name are shown too: nothing of the value is lost. */
	if (flags) {
		if (p->len != start)
			trace_seq_puts(p, delim);
		trace_seq_printf(p, "0x%lx", flags);
	}
	return finish(p, start);
}

const char *trace_print_symbols_seq(struct trace_seq *p, unsigned long value,
				    const struct trace_print_flags *names)
{
	size_t start = p->len;

	while (names->name && names->mask != value)
		names++;
	if (names->name)
		trace_seq_puts(p, names->name);
	else
		trace_seq_printf(p, "0x%lx", value);
	return finish(p, start);
}

const char *trace_print_hex_seq(struct trace_seq *p, const unsigned char *buf, int len)
{
	size_t start = p->len;

	for (int i = 0; i < len; i++)
		trace_seq_printf(p, i ? " %02x" : "%02x", buf[i]);
	return finish(p, start);
}

const char *trace_print_array_seq(struct trace_seq *p, const void *buf, int count, size_t el_size)
{
	size_t start = p->len;

	trace_seq_putc(p, '{');
	for (int i = 0; i < count; i++) {
		const char *at = (const char *)buf + (size_t)i * el_size;
		u64 value = 0;

		/* Little endian, and of one of four sizes: others have too many bytes. */
		__builtin_memcpy(&value, at, min(el_size, sizeof(value)));
		trace_seq_printf(p, "%s0x%llx", i ? "," : "", (unsigned long long)value);
	}
	trace_seq_putc(p, '}');
	return finish(p, start);
}
