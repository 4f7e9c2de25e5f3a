/* SPDX-License-Identifier: MIT */
/*
 * The functions that GCC calls for what i386 has no instruction for: 64-bit
 * division, bit counts. libgcc's own cannot be linked: they take arguments from the
 * stack, while calls to them follow -mregparm=3 like all others.
 */
#include "kernel/types.h"

u64 __udivmoddi4(u64 n, u64 d, u64 *rem);
u64 __udivdi3(u64 n, u64 d);
u64 __umoddi3(u64 n, u64 d);
s64 __divdi3(s64 n, s64 d);
s64 __moddi3(s64 n, s64 d);
s64 __divmoddi4(s64 n, s64 d, s64 *rem);
int __popcountsi2(u32 x);
int __popcountdi2(u64 x);
int __ctzdi2(u64 x);
int __clzdi2(u64 x);
int __ffsdi2(u64 x);

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

int __popcountsi2(u32 x)
{
	x -= x >> 1 & 0x55555555;
	x = (x & 0x33333333) + (x >> 2 & 0x33333333);
	x = (x + (x >> 4)) & 0x0f0f0f0f;
	return (int)(x * 0x01010101 >> 24);
}

int __popcountdi2(u64 x)
{
	return __popcountsi2((u32)x) + __popcountsi2((u32)(x >> 32));
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
