/* SPDX-License-Identifier: MIT */
/*
 * The functions that GCC calls for what i386 has no instruction for: 64-bit division, bit numbers,
 * atomics of 64 bits. libgcc's own cannot be linked: they take arguments from the stack, while
 * calls to them follow -mregparm=3 like all others. Bit counts are in arch/common.
 */
#include "kernel/types.h"

u64 __udivmoddi4(u64 n, u64 d, u64 *rem);
u64 __udivdi3(u64 n, u64 d);
u64 __umoddi3(u64 n, u64 d);
s64 __divdi3(s64 n, s64 d);
s64 __moddi3(s64 n, s64 d);
s64 __divmoddi4(s64 n, s64 d, s64 *rem);
int __ctzdi2(u64 x);
int __clzdi2(u64 x);
int __ffsdi2(u64 x);
int __clrsbsi2(u32 x);
int __clrsbdi2(u64 x);

/* high:low / d where the quotient is known to fit 32 bits (high < d). */
static inline u32 div_64_by_32(u32 high, u32 low, u32 d, u32 *rem)
{
	u32 quotient;

	__asm__("divl %4" : "=a"(quotient), "=d"(*rem) : "0"(low), "1"(high), "rm"(d) : "cc");
	return quotient;
}

/* Divides by zero as the CPU does: with a divide error. */
u64 __udivmoddi4(u64 n, u64 d, u64 *rem)
{
	u32 n_high = (u32)(n >> 32), d_high = (u32)(d >> 32);
	u32 high, low, r;
	unsigned int shift;
	u64 q;

	if (d_high == 0) {
		high = 0;
		r = n_high;
		if (n_high >= (u32)d)
			high = div_64_by_32(0, n_high, (u32)d, &r);
		low = div_64_by_32(r, (u32)n, (u32)d, &r);
		if (rem)
			*rem = r;
		return (u64)high << 32 | low;
	}
	if (d > n) {
		if (rem)
			*rem = n;
		return 0;
	}
	/*
	 * Divide by d's top 32 bits: the quotient is then right or one too large, and less one it
	 * is right or one too small, which can be seen without overflow.
	 */
	shift = 32 - (unsigned int)__builtin_clz(d_high);
	high = (u32)(n >> 32 >> shift);
	low = (u32)(n >> shift);
	q = div_64_by_32(high, low, (u32)(d >> shift), &r);
	if (q)
		q--;
	if (n - q * d >= d)
		q++;
	if (rem)
		*rem = n - q * d;
	return q;
}

u64 __udivdi3(u64 n, u64 d)
{
	return __udivmoddi4(n, d, NULL);
}

u64 __umoddi3(u64 n, u64 d)
{
	u64 rem;

	__udivmoddi4(n, d, &rem);
	return rem;
}

static inline u64 magnitude(s64 x)
{
	return x < 0 ? -(u64)x : (u64)x;
}

/* Rounds towards zero; the remainder has the dividend's sign. */
s64 __divmoddi4(s64 n, s64 d, s64 *rem)
{
	u64 r, q = __udivmoddi4(magnitude(n), magnitude(d), &r);

	*rem = (s64)(n < 0 ? -r : r);
	return (s64)((n < 0) != (d < 0) ? -q : q);
}

s64 __divdi3(s64 n, s64 d)
{
	s64 rem;

	return __divmoddi4(n, d, &rem);
}

s64 __moddi3(s64 n, s64 d)
{
	s64 rem;

	__divmoddi4(n, d, &rem);
	return rem;
}

int __ctzdi2(u64 x)
{
	return (u32)x ? __builtin_ctz((u32)x) : 32 + __builtin_ctz((u32)(x >> 32));
}

int __clzdi2(u64 x)
{
	return x >> 32 ? __builtin_clz((u32)(x >> 32)) : 32 + __builtin_clz((u32)x);
}

int __ffsdi2(u64 x)
{
	return x ? 1 + __ctzdi2(x) : 0;
}

/* How many bits behind the sign are like it. */
int __clrsbsi2(u32 x)
{
	u32 changes = x ^ x << 1;

	return changes >> 1 ? __builtin_clz(changes & ~1u) : 31;
}

int __clrsbdi2(u64 x)
{
	u64 changes = (x ^ x << 1) & ~1ull;

	return changes ? __clzdi2(changes) : 63;
}

/*
 * Atomics of what may not be aligned to its size: GCC calls libatomic for them. A locked CMPXCHG8B
 * is atomic wherever its operand lies, and always orders, so that @order does not matter.
 */
#define ATOMIC8(result, name, args...)						\
	result atomic_##name##_8(args) __asm__("__atomic_" #name "_8");		\
	result atomic_##name##_8(args)

/* Stores nothing that was not there: a read that needs a writable place. */
ATOMIC8(u64, load, u64 *at, int order)
{
	return __sync_val_compare_and_swap(at, 0, 0);
}

ATOMIC8(bool, compare_exchange, u64 *at, u64 *expected, u64 value, int success, int failure)
{
	u64 found = __sync_val_compare_and_swap(at, *expected, value);
	bool done = found == *expected;

	(void)success, (void)failure;
	*expected = found;
	return done;
}

/* @change of `old` and `value` goes there; what was there before is returned. */
#define ATOMIC8_UPDATE(name, change)						\
	ATOMIC8(u64, name, u64 *at, u64 value, int order)			\
	{									\
		u64 old = *(volatile u64 *)at, found;				\
										\
		(void)order;							\
		while ((found = __sync_val_compare_and_swap(at, old, change)) != old)	\
			old = found;							\
		return old;							\
	}

ATOMIC8_UPDATE(exchange, value)
ATOMIC8_UPDATE(fetch_add, old + value)
ATOMIC8_UPDATE(fetch_sub, old - value)
ATOMIC8_UPDATE(fetch_and, old & value)
ATOMIC8_UPDATE(fetch_or, old | value)
ATOMIC8_UPDATE(fetch_xor, old ^ value)
ATOMIC8_UPDATE(fetch_nand, ~(old & value))

ATOMIC8(void, store, u64 *at, u64 value, int order)
{
	atomic_exchange_8(at, value, order);
}
