/* SPDX-License-Identifier: MIT */
/*
 * Heap sort, because the data often comes from untrusted files: it takes no more than n log n steps
 * in any case, and does not recurse.
 */
#include "kernel/lib/sort.h"

struct sorting {
	char *base;
	size_t size;
	int (*cmp)(const void *a, const void *b);
	void (*swap)(void *a, void *b, int size);
};

static void swap_bytes(void *a, void *b, int size)
{
	char *left = a, *right = b;

	while (size--) {
		char byte = *left;

		*left++ = *right;
		*right++ = byte;
	}
}

static void swap_words(void *a, void *b, int size)
{
	unsigned long *left = a, *right = b;

	for (size /= (int)sizeof(long); size--; left++, right++) {
		unsigned long word = *left;

		*left = *right;
		*right = word;
	}
}

static char *element(const struct sorting *s, size_t i)
{
	return s->base + i * s->size;
}

/* In a heap of @nr elements, move the one at @root down until no element below it is larger. */
static void sift_down(const struct sorting *s, size_t root, size_t nr)
{
	size_t child;

	while ((child = 2 * root + 1) < nr) {
		if (child + 1 < nr && s->cmp(element(s, child + 1), element(s, child)) > 0)
			child++;
		if (s->cmp(element(s, child), element(s, root)) <= 0)
			return;
		s->swap(element(s, child), element(s, root), (int)s->size);
		root = child;
	}
}

void sort(void *base, size_t num, size_t size, int (*cmp)(const void *a, const void *b),
	  void (*swap)(void *a, void *b, int size))
{
	struct sorting s = { base, size, cmp, swap };
	size_t i = 1;

	/* Most tables have entries of whole words, and start-up sorts thousands of them. */
	if (!swap)
		s.swap = ((uintptr_t)base | size) % sizeof(long) ? swap_bytes : swap_words;

	/* Tables that a linker made are mostly sorted already; then one pass is enough. */
	while (i < num && cmp(element(&s, i - 1), element(&s, i)) <= 0)
		i++;
	if (i >= num)
		return;
	for (i = num / 2; i-- > 0;)
		sift_down(&s, i, num);
	/*
	 * The root is the largest remaining element: move it behind the others, and repair the
	 * heap.
	 */
	for (i = num - 1; i > 0; i--) {
		s.swap(element(&s, 0), element(&s, i), (int)size);
		sift_down(&s, 0, i);
	}
}
