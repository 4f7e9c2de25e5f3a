/* SPDX-License-Identifier: MIT */
/*
 * What the compiler calls before each access, with -fsanitize=kernel-address and no check inline;
 * and the functions of string.h that access whole ranges (kernel/kasan/string.h). Any context, NMIs
 * too. A byte of shadow is read by a load that may fault, and is 0 then.
 */
#include "kernel/kasan/kasan_internal.h"
#include "kernel/kasan/string.h"
#include "kernel/lib/string.h"

#define AT_ONCE 32			/* bytes of shadow */

bool kasan_enabled;

/* May the byte at @addr be accessed, and those of its granule before it? */
static __always_inline bool may_access_up_to(unsigned long addr)
{
	s8 shadow = (s8)arch_load_nofault(kasan_shadow(addr));

	return likely(!shadow) || (s8)(addr % GRANULE) < shadow;
}

unsigned long kasan_first_bad(unsigned long addr, unsigned long end)
{
	while (addr < end) {
		unsigned long last = min(addr | (GRANULE - 1), end - 1);

		if (!may_access_up_to(last)) {
			u8 good = arch_load_nofault(kasan_shadow(addr));

			return good < GRANULE ? max(addr, ALIGN_DOWN(addr, GRANULE) + good) : addr;
		}
		addr = last + 1;
	}
	return end;
}

/* Skip what is free of poison, many granules at a time; may stop early, and says where. */
static unsigned long skip_good(unsigned long addr, unsigned long end)
{
	unsigned long words[AT_ONCE / sizeof(long)];

	addr = ALIGN_DOWN(addr, GRANULE);
	while (end > addr && end - addr >= AT_ONCE * GRANULE) {
		unsigned long any = 0;

		/* Where a part of it is not mapped the caller goes on granule by granule. */
		if (arch_read_nofault(words, kasan_shadow(addr), sizeof(words)))
			break;
		for (unsigned int i = 0; i < ARRAY_SIZE(words); i++)
			any |= words[i];
		if (any)
			break;
		addr += AT_ONCE * GRANULE;
	}
	return addr;
}

static void check_range(unsigned long addr, size_t size, bool write, unsigned long ip)
{
	unsigned long end = addr + size;

	if (!kasan_enabled || !size)
		return;
	/* A size that comes from a negative number wraps. */
	if (unlikely(end < addr ||
		     kasan_first_bad(max(addr, skip_good(addr, end)), end) < end))
		kasan_report(addr, size, write, ip);
}

static __always_inline void check(unsigned long addr, size_t size, bool write, unsigned long ip)
{
	unsigned long last = addr + size - 1;

	if (!kasan_enabled)
		return;
	if (likely(may_access_up_to(last)) &&
	    (likely(addr / GRANULE == last / GRANULE) ||
	     may_access_up_to(addr | (GRANULE - 1))))
		return;
	kasan_report(addr, size, write, ip);
}

#define ACCESS_OF(size)								\
void __asan_load##size##_noabort(unsigned long addr);				\
void __asan_store##size##_noabort(unsigned long addr);				\
void __asan_load##size##_noabort(unsigned long addr)				\
{										\
	check(addr, size, false, _RET_IP_);					\
}										\
void __asan_store##size##_noabort(unsigned long addr)				\
{										\
	check(addr, size, true, _RET_IP_);					\
}

ACCESS_OF(1)
ACCESS_OF(2)
ACCESS_OF(4)
ACCESS_OF(8)

/* Three granules, if it is not aligned. */
void __asan_load16_noabort(unsigned long addr);
void __asan_store16_noabort(unsigned long addr);
void __asan_loadN_noabort(unsigned long addr, size_t size);
void __asan_storeN_noabort(unsigned long addr, size_t size);
void __asan_handle_no_return(void);

void __asan_load16_noabort(unsigned long addr)
{
	check_range(addr, 16, false, _RET_IP_);
}

void __asan_store16_noabort(unsigned long addr)
{
	check_range(addr, 16, true, _RET_IP_);
}

void __asan_loadN_noabort(unsigned long addr, size_t size)
{
	check_range(addr, size, false, _RET_IP_);
}

void __asan_storeN_noabort(unsigned long addr, size_t size)
{
	check_range(addr, size, true, _RET_IP_);
}

/*
 * Called before a function that does not return, which leaves the red zones of its callers behind.
 * They stay as they are: a thread's stack is freed with all of them, and made anew for the next
 * thread (shadow.c); the boot stack is the idle thread's for ever; and nothing else jumps out of a
 * function.
 */
void __asan_handle_no_return(void)
{
}

/* --- Functions of string.h --- */

void *kasan_memcpy(void *dst, const void *src, size_t n)
{
	check_range((unsigned long)src, n, false, _RET_IP_);
	check_range((unsigned long)dst, n, true, _RET_IP_);
	return memcpy(dst, src, n);
}

void *kasan_memmove(void *dst, const void *src, size_t n)
{
	check_range((unsigned long)src, n, false, _RET_IP_);
	check_range((unsigned long)dst, n, true, _RET_IP_);
	return memmove(dst, src, n);
}

void *kasan_memset(void *dst, int c, size_t n)
{
	check_range((unsigned long)dst, n, true, _RET_IP_);
	return memset(dst, c, n);
}

/* It reads whole words while they are equal. */
int kasan_memcmp(const void *a, const void *b, size_t n)
{
	check_range((unsigned long)a, n, false, _RET_IP_);
	check_range((unsigned long)b, n, false, _RET_IP_);
	return memcmp(a, b, n);
}

/* Of a string that is not terminated where it should be, it is the way to its end that is wrong. */
size_t kasan_strlen(const char *s)
{
	size_t len = strlen(s);

	check_range((unsigned long)s, len + 1, false, _RET_IP_);
	return len;
}

int kasan_strcmp(const char *a, const char *b)
{
	size_t n = 0;

	while (a[n] && a[n] == b[n])
		n++;
	check_range((unsigned long)a, n + 1, false, _RET_IP_);
	check_range((unsigned long)b, n + 1, false, _RET_IP_);
	return (unsigned char)a[n] - (unsigned char)b[n];
}
