/* SPDX-License-Identifier: MIT */
/*
 * Text that is stored unformatted: an event has the address of its format, and the arguments in the
 * binary form of Linux's vbin_printf(). This parses formats, for the writer and for the reader.
 */
#pragma once
#include "trace/output/trace_output.h"
#include "trace/ring_buffer/ring_buffer.h"

/*
 * What a conversion takes from the arguments: 4 bytes, 8 bytes at a multiple of 4, or a terminated
 * string, which is stored itself. Of BPRINT_OTHER are conversions of which the value alone would
 * not do later, because they read memory, and rare ones; texts with them are stored formatted.
 */
enum bprint_kind {
	BPRINT_END, BPRINT_WORD, BPRINT_DWORD, BPRINT_STRING, BPRINT_PERCENT, BPRINT_OTHER
};

/*
 * A format's layout in one word, which is never 0: the kinds of its arguments, two bits each and
 * the first one lowest; and how many words they take, if none is a string.
 */
#define BPRINT_ARGS_MAX 12
#define BPRINT_KIND_MASK 3u
#define BPRINT_WORDS_SHIFT 24
#define BPRINT_WORDS(layout) ((layout) >> BPRINT_WORDS_SHIFT & 31)
#define BPRINT_STRINGS (1u << 29)	/* an argument is a string */
#define BPRINT_TEXT (1u << 30)		/* it cannot be stored unformatted */
#define BPRINT_PLAIN (1u << 31)		/* neither, and the event is a short one */
#define BPRINT_PLAIN_WORDS (RINGBUF_TYPE_DATA_TYPE_LEN_MAX - sizeof(struct bprint_entry) / 4)
u32 bprint_layout(const char *fmt);

/* Append the text of @fmt with the arguments in the @size bytes at @args. */
void trace_seq_bprintf(struct trace_seq *s, const char *fmt, const void *args, size_t size);
