/* SPDX-License-Identifier: MIT */
/*
 * The C library's memory and string functions, in plain C for both ports. They use whole words
 * where that pays, but no vector registers. The compiler generates calls to some of them. Number
 * parsing is in kstrto.c.
 */
#include "kernel/compiler.h"
#include "kernel/lib/string.h"

/* A word at any address: both machines can load and store unaligned words of normal memory. */
struct word {
	unsigned long v;
} __packed __attribute__((may_alias));

#define WORD sizeof(unsigned long)
#define UNROLL 4

/*
 * An empty asm statement in each round keeps the compiler from recognising, say, the loop in
 * memcpy() as a memcpy, and replacing it by a call of the very function that it is in.
 */
#define keep_loop() __asm__ volatile("")

static inline void copy_forward(unsigned char *d, const unsigned char *s, size_t n)
{
	while (n >= UNROLL * WORD) {
		const struct word *from = (const struct word *)s;
		struct word *to = (struct word *)d;
		/* All loads come first, so that the processor can do them in parallel. */
		unsigned long a = from[0].v, b = from[1].v;
		unsigned long c = from[2].v, e = from[3].v;

		to[0].v = a;
		to[1].v = b;
		to[2].v = c;
		to[3].v = e;
		d += UNROLL * WORD;
		s += UNROLL * WORD;
		n -= UNROLL * WORD;
		keep_loop();
	}
	for (; n >= WORD; n -= WORD, d += WORD, s += WORD) {
		((struct word *)d)->v = ((const struct word *)s)->v;
		keep_loop();
	}
	while (n--) {
		*d++ = *s++;
		keep_loop();
	}
}

void *memcpy(void *dst, const void *src, size_t n)
{
	copy_forward(dst, src, n);
	return dst;
}

/* A forward copy is correct unless the destination starts inside the source. */
void *memmove(void *dst, const void *src, size_t n)
{
	unsigned char *d = dst;
	const unsigned char *s = src;

	if ((size_t)(d - s) >= n) {
		copy_forward(d, s, n);
		return dst;
	}
	/* Backward, so that each byte of the source is read before it is overwritten. */
	while (n >= WORD) {
		n -= WORD;
		((struct word *)(d + n))->v = ((const struct word *)(s + n))->v;
		keep_loop();
	}
	while (n--) {
		d[n] = s[n];
		keep_loop();
	}
	return dst;
}

void *memset(void *dst, int c, size_t n)
{
	unsigned long word = (unsigned char)c * (~0ul / 255);
	unsigned char *d = dst;

	for (; n >= UNROLL * WORD; n -= UNROLL * WORD, d += UNROLL * WORD) {
		/* Unaligned words save a first loop by bytes, and both machines can store them. */
		struct word *to = (struct word *)d;

		to[0].v = word;
		to[1].v = word;
		to[2].v = word;
		to[3].v = word;
		keep_loop();
	}
	for (; n >= WORD; n -= WORD, d += WORD) {
		((struct word *)d)->v = word;
		keep_loop();
	}
	while (n--) {
		*d++ = (unsigned char)c;
		keep_loop();
	}
	return dst;
}

int memcmp(const void *a, const void *b, size_t n)
{
	const unsigned char *x = a, *y = b;

	while (n >= WORD && ((const struct word *)x)->v == ((const struct word *)y)->v) {
		x += WORD;
		y += WORD;
		n -= WORD;
	}
	for (; n--; x++, y++) {
		if (*x != *y)
			return *x - *y;
	}
	return 0;
}

void *memchr(const void *s, int c, size_t n)
{
	const unsigned char *p = s;

	for (; n--; p++) {
		if (*p == (unsigned char)c)
			return (void *)p;
	}
	return NULL;
}

size_t strlen(const char *s)
{
	const char *end = s;

	for (; *end; end++)
		keep_loop();
	return (size_t)(end - s);
}

size_t strnlen(const char *s, size_t max)
{
	size_t len = 0;

	while (len < max && s[len])
		len++;
	return len;
}

int strcmp(const char *a, const char *b)
{
	while (*a && *a == *b) {
		a++;
		b++;
	}
	return (unsigned char)*a - (unsigned char)*b;
}

int strncmp(const char *a, const char *b, size_t n)
{
	for (; n; n--, a++, b++) {
		if (*a != *b)
			return (unsigned char)*a - (unsigned char)*b;
		if (!*a)
			break;
	}
	return 0;
}

char *strchr(const char *s, int c)
{
	for (; *s != (char)c; s++) {
		if (!*s)
			return NULL;
	}
	return (char *)s;
}

char *strrchr(const char *s, int c)
{
	const char *last = NULL;

	do {
		if (*s == (char)c)
			last = s;
	} while (*s++);
	return (char *)last;
}

char *strstr(const char *haystack, const char *needle)
{
	size_t len = strlen(needle);

	for (; *haystack || !len; haystack++) {
		if (!strncmp(haystack, needle, len))
			return (char *)haystack;
	}
	return NULL;
}
