/* SPDX-License-Identifier: MIT */
/*
 * Linux's header for 64-bit division; here `/` and `%` divide 64-bit numbers on both architectures.
 */
#pragma once
#include "kernel/types.h"

static inline u64 div_u64(u64 dividend, u32 divisor) { return dividend / divisor; }
static inline s64 div_s64(s64 dividend, s32 divisor) { return dividend / divisor; }
static inline u64 div64_u64(u64 dividend, u64 divisor) { return dividend / divisor; }
static inline s64 div64_s64(s64 dividend, s64 divisor) { return dividend / divisor; }
static inline u64 div_u64_rem(u64 dividend, u32 divisor, u32 *remainder)
{
	*remainder = (u32)(dividend % divisor);
	return dividend / divisor;
}
#define do_div(n, base) ({							\
	u32 _base = (base), _rest = (u32)((n) % _base);				\
	(n) /= _base;								\
	_rest; })
