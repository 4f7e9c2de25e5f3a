/* SPDX-License-Identifier: MIT */
/*
 * Functions to sort an array and to search a sorted one, with Linux's names. Untraced; any context.
 */
#pragma once
#include "kernel/compiler.h"
#include "kernel/types.h"

/*
 * Sort @num elements of @size bytes. @cmp returns a negative number if *@a belongs before *@b, a
 * positive one if behind it, and 0 if their order does not matter; such elements end up in any
 * order. @swap exchanges two elements; if it is NULL, their bytes are exchanged. No memory is
 * allocated, and an array that is in order already takes only one pass.
 */
void sort(void *base, size_t num, size_t size, int (*cmp)(const void *a, const void *b),
	  void (*swap)(void *a, void *b, int size));

/*
 * Find, among @num sorted elements, one for which @cmp(@key, element) is 0; NULL if there is none.
 * @cmp returns a negative number if the search must go on before the element, a positive one if
 * behind it. Inline, so that @cmp is not called through a pointer: exception handlers search, too.
 */
static __always_inline void *__inline_bsearch(const void *key, const void *base, size_t num,
					      size_t size,
				     int (*cmp)(const void *key, const void *element))
{
	const char *start = base;

	while (num) {
		const char *middle = start + num / 2 * size;
		int order = cmp(key, middle);

		if (!order)
			return (void *)middle;
		/* What remains begins behind the element, which itself is ruled out. */
		if (order > 0) {
			start = middle + size;
			num--;
		}
		num /= 2;
	}
	return NULL;
}
