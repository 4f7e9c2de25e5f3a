/* SPDX-License-Identifier: MIT */
/*
 * The functions that GCC calls for what arm64 has no instruction for: arithmetic of 128 bits,
 * and making code that was written fetchable. Those of all machines are in arch/common.
 */
#include "arch/arm64/arm64.h"
#include "kernel/types.h"

typedef unsigned __int128 u128;
typedef __int128 s128;

u128 __udivti3(u128 n, u128 d);
u128 __umodti3(u128 n, u128 d);
s128 __divti3(s128 n, s128 d);
s128 __modti3(s128 n, s128 d);
u128 __ashlti3(u128 x, int shift);
u128 __lshrti3(u128 x, int shift);
s128 __ashrti3(s128 x, int shift);
void __clear_cache(void *start, void *end);

static inline u64 high(u128 x)
{
	return (u64)(x >> 64);
}

static inline u128 join(u64 top, u64 bottom)
{
	return (u128)top << 64 | bottom;
}

/*
 * Shifts are by 0 to 127. The other half's bits come from a shift by 64 - shift, which must not be
 * 64.
 */
u128 __ashlti3(u128 x, int shift)
{
	if (!shift)
		return x;
	if (shift >= 64)
		return join((u64)x << (shift - 64), 0);
	return join(high(x) << shift | (u64)x >> (64 - shift), (u64)x << shift);
}

u128 __lshrti3(u128 x, int shift)
{
	if (!shift)
		return x;
	if (shift >= 64)
		return high(x) >> (shift - 64);
	return join(high(x) >> shift, high(x) << (64 - shift) | (u64)x >> shift);
}

s128 __ashrti3(s128 x, int shift)
{
	s64 top = (s64)high((u128)x);

	if (!shift)
		return x;
	if (shift >= 64)
		return top >> (shift - 64);
	return (s128)join((u64)(top >> shift), (u64)top << (64 - shift) | (u64)x >> shift);
}

static int leading_zeros(u128 x)
{
	return high(x) ? __builtin_clzll(high(x)) : 64 + __builtin_clzll((u64)x);
}

/* A division by 0 gives 0, as the processor's own does. */
static u128 divide(u128 n, u128 d, u128 *rem)
{
	u128 q = 0;

	if (!(high(n) | high(d))) {
		q = (u64)d ? (u64)n / (u64)d : 0;
		n -= q * d;
	} else if (d && n >= d) {
		/* Bit by bit, beginning where the highest bit of @d stands below that of @n. */
		int shift = leading_zeros(d) - leading_zeros(n);

		for (d = __ashlti3(d, shift); shift >= 0; shift--, d >>= 1) {
			q <<= 1;
			if (n >= d) {
				n -= d;
				q |= 1;
			}
		}
	}
	*rem = n;
	return q;
}

u128 __udivti3(u128 n, u128 d)
{
	u128 rem;

	return divide(n, d, &rem);
}

u128 __umodti3(u128 n, u128 d)
{
	u128 rem;

	divide(n, d, &rem);
	return rem;
}

static inline u128 magnitude(s128 x)
{
	return x < 0 ? -(u128)x : (u128)x;
}

/* Rounds towards zero; the remainder has the dividend's sign. */
s128 __divti3(s128 n, s128 d)
{
	u128 rem, q = divide(magnitude(n), magnitude(d), &rem);

	return (s128)((n < 0) != (d < 0) ? -q : q);
}

s128 __modti3(s128 n, s128 d)
{
	u128 rem;

	divide(magnitude(n), magnitude(d), &rem);
	return (s128)(n < 0 ? -rem : rem);
}

void __clear_cache(void *start, void *end)
{
	arm64_sync_icache((unsigned long)start, (unsigned long)end);
}
