/* SPDX-License-Identifier: MIT */
/*
 * The C library's memory and string routines, in plain C for both ports: whole
 * words where that pays, no vector registers. The compiler calls some of them
 * by itself. Number parsing is in kstrto.c.
 */
#include "kernel/compiler.h"
#include "kernel/lib/string.h"

/* A word at any address: both machines load and store unaligned words of normal memory. */
struct word {
	unsigned long v;
} __packed __attribute__((may_alias));

#define WORD sizeof(unsigned long)
#define UNROLL 4

/*
 * The compiler would turn these loops into calls of the very function that
 * they are in; a barrier without a memory clobber in each round keeps it from it.
 */
#define keep_loop() __asm__ volatile("")

static inline void copy_forward(unsigned char *d, const unsigned char *s, size_t n)
{
	while (n >= UNROLL * WORD) {
		const struct word *from = (const struct word *)s;
		struct word *to = (struct word *)d;
		/*
		 * All loads come before the stores, so that a processor need not wait for one at a
		 * time.
		 */
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

/* A forward copy is right unless the destination starts inside the source. */
void *memmove(void *dst, const void *src, size_t n)
{
	unsigned char *d = dst;
	const unsigned char *s = src;

	if ((size_t)(d - s) >= n) {
		copy_forward(d, s, n);
		return dst;
	}
	/* Backward, so that no byte of the source is overwritten before it was read. */
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
		/*
		 * Unaligned words are no trouble for either machine, and save a beginning by bytes.
		 */
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
