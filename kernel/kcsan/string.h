/* SPDX-License-Identifier: MIT */
/*
 * In code that is checked, kernel/lib/string.h is what these are: the ranges are checked, and then
 * the function of that name is called. Nothing where code is not checked.
 */
#pragma once
#include "kernel/types.h"

void *kcsan_memcpy(void *dst, const void *src, size_t n);
void *kcsan_memmove(void *dst, const void *src, size_t n);
void *kcsan_memset(void *dst, int c, size_t n);
int kcsan_memcmp(const void *a, const void *b, size_t n);
size_t kcsan_strlen(const char *s);
int kcsan_strcmp(const char *a, const char *b);

#ifdef __SANITIZE_THREAD__
#define memcpy kcsan_memcpy
#define memmove kcsan_memmove
#define memset kcsan_memset
#define memcmp kcsan_memcmp
#define strlen kcsan_strlen
#define strcmp kcsan_strcmp
#endif
