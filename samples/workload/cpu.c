/* SPDX-License-Identifier: MIT */
/*
 * Makes nothing but calls: deep recursion, wide recursion, and a leaf that is called all the time.
 * No function is inlined, so that every call has its site.
 */
#include "kernel/lib/errno.h"
#include "kernel/printk.h"
#include "samples/workload/workload.h"

#define DEPTH 100
#define FIBONACCI 15
#define FIBONACCI_RESULT 610

static noinline __noclone unsigned int count_down(unsigned int n)
{
	unsigned int below = n ? count_down(n - 1) : 0;

	barrier();			/* keeps GCC from making this call a loop */
	return below + 1;
}

static noinline __noclone unsigned int fibonacci(unsigned int n)
{
	unsigned int before;

	if (n < 2)
		return n;
	before = fibonacci(n - 2);
	barrier();
	return before + fibonacci(n - 1);
}

static noinline __noclone u32 mix(u32 hash, u32 byte)
{
	return (hash ^ byte) * 16777619u;
}

static noinline __noclone u32 hash_range(u32 from, u32 to)
{
	u32 hash = 2166136261u;

	for (; from < to; from++)
		hash = mix(hash, from & 0xff);
	return hash;
}

static int run_cpu(struct workload_run *run)
{
	u32 expected = hash_range(0, 256);
	unsigned long rounds = 0;
	bool right = true;

	while (right && !workload_over(run)) {
		right = count_down(DEPTH) == DEPTH + 1 &&
			fibonacci(FIBONACCI) == FIBONACCI_RESULT && hash_range(0, 256) == expected;
		rounds++;
	}
	scnprintf(run->report, sizeof(run->report),
		  "%lu rounds of recursion %d deep, Fibonacci of %d, and 256 leaf calls%s", rounds,
		  DEPTH, FIBONACCI, right ? "" : "; a result was wrong");
	return right ? 0 : -EIO;
}

const struct workload workload_cpu = {
	"cpu", "deep recursion and hot leaf functions", run_cpu,
};
