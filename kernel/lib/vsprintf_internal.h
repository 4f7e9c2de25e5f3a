/* SPDX-License-Identifier: MIT */
/* What the two files of the formatter share: kernel/lib/vsprintf.c and vsprintf_pointer.c. */
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
	int length;		/* bytes of the integer argument */
};

/* Where the text goes. pos counts what would be written, and may run past the end. */
struct output {
	char *buf;
	size_t size, pos;
};

void format_put(struct output *out, char c);
/* Width and precision of @spec apply. What cannot be read becomes "(null)" or "(efault)". */
void format_string(struct output *out, const char *s, const struct spec *spec);
void format_number(struct output *out, u64 value, unsigned int base, const struct spec *spec);
void format_nested(struct output *out, const char *fmt, va_list args);
/* False for what is no pointer: NULL, an ERR_PTR(), the page that is never mapped. */
bool format_may_point(const void *ptr);
/* %p with what stands behind it at @fmt; returns the format behind that. */
const char *format_pointer(struct output *out, const char *fmt, const void *ptr,
			   struct spec *spec);
