/* SPDX-License-Identifier: MIT */
/*
 * What the compiler calls with -fsanitize=thread: before each access, and instead of each atomic
 * operation; and the functions of string.h that access whole ranges (kernel/kcsan/string.h). Any
 * context, NMIs too.
 */
#include "kernel/kcsan/kcsan_internal.h"
#include "kernel/kcsan/string.h"
#include "kernel/lib/string.h"
#include "kernel/sched/sched.h"

#define PLAIN false
#define MARKED true

/*
 * A volatile access is one access only up to the size of a word. What is larger is made in pieces,
 * between which others may come: that is as bad as a plain one.
 */
#define IS_WHOLE(size) ((size) <= sizeof(long))

#define ACCESS_OF(size)								\
void __tsan_read##size(unsigned long addr);					\
void __tsan_write##size(unsigned long addr);					\
void __tsan_volatile_read##size(unsigned long addr);				\
void __tsan_volatile_write##size(unsigned long addr);				\
void __tsan_read##size(unsigned long addr)					\
{										\
	kcsan_access(addr, size, false, PLAIN, _RET_IP_);			\
}										\
void __tsan_write##size(unsigned long addr)					\
{										\
	kcsan_access(addr, size, true, PLAIN, _RET_IP_);			\
}										\
void __tsan_volatile_read##size(unsigned long addr)				\
{										\
	kcsan_access(addr, size, false, IS_WHOLE(size), _RET_IP_);		\
}										\
void __tsan_volatile_write##size(unsigned long addr)				\
{										\
	kcsan_access(addr, size, true, IS_WHOLE(size), _RET_IP_);		\
}

ACCESS_OF(1)
ACCESS_OF(2)
ACCESS_OF(4)
ACCESS_OF(8)
ACCESS_OF(16)

void __tsan_read_range(unsigned long addr, size_t size);
void __tsan_write_range(unsigned long addr, size_t size);
void __tsan_init(void);

void __tsan_read_range(unsigned long addr, size_t size)
{
	kcsan_access(addr, size, false, PLAIN, _RET_IP_);
}

void __tsan_write_range(unsigned long addr, size_t size)
{
	kcsan_access(addr, size, true, PLAIN, _RET_IP_);
}

/* The compiler makes a constructor for each file, which would call this; ours are not run. */
void __tsan_init(void)
{
}

/*
 * --- Atomic operations ---
 * They are made with the strongest order, whatever the caller asked for: the order is not what is
 * checked here.
 */

#define FETCH(bits, name)							\
u##bits __tsan_atomic##bits##_fetch_##name(u##bits *ptr, u##bits value, int order);	\
u##bits __tsan_atomic##bits##_fetch_##name(u##bits *ptr, u##bits value, int order)	\
{										\
	kcsan_access((unsigned long)ptr, sizeof(*ptr), true, MARKED, _RET_IP_);	\
	return __atomic_fetch_##name(ptr, value, __ATOMIC_SEQ_CST);		\
}

#define COMPARE(bits, how, is_weak)						\
bool __tsan_atomic##bits##_compare_exchange_##how(u##bits *ptr, u##bits *expected,	\
		u##bits value, int order, int fail_order);			\
bool __tsan_atomic##bits##_compare_exchange_##how(u##bits *ptr, u##bits *expected,	\
		u##bits value, int order, int fail_order)			\
{										\
	kcsan_access((unsigned long)ptr, sizeof(*ptr), true, MARKED, _RET_IP_);	\
	return __atomic_compare_exchange_n(ptr, expected, value, is_weak,	\
					   __ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST);	\
}

#define ATOMIC_OF(bits)								\
u##bits __tsan_atomic##bits##_load(const u##bits *ptr, int order);		\
void __tsan_atomic##bits##_store(u##bits *ptr, u##bits value, int order);	\
u##bits __tsan_atomic##bits##_exchange(u##bits *ptr, u##bits value, int order);	\
u##bits __tsan_atomic##bits##_load(const u##bits *ptr, int order)		\
{										\
	kcsan_access((unsigned long)ptr, sizeof(*ptr), false, MARKED, _RET_IP_);	\
	return __atomic_load_n(ptr, __ATOMIC_SEQ_CST);				\
}										\
void __tsan_atomic##bits##_store(u##bits *ptr, u##bits value, int order)	\
{										\
	kcsan_access((unsigned long)ptr, sizeof(*ptr), true, MARKED, _RET_IP_);	\
	__atomic_store_n(ptr, value, __ATOMIC_SEQ_CST);				\
}										\
u##bits __tsan_atomic##bits##_exchange(u##bits *ptr, u##bits value, int order)	\
{										\
	kcsan_access((unsigned long)ptr, sizeof(*ptr), true, MARKED, _RET_IP_);	\
	return __atomic_exchange_n(ptr, value, __ATOMIC_SEQ_CST);		\
}										\
COMPARE(bits, strong, false)							\
COMPARE(bits, weak, true)							\
FETCH(bits, add)								\
FETCH(bits, sub)								\
FETCH(bits, and)								\
FETCH(bits, or)									\
FETCH(bits, xor)								\
FETCH(bits, nand)

ATOMIC_OF(8)
ATOMIC_OF(16)
ATOMIC_OF(32)
ATOMIC_OF(64)

void __tsan_atomic_thread_fence(int order);
void __tsan_atomic_signal_fence(int order);

void __tsan_atomic_thread_fence(int order)
{
	__atomic_thread_fence(__ATOMIC_SEQ_CST);
}

void __tsan_atomic_signal_fence(int order)
{
	barrier();
}

/* --- Accesses that race by design: data_race() --- */

void kcsan_disable_current(void)
{
	current->kcsan_disabled++;
}

void kcsan_enable_current(void)
{
	current->kcsan_disabled--;
}

/* --- Functions of string.h --- */

void *kcsan_memcpy(void *dst, const void *src, size_t n)
{
	kcsan_access((unsigned long)src, n, false, PLAIN, _RET_IP_);
	kcsan_access((unsigned long)dst, n, true, PLAIN, _RET_IP_);
	return memcpy(dst, src, n);
}

void *kcsan_memmove(void *dst, const void *src, size_t n)
{
	kcsan_access((unsigned long)src, n, false, PLAIN, _RET_IP_);
	kcsan_access((unsigned long)dst, n, true, PLAIN, _RET_IP_);
	return memmove(dst, src, n);
}

void *kcsan_memset(void *dst, int c, size_t n)
{
	kcsan_access((unsigned long)dst, n, true, PLAIN, _RET_IP_);
	return memset(dst, c, n);
}

/* Up to the first difference it reads for certain, and behind it some bytes at most. */
int kcsan_memcmp(const void *a, const void *b, size_t n)
{
	kcsan_access((unsigned long)a, n, false, PLAIN, _RET_IP_);
	kcsan_access((unsigned long)b, n, false, PLAIN, _RET_IP_);
	return memcmp(a, b, n);
}

size_t kcsan_strlen(const char *s)
{
	size_t len = strlen(s);

	kcsan_access((unsigned long)s, len + 1, false, PLAIN, _RET_IP_);
	return len;
}

int kcsan_strcmp(const char *a, const char *b)
{
	size_t n = 0;

	while (a[n] && a[n] == b[n])
		n++;
	kcsan_access((unsigned long)a, n + 1, false, PLAIN, _RET_IP_);
	kcsan_access((unsigned long)b, n + 1, false, PLAIN, _RET_IP_);
	return (unsigned char)a[n] - (unsigned char)b[n];
}
