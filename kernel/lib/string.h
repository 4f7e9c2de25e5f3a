/* SPDX-License-Identifier: MIT */
/* Memory and string routines. All of them are untraced and safe in any context. */
#pragma once
#include "kernel/types.h"

#ifdef PATCHBAY_HOST
#include <string.h>
#include <strings.h>
#else
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
#endif

/* Copy with truncation; always terminates. Returns the length copied, or -E2BIG. */
ssize_t strscpy(char *dst, const char *src, size_t size);

/*
 * Parse a whole string as a number; a trailing newline is allowed, base 0 takes
 * 0x and 0 prefixes. 0, -EINVAL (not a number) or -ERANGE. From Linux.
 */
int kstrtoull(const char *s, unsigned int base, unsigned long long *res);
int kstrtoll(const char *s, unsigned int base, long long *res);
int kstrtoul(const char *s, unsigned int base, unsigned long *res);
int kstrtoint(const char *s, unsigned int base, int *res);
/* A size with an optional K, M or G suffix; *end is set past what was read. */
unsigned long long memparse(const char *s, char **end);
