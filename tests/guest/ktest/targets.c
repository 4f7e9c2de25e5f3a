/* SPDX-License-Identifier: MIT */
/*
 * Functions to be traced, with known arguments, results and callers. The file is traced like any
 * other; nothing in it is inlined or cloned, and calls that a test wants to see as frames are no
 * tail calls.
 */
#include "tests/guest/ktest/targets.h"
#include "kernel/arch.h"

#define TARGET noinline __noclone

unsigned int kt_glob_runs[3];

TARGET void kt_glob_alpha(void)
{
	kt_glob_runs[0]++;
}

TARGET void kt_glob_beta(void)
{
	kt_glob_runs[1]++;
}

TARGET void kt_glob_gamma(void)
{
	kt_glob_runs[2]++;
}

TARGET unsigned long kt_sum(unsigned long a, unsigned long b)
{
	return a + b;
}

TARGET unsigned long kt_difference(unsigned long a, unsigned long b)
{
	return a - b;
}

TARGET unsigned long kt_many(unsigned long a, unsigned long b, unsigned long c, unsigned long d,
			     unsigned long e, unsigned long f, unsigned long g, unsigned long h,
			     unsigned long i, unsigned long j)
{
	return a + 2 * b + 3 * c + 4 * d + 5 * e + 6 * f + 7 * g + 8 * h + 9 * i + 10 * j;
}

TARGET u64 kt_product(u32 a, u64 b, u32 c)
{
	return a * b + c;
}

TARGET unsigned long kt_inner(unsigned long (*hook)(unsigned long), unsigned long value)
{
	unsigned long ret = hook(value);

	barrier();
	return ret + 1;
}

TARGET unsigned long kt_tail(unsigned long (*hook)(unsigned long), unsigned long value)
{
	return hook(value);
}

TARGET unsigned long kt_tail_end(unsigned long value)
{
	return value + 1;
}

TARGET unsigned long kt_outer(unsigned long (*hook)(unsigned long), unsigned long value)
{
	unsigned long ret = kt_inner(hook, value);

	barrier();
	return ret + 1;
}

TARGET unsigned long kt_recurse(unsigned int depth)
{
	unsigned long below = depth ? kt_recurse(depth - 1) : 0;

	barrier();
	return below + 1;
}

TARGET unsigned long kt_spin(const volatile unsigned int *stop, unsigned long limit)
{
	unsigned long rounds = 0;

	while (!*stop && rounds < limit)
		rounds++;
	return rounds;
}

TARGET unsigned long kt_spin_caller(const volatile unsigned int *stop, unsigned long limit)
{
	unsigned long rounds = kt_spin(stop, limit);

	barrier();
	return rounds;
}

TARGET unsigned long kt_loop(unsigned int n)
{
	unsigned long total = 0;

	while (n--)
		total += kt_sum(n, 1);
	return total;
}

TARGET unsigned long kt_loop_until(const volatile unsigned int *stop)
{
	unsigned long total = 0;

	while (!*stop)
		total = kt_sum(total, 1);
	return total;
}

TARGET bool kt_irqs_are_off(void)
{
	return arch_irqs_disabled();
}
