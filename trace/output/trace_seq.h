/* SPDX-License-Identifier: MIT */
/*
 * A buffer to which text is appended, like Linux's trace_seq. A piece that does not fit as a whole
 * is left out, and so are all later ones; `full` tells so. It takes no locks and allocates nothing;
 * the owner supplies the memory. Untraced.
 */
#pragma once
#include <stdarg.h>
#include "kernel/compiler.h"
#include "kernel/types.h"

struct trace_seq {
	char *buffer;
	size_t size, len;
	bool full;
};

static inline void trace_seq_init(struct trace_seq *s, char *buffer, size_t size)
{
	s->buffer = buffer;
	s->size = size;
	s->len = 0;
	s->full = false;
}

static inline void trace_seq_reset(struct trace_seq *s)
{
	s->len = 0;
	s->full = false;
}

void trace_seq_printf(struct trace_seq *s, const char *fmt, ...) __printf(2, 3);
void trace_seq_puts(struct trace_seq *s, const char *str);
void trace_seq_putc(struct trace_seq *s, char c);
void trace_seq_putmem(struct trace_seq *s, const void *mem, size_t len);
/* The bytes of a value, in groups of 8, most significant first, with a blank after each group. */
void trace_seq_putmem_hex(struct trace_seq *s, const void *mem, size_t len);
/* @value in decimal, right-aligned in @width with @pad. Faster than printf. */
void trace_seq_dec(struct trace_seq *s, u64 value, unsigned int width, char pad);
/* @str, right-aligned in @width, or left-aligned if @width is negative. */
void trace_seq_pad(struct trace_seq *s, const char *str, int width);
