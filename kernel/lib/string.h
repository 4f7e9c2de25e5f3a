/* SPDX-License-Identifier: MIT */
/* Memory and string functions. All of them are untraced and safe in any context. */
#pragma once
#include "kernel/types.h"

#ifdef PATCHBAY_HOST
#include <string.h>
#include <strings.h>
#else
#if KCSAN
#include "kernel/kcsan/string.h"	/* other names for them, where code is checked */
#endif
#if KASAN
#include "kernel/kasan/string.h"	/* other names for them, where code is checked */
#endif
void *memcpy(void *dst, const void *src, size_t n);
void *memmove(void *dst, const void *src, size_t n);
void *memset(void *dst, int c, size_t n);
int memcmp(const void *a, const void *b, size_t n);
void *memchr(const void *s, int c, size_t n);
size_t strlen(const char *s);
size_t strnlen(const char *s, size_t max);
int strcmp(const char *a, const char *b);
int strncmp(const char *a, const char *b, size_t n);
char *strchr(const char *s, int c);
char *strrchr(const char *s, int c);
char *strstr(const char *haystack, const char *needle);

/*
 * As in Linux: end the word at *@s where one of @delims is, move *@s behind that, or to NULL if
 * there is none, and return the word. NULL if *@s is NULL.
 */
static inline char *strsep(char **s, const char *delims)
{
	char *word = *s, *end = word;

	if (!word)
		return NULL;
	while (*end && !strchr(delims, *end))
		end++;
	*s = *end ? end + 1 : NULL;
	*end = '\0';
	return word;
}
#endif

/*
 * Copy @src to @dst, cut to @size and always terminated. Returns the length of the copy, or -E2BIG
 * if it was cut.
 */
ssize_t strscpy(char *dst, const char *src, size_t size);

/*
 * Parse a whole string as a number, as in Linux; a newline at its end is allowed. Base 0 means 16
 * after 0x, 8 after 0, and otherwise 10. Returns 0, -EINVAL if it is not a number, or -ERANGE.
 */
int kstrtoull(const char *s, unsigned int base, unsigned long long *res);
int kstrtoll(const char *s, unsigned int base, long long *res);
int kstrtoul(const char *s, unsigned int base, unsigned long *res);
int kstrtoint(const char *s, unsigned int base, int *res);
/* Parse a size with an optional suffix K, M or G; *@end is set to the first byte after it. */
unsigned long long memparse(const char *s, char **end);
