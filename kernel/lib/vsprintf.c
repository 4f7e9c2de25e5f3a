/* SPDX-License-Identifier: MIT */
/*
 * printf() into a buffer: C99's conversions except for floating point. Linux's %p extensions are in
 * vsprintf_pointer.c. The log and the tracer use it in any context, so it is untraced and takes no
 * lock, and no pointer among its arguments makes it fault.
 */
#include <stdarg.h>
#include "kernel/arch.h"
#include "kernel/lib/ctype.h"
#include "kernel/lib/errno.h"
#include "kernel/lib/string.h"
#include "kernel/lib/vsprintf_internal.h"
#include "kernel/printk.h"

/* The largest width and precision, as in Linux. A larger number is taken for these. */
#define WIDTH_MAX ((1 << 23) - 1)
#define PRECISION_MAX ((1 << 15) - 1)

const char *printf_length(const char *fmt, size_t *length)
{
	*length = sizeof(int);
	/* Only the size matters here; the conversion's letter tells whether it is signed. */
	switch (*fmt) {
	case 'h':
		*length = fmt[1] == 'h' ? sizeof(char) : sizeof(short);
		return fmt + (fmt[1] == 'h' ? 2 : 1);
	case 'l':
		*length = fmt[1] == 'l' ? sizeof(long long) : sizeof(long);
		return fmt + (fmt[1] == 'l' ? 2 : 1);
	case 'L':
	case 'q':
	case 'j':
		*length = sizeof(long long);
		return fmt + 1;
	case 'z':
	case 'Z':
	case 't':
		*length = sizeof(size_t);
		return fmt + 1;
	}
	return fmt;
}

#ifndef PATCHBAY_HOST

void format_put(struct output *out, char c)
{
	if (out->pos < out->size)
		out->buf[out->pos] = c;
	out->pos++;
}

/* Put @n times @c. A width may be large, so what does not fit is only counted, without a loop. */
static void put_run(struct output *out, char c, int n)
{
	size_t run = (size_t)n;

	if (n <= 0)
		return;
	if (out->pos < out->size)
		memset(out->buf + out->pos, c, min(run, out->size - out->pos));
	out->pos += run;
}

static void put_text(struct output *out, const char *s, int len, const struct spec *spec)
{
	int pad = spec->width - len;

	if (!(spec->flags & FLAG_LEFT))
		put_run(out, ' ', pad);
	for (int i = 0; i < len; i++)
		format_put(out, s[i]);
	if (spec->flags & FLAG_LEFT)
		put_run(out, ' ', pad);
}

bool format_may_point(const void *ptr)
{
	return (unsigned long)ptr >= PAGE_SIZE && !IS_ERR(ptr);
}

/* The length of @s, but at most @max; -1 if one of its bytes is in a page that is not mapped. */
static int readable_length(const char *s, size_t max)
{
	size_t len = 0, part, found;
	char byte;

	if (!format_may_point(s))
		return -1;
	do {
		/* A page is mapped as a whole, so it is enough to test one byte of each. */
		part = min(max - len, PAGE_SIZE - ((unsigned long)(s + len) & (PAGE_SIZE - 1)));
		if (part && arch_read_nofault(&byte, s + len, 1))
			return -1;
		found = strnlen(s + len, part);
		len += found;
	} while (found == part && len < max);
	return (int)len;
}

/* A bad pointer is printed as such, because a message must not cause another fault. */
void format_string(struct output *out, const char *s, const struct spec *spec)
{
	size_t max = spec->precision < 0 ? INT32_MAX : (size_t)spec->precision;
	int len = readable_length(s, max);

	if (len < 0) {
		s = s ? "(efault)" : "(null)";
		len = (int)strnlen(s, max);
	}
	put_text(out, s, len, spec);
}

