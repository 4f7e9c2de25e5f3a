/* SPDX-License-Identifier: MIT */
/* Sorting an array, and searching a sorted one, under Linux's names. Untraced; any context. */
#pragma once
#include "kernel/compiler.h"
#include "kernel/types.h"

/*
 * Sort @num elements of @size bytes. @cmp: negative, 0 or positive, as *@a belongs before *@b, may
 * stand on either side of it, or belongs behind it. @swap exchanges two elements; NULL: whole, by
 * words if they are aligned. No memory is needed, and for what is in order already only one look
 * at each element. Equal elements end in any order.
 */
void sort(void *base, size_t num, size_t size, int (*cmp)(const void *a, const void *b),
	  void (*swap)(void *a, void *b, int size));

/*
 * The element among @num for which @cmp(@key, element) is 0; NULL if there is none. @cmp: negative
 * if what is looked for lies before the element, positive if behind it. Inline, so that nothing is
 * called by a pointer: exception handlers search, too.
 */
static __always_inline void *__inline_bsearch(const void *key, const void *base, size_t num, size_t size,
				     int (*cmp)(const void *key, const void *element))
{
	const char *start = base;

	while (num) {
		const char *middle = start + num / 2 * size;
		int order = cmp(key, middle);

		if (!order)
			return (void *)middle;
		/* The element itself is done with: what is left is behind it. */
		if (order > 0) {
			start = middle + size;
			num--;
		}
		num /= 2;
	}
	return NULL;
}
