/* SPDX-License-Identifier: MIT */
/* The functions that the benchmarks call through sites. This file is traced. */
#include "tests/guest/bench/bench.h"

noinline __noclone void bench_tracee(void)
{
	barrier();
}

noinline __noclone void bench_other(void)
{
	barrier();
}
