/* SPDX-License-Identifier: MIT */
/* What is made of kmalloc() and kfree() alone. */
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

/* On failure @old stays as it is. __GFP_ZERO has no say over what is new. */
void *krealloc(void *old, size_t size, gfp_t gfp)
{
	size_t old_size = ksize(old);
	void *ptr;

	/* What fits stays: an object is never moved to save memory. */
	if (old && size && size <= old_size)
		return old;
	if (!size) {
		kfree(old);
		return NULL;
	}
	ptr = kmalloc(size, gfp);
	/* @old is still the caller's then, contents and all. */
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
