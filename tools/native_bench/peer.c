/* SPDX-License-Identifier: MIT */
/*
 * What other tracers of functions cost, measured as native.c measures ours: this is an ordinary
 * 64-bit program, compiled and run as users of the tracer that its argument names would do it. Only
 * peer_tracee() is traced.
 *
 * usage: peer NAME REPEATS
 */
#include <stdio.h>
#include <stdlib.h>

#define CALLS 1000u

#ifdef BY_XRAY
#define not_traced __attribute__((xray_never_instrument))
#define traced __attribute__((xray_always_instrument))
#else
#define not_traced __attribute__((no_instrument_function))
#define traced
#endif
#define alone not_traced __attribute__((noinline))
#define barrier() __asm__ volatile("" : : : "memory")

#ifdef EMPTY_HOOKS
alone void __cyg_profile_func_enter(void *function, void *site)
{
	barrier();
}

alone void __cyg_profile_func_exit(void *function, void *site)
{
	barrier();
}
#endif

static traced __attribute__((noinline)) void peer_tracee(void)
{
	barrier();
}

static alone void peer_no_site(void)
{
	barrier();
}

/* A loop that calls @callee, and one that does it from eight functions deep. */
#define FRAME(name, callee)						\
	static alone void name(void)					\
	{								\
		callee();						\
		barrier();						\
	}
#define LOOP(name, callee)						\
	static not_traced void name(unsigned int n)			\
	{								\
		while (n--) {						\
			callee();					\
			barrier();					\
		}							\
	}
#define LOOPS(prefix, callee)						\
	LOOP(prefix##_alone, callee)					\
	FRAME(prefix##_8, callee)					\
	FRAME(prefix##_7, prefix##_8)					\
	FRAME(prefix##_6, prefix##_7)					\
	FRAME(prefix##_5, prefix##_6)					\
	FRAME(prefix##_4, prefix##_5)					\
	FRAME(prefix##_3, prefix##_4)					\
	FRAME(prefix##_2, prefix##_3)					\
	FRAME(prefix##_1, prefix##_2)					\
	LOOP(prefix##_deep, prefix##_1)
LOOPS(traced, peer_tracee)
LOOPS(base, peer_no_site)

/* As native_adds(). */
static not_traced void adds(unsigned int n)
{
	unsigned int sum = 0;

	while (n--)
		__asm__ volatile(".rept 100; add %1, %0; .endr" : "+r"(sum) : "r"(n));
}

static not_traced unsigned long long ticks_now(void)
{
	unsigned int low, high;

	__asm__ volatile("lfence; rdtsc; lfence" : "=a"(low), "=d"(high) : : "memory");
	return (unsigned long long)high << 32 | low;
}

static not_traced void report(const char *kind, const char *name, void (*loop)(unsigned int n),
			      unsigned int repeats)
{
	unsigned long long best = ~0ull;

	loop(4);
	while (repeats--) {
		unsigned long long began = ticks_now(), ticks;

		loop(CALLS);
		ticks = ticks_now() - began;
		best = ticks < best ? ticks : best;
	}
	printf("bench %s %s %llu %u\n", kind, name, best, CALLS);
}

not_traced int main(int argc, char **argv)
{
	unsigned int repeats = argc > 2 ? (unsigned int)atoi(argv[2]) : 0;

	if (!repeats)
		return 2;
	report("adds", "clock", adds, repeats);
	report("base_alone", argv[1], base_alone, repeats);
	report("base_deep", argv[1], base_deep, repeats);
	report("alone", argv[1], traced_alone, repeats);
	report("deep", argv[1], traced_deep, repeats);
	return 0;
}
