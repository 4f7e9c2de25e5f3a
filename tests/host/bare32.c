/* SPDX-License-Identifier: MIT */
/*
 * What tap.h and the simulated kernel need, without a C library. Ring buffer tests with the 32-bit
 * layout are i386 Linux programs made with the kernel's own compiler, string.c and vsprintf.c, so
 * that they need no 32-bit libraries.
 */
#include "kernel/kallsyms.h"
#include "kernel/mm/mm.h"
#include "tests/host/host.h"
#include "tests/host/tap.h"

#define SYS_EXIT 1
#define SYS_WRITE 4

int main(void);
void _start(void) __noreturn;

static long allocations;
static int fail_after = -1;
/*
 * An allocator of blocks of whole pages, first fit. This is enough for tests that free what they
 * allocate.
 */
#define HEAP_PAGES 4096u
static u8 heap[HEAP_PAGES][PAGE_SIZE] __aligned(4096);
static u16 block_pages[HEAP_PAGES];	/* the number of pages, at a block's first page */
static bool page_used[HEAP_PAGES];

static long linux_call(long nr, long a, long b, long c)
{
	long result;

	__asm__ volatile("int $0x80" : "=a"(result) : "a"(nr), "b"(a), "c"(b), "d"(c) : "memory");
	return result;
}

/* The stack is aligned to 16 bytes, but nobody has called us, so there is no return address. */
__attribute__((force_align_arg_pointer)) void _start(void)
{
	linux_call(SYS_EXIT, main(), 0, 0);
	__builtin_unreachable();
}

void tap_write(const char *buf, size_t len)
{
	linux_call(SYS_WRITE, 1, (long)buf, (long)len);
}

unsigned int tap_seed(void)
{
	return 20260101;
}

void host_fail_after(int n)
{
	fail_after = n;
}

long host_allocations(void)
{
	return allocations;
}

static bool range_is_free(unsigned int first, unsigned int nr)
{
	while (nr--)
		if (page_used[first + nr])
			return false;
	return true;
}

void *kmalloc(size_t size, gfp_t gfp)
{
	unsigned int nr = DIV_ROUND_UP(size ? size : 1, PAGE_SIZE), first;

	if (fail_after >= 0 && fail_after-- == 0) {
		fail_after = 0;
		return NULL;
	}
	for (first = 0; nr <= HEAP_PAGES && first <= HEAP_PAGES - nr; first++) {
		if (!range_is_free(first, nr))
			continue;
		memset(&page_used[first], true, nr);
		block_pages[first] = (u16)nr;
		allocations++;
		return memset(heap[first], gfp & __GFP_ZERO ? 0 : 0xa5, nr * PAGE_SIZE);
	}
	return NULL;
}

void kfree(void *ptr)
{
	unsigned int first = ((unsigned long)ptr - (unsigned long)heap) / PAGE_SIZE;

	if (!ptr)
		return;
	memset(ptr, 0x5a, block_pages[first] * PAGE_SIZE);
	memset(&page_used[first], false, block_pages[first]);
	allocations--;
}

void *kzalloc(size_t size, gfp_t gfp)
{
	return kmalloc(size, gfp | __GFP_ZERO);
}

void *kcalloc(size_t n, size_t size, gfp_t gfp)
{
	return kzalloc(n * size, gfp);
}

void *vmalloc(size_t size)
{
	return kmalloc(size, 0);
}

void *vzalloc(size_t size)
{
	return kzalloc(size, 0);
}

void vfree(void *ptr)
{
	host_forget_resizable(ptr);
	kfree(ptr);
}

void *alloc_pages(unsigned int order, gfp_t gfp)
{
	return kmalloc(PAGE_SIZE << order, gfp);
}

void free_pages(void *ptr, unsigned int order)
{
	kfree(ptr);
}

int printk(const char *fmt, ...)
{
	tap_note("log: %s", fmt[0] == KERN_SOH[0] ? fmt + 2 : fmt);
	return 0;
}

/* For vsprintf.c's %ps; no test here prints symbols. */
int snprint_symbol(char *buf, size_t size, unsigned long addr, char letter)
{
	return snprintf(buf, size, "0x%lx", addr);
}

/* Everything that a test prints can be read. */
int arch_read_nofault(void *dst, const void *src, size_t len)
{
	memcpy(dst, src, len);
	return 0;
}
