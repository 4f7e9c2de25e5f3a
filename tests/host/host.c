/* SPDX-License-Identifier: MIT */
/* The services of the simulated kernel (host.h), and what tap.h needs, on top of a C library. */
#include <stdio.h>
#include <stdlib.h>
#include "kernel/mm/mm.h"
#include "tests/host/host.h"
#include "tests/host/tap.h"

static long allocations;
static int fail_after = -1;

void tap_write(const char *buf, size_t len)
{
	fwrite(buf, 1, len, stdout);
	fflush(stdout);
}

unsigned int tap_seed(void)
{
	const char *seed = getenv("TEST_SEED");

	return seed && atoi(seed) ? (unsigned int)atoi(seed) : 20260101;
}

static bool allowed(void)
{
	if (fail_after >= 0 && fail_after-- == 0) {
		fail_after = 0;
		return false;
	}
	allocations++;
	return true;
}

void host_fail_after(int n)
{
	fail_after = n;
}

long host_allocations(void)
{
	return allocations;
}

void *kmalloc(size_t size, gfp_t gfp)
{
	void *ptr;

	if (!allowed())
		return NULL;
	ptr = malloc(size);
	if (ptr)
		memset(ptr, gfp & __GFP_ZERO ? 0 : 0xa5, size);
	return ptr;
}

void *kzalloc(size_t size, gfp_t gfp)
{
	return kmalloc(size, gfp | __GFP_ZERO);
}

void *kcalloc(size_t n, size_t size, gfp_t gfp)
{
	return kzalloc(n * size, gfp);
}

void *krealloc(void *old, size_t size, gfp_t gfp)
{
	if (!allowed())
		return NULL;
	allocations -= !!old;
	return realloc(old, size);
}

char *kstrdup(const char *s, gfp_t gfp)
{
	char *copy = kmalloc(strlen(s) + 1, gfp);

	return copy ? strcpy(copy, s) : NULL;
}

void kfree(void *ptr)
{
	allocations -= !!ptr;
	free(ptr);
}

void *vmalloc(size_t size)
{
	void *ptr = allowed() ? aligned_alloc(PAGE_SIZE, ALIGN_UP(size, PAGE_SIZE)) : NULL;

	return ptr ? memset(ptr, 0xa5, size) : NULL;
}

void *vzalloc(size_t size)
{
	void *ptr = vmalloc(size);

	return ptr ? memset(ptr, 0, size) : NULL;
}

void vfree(void *ptr)
{
	host_forget_resizable(ptr);
	kfree(ptr);
}

void *alloc_pages(unsigned int order, gfp_t gfp)
{
	return vmalloc(PAGE_SIZE << order);
}

void free_pages(void *ptr, unsigned int order)
{
	kfree(ptr);
}

int printk(const char *fmt, ...)
{
	char text[400];
	va_list args;
	int len;

	va_start(args, fmt);
	len = vsnprintf(text, sizeof(text), fmt, args);
	va_end(args);
	text[strcspn(text, "\n")] = '\0';
	tap_note("log: %s", text[0] == KERN_SOH[0] ? text + 2 : text);
	return len;
}
