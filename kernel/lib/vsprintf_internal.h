/* SPDX-License-Identifier: MIT */
/* What kernel/lib/vsprintf.c and vsprintf_pointer.c share. */
#pragma once
#include <stdarg.h>
#include "kernel/types.h"

#define FLAG_LEFT 1u
#define FLAG_PLUS 2u
#define FLAG_SPACE 4u
#define FLAG_ALT 8u
#define FLAG_ZERO 16u
#define FLAG_UPPER 32u
#define FLAG_SIGNED 64u

struct spec {
	unsigned int flags;
	int width;		/* -1: none given */
	int precision;		/* -1: none given */
	size_t length;		/* bytes of the integer argument */
};

/* Where the text goes. pos also counts bytes that did not fit, so it may be larger than size. */
struct output {
	char *buf;
	size_t size, pos;
};

void format_put(struct output *out, char c);
/* Put @s with @spec's width and precision; "(null)" or "(efault)" if it cannot be read. */
void format_string(struct output *out, const char *s, const struct spec *spec);
void format_number(struct output *out, u64 value, unsigned int base, const struct spec *spec);
void format_nested(struct output *out, const char *fmt, va_list args);
/* False for NULL, an ERR_PTR(), and an address in page 0, which is never mapped. */
bool format_may_point(const void *ptr);
/* Put %p with the letters after it, which are at @fmt; returns the position after them. */
const char *format_pointer(struct output *out, const char *fmt, const void *ptr,
			   struct spec *spec);
