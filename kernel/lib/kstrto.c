/* SPDX-License-Identifier: MIT */
/*
 * Conversion of text to numbers, as in Linux: the whole string must be a number, so that nothing a
 * person types is partly ignored. Also strscpy(), with which strings are copied into fixed buffers.
 */
#include "kernel/compiler.h"
#include "kernel/lib/ctype.h"
#include "kernel/lib/errno.h"
#include "kernel/lib/string.h"

ssize_t strscpy(char *dst, const char *src, size_t size)
{
	size_t len;

	if (!size)
		return -E2BIG;
	len = strnlen(src, size);
	if (len < size) {
		memcpy(dst, src, len + 1);
		return (ssize_t)len;
	}
	memcpy(dst, src, size - 1);
	dst[size - 1] = '\0';
	return -E2BIG;
}

static unsigned int digit_value(char c)
{
	if (isdigit(c))
		return (unsigned int)(c - '0');
	return isalpha(c) ? (unsigned int)((c | 0x20) - 'a') + 10 : 255;
}

/* Replace base 0 by the one that the prefix tells, and skip a 0x prefix that the base allows. */
static const char *parse_prefix(const char *s, unsigned int *base)
{
	bool hex = s[0] == '0' && (s[1] | 0x20) == 'x' && digit_value(s[2]) < 16;

	if (*base == 0)
		*base = hex ? 16 : s[0] == '0' ? 8 : 10;
	return *base == 16 && hex ? s + 2 : s;
}

/*
 * Parse the digits at @s in @base; returns where they end. Sets *overflow if the value is too
 * large.
 */
static const char *parse_digits(const char *s, unsigned int base, unsigned long long *res,
				bool *overflow)
{
	unsigned long long value = 0;
	unsigned int digit;

	*overflow = false;
	for (; (digit = digit_value(*s)) < base; s++) {
		/*
		 * In two halves, because a 32-bit machine has no 128-bit product to detect
		 * overflow.
		 */
		unsigned long long high = (value >> 32) * base;
		unsigned long long low = (value & 0xffffffffu) * base + digit;

		high += low >> 32;
		if (high >> 32)
			*overflow = true;
		value = high << 32 | (low & 0xffffffffu);
	}
	*res = value;
	return s;
}

int kstrtoull(const char *s, unsigned int base, unsigned long long *res)
{
	unsigned long long value;
	const char *end;
	bool overflow;

	if (*s == '+')
		s++;
	s = parse_prefix(s, &base);
	end = parse_digits(s, base, &value, &overflow);
	if (end == s)
		return -EINVAL;
	/* A newline at the end is allowed, as in Linux, because `echo` writes one. */
	if (*end == '\n')
		end++;
	if (*end)
		return -EINVAL;
	if (overflow)
		return -ERANGE;
	*res = value;
	return 0;
}

int kstrtoll(const char *s, unsigned int base, long long *res)
{
	bool negative = *s == '-';
	unsigned long long value;
	int err;

	if (negative && s[1] == '+')
		return -EINVAL;
	err = kstrtoull(s + negative, base, &value);
	if (err)
		return err;
	if (value > (unsigned long long)INT64_MAX + negative)
		return -ERANGE;
	*res = (long long)(negative ? -value : value);
	return 0;
}

int kstrtoul(const char *s, unsigned int base, unsigned long *res)
{
	unsigned long long value;
	int err = kstrtoull(s, base, &value);

	if (err)
		return err;
	if (value != (unsigned long)value)
		return -ERANGE;
	*res = (unsigned long)value;
	return 0;
}

int kstrtoint(const char *s, unsigned int base, int *res)
{
	long long value;
	int err = kstrtoll(s, base, &value);

	if (err)
		return err;
	if (value != (int)value)
		return -ERANGE;
	*res = (int)value;
	return 0;
}

/* A number that is too large gives the largest value, which no caller's range check accepts. */
unsigned long long memparse(const char *s, char **end)
{
	unsigned int base = 0, shift = 0;
	unsigned long long value;
	bool overflow;

	s = parse_prefix(s, &base);
	s = parse_digits(s, base, &value, &overflow);
	switch (*s | 0x20) {
	case 'g':
		shift += 10;
		/* fall through */
	case 'm':
		shift += 10;
		/* fall through */
	case 'k':
		shift += 10;
		s++;
	}
	if (overflow || (shift && value >> (64 - shift)))
		value = ~0ull;
	else
		value <<= shift;
	if (end)
		*end = (char *)s;
	return value;
}
