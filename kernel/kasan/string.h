/* SPDX-License-Identifier: MIT */
/*
 * In code that is checked, kernel/lib/string.h is what these are: the ranges are checked, and then
 * the function of that name is called. Nothing where code is not checked.
 */
#pragma once
#include "kernel/types.h"

void *kasan_memcpy(void *dst, const void *src, size_t n);
void *kasan_memmove(void *dst, const void *src, size_t n);
void *kasan_memset(void *dst, int c, size_t n);
int kasan_memcmp(const void *a, const void *b, size_t n);
size_t kasan_strlen(const char *s);
int kasan_strcmp(const char *a, const char *b);

#ifdef __SANITIZE_ADDRESS__
#define memcpy kasan_memcpy
#define memmove kasan_memmove
#define memset kasan_memset
#define memcmp kasan_memcmp
#define strlen kasan_strlen
#define strcmp kasan_strcmp
#endif