/* The digits of @value, least significant first. Only large values need a 64-bit division. */
static int make_digits(char *digits, u64 value, unsigned int base, bool upper)
{
	const char *set = upper ? "0123456789ABCDEF" : "0123456789abcdef";
	int n = 0;

	if (base == 10) {
		for (; value >> 32; value /= 10)
			digits[n++] = set[value % 10];
		for (u32 low = (u32)value; low; low /= 10)
			digits[n++] = set[low % 10];
		return n;
	}
	for (unsigned int shift = base == 16 ? 4 : 3; value; value >>= shift)
		digits[n++] = set[value & (base - 1)];
	return n;
}

void format_number(struct output *out, u64 value, unsigned int base, const struct spec *spec)
{
	char digits[24], prefix[2];
	int nr_prefix = 0, nr_digits, zeros, pad;

	if (spec->flags & FLAG_SIGNED) {
		if ((s64)value < 0) {
			prefix[nr_prefix++] = '-';
			value = -value;
		} else if (spec->flags & (FLAG_PLUS | FLAG_SPACE)) {
			prefix[nr_prefix++] = spec->flags & FLAG_PLUS ? '+' : ' ';
		}
	} else if ((spec->flags & FLAG_ALT) && base == 16 && value) {
		prefix[nr_prefix++] = '0';
		prefix[nr_prefix++] = spec->flags & FLAG_UPPER ? 'X' : 'x';
	}
	nr_digits = make_digits(digits, value, base, spec->flags & FLAG_UPPER);
	/*
	 * As in C: without a precision there is at least one digit; with precision 0, 0 has none.
	 */
	zeros = (spec->precision < 0 ? 1 : spec->precision) - nr_digits;
	if ((spec->flags & FLAG_ALT) && base == 8 && zeros < 1)
		zeros = 1;
	zeros = max(zeros, 0);
	pad = max(spec->width - nr_prefix - zeros - nr_digits, 0);
	/* As in C, the flag 0 is ignored with a precision and for a left-aligned number. */
	if ((spec->flags & FLAG_ZERO) && !(spec->flags & FLAG_LEFT) && spec->precision < 0) {
		zeros += pad;
		pad = 0;
	}
	if (!(spec->flags & FLAG_LEFT))
		put_run(out, ' ', pad);
	for (int i = 0; i < nr_prefix; i++)
		format_put(out, prefix[i]);
	put_run(out, '0', zeros);
	while (nr_digits)
		format_put(out, digits[--nr_digits]);
	if (spec->flags & FLAG_LEFT)
		put_run(out, ' ', pad);
}

static const char *parse_count(const char *fmt, int *count, va_list *args)
{
	int value = 0;

	if (*fmt == '*') {
		*count = max(va_arg(*args, int), -INT32_MAX);
		return fmt + 1;
	}
	for (; isdigit(*fmt); fmt++)
		value = value <= WIDTH_MAX ? value * 10 + (*fmt - '0') : value;
	*count = value;
	return fmt;
}

/* Parse what is between '%' and the conversion's letter; returns the position of the letter. */
static const char *parse_spec(const char *fmt, struct spec *spec, va_list *args)
{
	static const char flag_chars[] = "-+ #0";
	const char *flag;

	spec->flags = 0;
	for (; *fmt && (flag = strchr(flag_chars, *fmt)); fmt++)
		spec->flags |= 1u << (flag - flag_chars);
	spec->width = -1;
	if (*fmt == '*' || isdigit(*fmt))
		fmt = parse_count(fmt, &spec->width, args);
	/* A negative width, which can only come from an argument, means left alignment. */
	if (spec->width < -1 || (spec->width == -1 && fmt[-1] == '*')) {
		spec->flags |= FLAG_LEFT;
		spec->width = -spec->width;
	}
	/* So that no sum of some widths overflows, and no list of bits takes for ever. */
	spec->width = min(spec->width, WIDTH_MAX);
	spec->precision = -1;
	if (*fmt == '.') {
		fmt = parse_count(fmt + 1, &spec->precision, args);
		spec->precision = clamp(spec->precision, -1, PRECISION_MAX);
	}
	return printf_length(fmt, &spec->length);
}

