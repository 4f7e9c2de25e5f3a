/* SPDX-License-Identifier: MIT */
/*
 * Appending text to a buffer of fixed size (trace/output/trace_seq.h). It is used to turn events
 * into text, also during a panic, so it takes no locks, allocates nothing, and is untraced.
 */
#include "trace/output/trace_seq.h"
#include "kernel/lib/string.h"
#include "kernel/printk.h"

/* Reserve @len bytes. Returns where they are; if they do not fit, sets `full` and returns NULL. */
static char *make_room(struct trace_seq *s, size_t len)
{
	char *place = s->buffer + s->len;

	if (s->full || len > s->size - s->len) {
		s->full = true;
		return NULL;
	}
	s->len += len;
	return place;
}

void trace_seq_printf(struct trace_seq *s, const char *fmt, ...)
{
	va_list args;
	int len;

	if (s->full)
		return;
	va_start(args, fmt);
	len = vsnprintf(s->buffer + s->len, s->size - s->len, fmt, args);
	va_end(args);
	/* vsnprintf() needs a byte for its terminator, so text that fits exactly is too long. */
	if (len < 0 || (size_t)len >= s->size - s->len)
		s->full = true;
	else
		s->len += (size_t)len;
}

void trace_seq_putmem(struct trace_seq *s, const void *mem, size_t len)
{
	char *place = make_room(s, len);

	if (place)
		memcpy(place, mem, len);
}

void trace_seq_puts(struct trace_seq *s, const char *str)
{
	trace_seq_putmem(s, str, strlen(str));
}

void trace_seq_putc(struct trace_seq *s, char c)
{
	char *place = make_room(s, 1);

	if (place)
		*place = c;
}

void trace_seq_putmem_hex(struct trace_seq *s, const void *mem, size_t len)
{
	static const char digits[] = "0123456789abcdef";
	const u8 *bytes = mem;

	while (len) {
		size_t group = len < 8 ? len : 8;
		char *place = make_room(s, 2 * group + 1);

		if (!place)
			return;
		/* Both architectures are little endian, so the last byte comes first. */
		for (size_t i = group; i-- > 0;) {
			*place++ = digits[bytes[i] >> 4];
			*place++ = digits[bytes[i] & 15];
		}
		*place = ' ';
		bytes += group;
		len -= group;
	}
}

void trace_seq_dec(struct trace_seq *s, u64 value, unsigned int width, char pad)
{
	char digits[20];
	unsigned int n = 0;
	u32 small;
	char *place;

	/* Only while needed, because on a 32-bit machine a 64-bit division is a library call. */
	while (value >> 32) {
		u64 quotient = value / 10;

		digits[n++] = (char)('0' + (u32)(value - quotient * 10));
		value = quotient;
	}
	small = (u32)value;
	do {
		digits[n++] = (char)('0' + small % 10);
		small /= 10;
	} while (small);
	place = make_room(s, width > n ? width : n);
	if (!place)
		return;
	for (unsigned int i = n; i < width; i++)
		*place++ = pad;
	while (n)
		*place++ = digits[--n];
}

void trace_seq_pad(struct trace_seq *s, const char *str, int width)
{
	size_t len = strlen(str);
	size_t columns = (size_t)(width < 0 ? -width : width);
	size_t blanks = columns > len ? columns - len : 0;
	/* Reserved together, because blanks without the text would be misleading. */
	char *place = make_room(s, len + blanks);

	if (!place)
		return;
	if (width >= 0) {
		memset(place, ' ', blanks);
		place += blanks;
	}
	memcpy(place, str, len);
	if (width < 0)
		memset(place + len, ' ', blanks);
}
