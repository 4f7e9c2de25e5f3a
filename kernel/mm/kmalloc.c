/* SPDX-License-Identifier: MIT */
/* The allocation functions that are made of kmalloc() and kfree() alone. */
#include "kernel/lib/string.h"
#include "kernel/mm/mm.h"

void *kzalloc(size_t size, gfp_t gfp)
{
	return kmalloc(size, gfp | __GFP_ZERO);
}

void *kcalloc(size_t n, size_t size, gfp_t gfp)
{
	size_t bytes;

	if (__builtin_mul_overflow(n, size, &bytes))
		return NULL;
	return kmalloc(bytes, gfp | __GFP_ZERO);
}

/* On failure @old is kept. Even with __GFP_ZERO the bytes that are added may be other than 0. */
void *krealloc(void *old, size_t size, gfp_t gfp)
{
	size_t old_size = ksize(old);
	void *ptr;

	/* An object that is large enough is not moved, even if a smaller one would do. */
	if (old && size && size <= old_size)
		return old;
	if (!size) {
		kfree(old);
		return NULL;
	}
	ptr = kmalloc(size, gfp);
	if (!ptr)
		return NULL;
	if (old)
		memcpy(ptr, old, old_size);
	kfree(old);
	return ptr;
}

char *kstrdup(const char *s, gfp_t gfp)
{
	size_t size = strlen(s) + 1;
	char *copy = kmalloc(size, gfp);

	if (copy)
		memcpy(copy, s, size);
	return copy;
}