/* The next integer argument, extended to 64 bits according to its length and sign. */
static u64 integer_arg(const struct spec *spec, va_list *args)
{
	bool is_signed = spec->flags & FLAG_SIGNED;
	u64 value;

	if (spec->length == sizeof(long long))
		return va_arg(*args, unsigned long long);
	if (spec->length == sizeof(long))
		value = va_arg(*args, unsigned long);
	else
		value = va_arg(*args, unsigned int);
	/* Arguments shorter than int were passed as int, and are cut to their size here. */
	switch (spec->length) {
	case 1:
		return is_signed ? (u64)(s8)value : (u8)value;
	case 2:
		return is_signed ? (u64)(s16)value : (u16)value;
	}
	return is_signed ? (u64)(s32)value : (u32)value;
}

/*
 * Do the conversion whose letter is at @fmt; returns the position after it, NULL if it is unknown.
 */
static const char *put_conversion(struct output *out, const char *fmt, struct spec *spec,
				  va_list *args)
{
	char c = *fmt++;

	switch (c) {
	case 'd':
	case 'i':
		spec->flags |= FLAG_SIGNED;
		format_number(out, integer_arg(spec, args), 10, spec);
		return fmt;
	case 'u':
		format_number(out, integer_arg(spec, args), 10, spec);
		return fmt;
	case 'X':
		spec->flags |= FLAG_UPPER;
		/* fall through */
	case 'x':
		format_number(out, integer_arg(spec, args), 16, spec);
		return fmt;
	case 'o':
		format_number(out, integer_arg(spec, args), 8, spec);
		return fmt;
	case 'c':
		c = (char)va_arg(*args, int);
		put_text(out, &c, 1, spec);
		return fmt;
	case 's':
		format_string(out, va_arg(*args, const char *), spec);
		return fmt;
	case 'p':
		return format_pointer(out, fmt, va_arg(*args, void *), spec);
	case '%':
		format_put(out, '%');
		return fmt;
	}
	return NULL;
}

void format_nested(struct output *out, const char *fmt, va_list args)
{
	const char *conversion = fmt;
	struct spec spec;
	va_list ap;

	va_copy(ap, args);
	while (fmt && *fmt) {
		if (*fmt != '%') {
			format_put(out, *fmt++);
			continue;
		}
		conversion = fmt;
		fmt = parse_spec(fmt + 1, &spec, &ap);
		fmt = put_conversion(out, fmt, &spec, &ap);
	}
	va_end(ap);
	/*
	 * Nobody knows which arguments an unknown conversion takes, so the format is printed as
	 * plain text from there on.
	 */
	while (!fmt && *conversion)
		format_put(out, *conversion++);
}

int vsnprintf(char *buf, size_t size, const char *fmt, va_list args)
{
	struct output out = { buf, size, 0 };

	/* As in Linux: nobody has such a buffer, but a subtraction may have gone below 0. */
	if (size > INT32_MAX)
		return 0;
	format_nested(&out, fmt, args);
	if (size)
		buf[min(out.pos, size - 1)] = '\0';
	return (int)out.pos;
}

int snprintf(char *buf, size_t size, const char *fmt, ...)
{
	va_list args;
	int len;

	va_start(args, fmt);
	len = vsnprintf(buf, size, fmt, args);
	va_end(args);
	return len;
}

#endif /* PATCHBAY_HOST */

int vscnprintf(char *buf, size_t size, const char *fmt, va_list args)
{
	int len = vsnprintf(buf, size, fmt, args);

	if (!size)
		return 0;
	return (size_t)len < size ? len : (int)size - 1;
}

int scnprintf(char *buf, size_t size, const char *fmt, ...)
{
	va_list args;
	int len;

	va_start(args, fmt);
	len = vscnprintf(buf, size, fmt, args);
	va_end(args);
	return len;
}
