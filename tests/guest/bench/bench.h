/* SPDX-License-Identifier: MIT */
/*
 * The in-kernel half of ./bench: cases that cost something per call, and things done once. Under
 * QEMU's -icount shift=0 a tick of the cycle counter is one instruction. Each
 * measurement is repeated and must repeat to the tick; tools/bench.py reads the lines.
 */
#pragma once
#include "kernel/arch.h"
#include "kernel/types.h"
#include "trace/ftrace.h"

/*
 * Calls a timing: a multiple of how many function events fit in a sub-buffer, 204 on a 32-bit and
 * 145 on a 64-bit machine, so that each timing of a full buffer crosses equally many.
 */
#define BENCH_CALLS (204u * 145u)
#define BENCH_REPEATS 3u

/*
 * Time @n runs of @body, interrupts off; evaluates to ticks. The loop itself is in every case
 * alike.
 */
#define BENCH_TIMED(n, body) ({						\
	unsigned long _flags = arch_irq_save();				\
	u64 _start = arch_clock_cycles();				\
	for (unsigned int _i = 0; _i < (n); _i++) {			\
		body;							\
		barrier();						\
	}								\
	u64 _ticks = arch_clock_cycles() - _start;			\
	arch_irq_restore(_flags);					\
	_ticks; })

/*
 * A state to measure a call of bench_tracee() in. up() returns 0 or an error, and then changed
 * nothing.
 */
struct bench_case {
	const char *name;
	int (*up)(void);
	void (*down)(void);
	u64 (*loop)(unsigned int n);	/* NULL: calls of bench_tracee() */
	void (*before)(void);		/* each timing */
};
extern const struct bench_case bench_call_cases[], bench_trace_cases[];

/* Things done once: each prints its own lines. */
struct bench_once {
	const char *name;
	void (*run)(const char *name);
};
extern const struct bench_once bench_once_cases[];

extern u64 bench_began;			/* cycles when the command did, before it calibrated */
void bench_report(const char *kind, const char *name, u64 value);
void bench_absent(const char *name, const char *why);

/* Traced, and not traced, functions that do nothing. */
void bench_tracee(void);
void bench_other(void);
void bench_no_site(void);
/*
 * arch/ARCH/bench_tramp.S: a callback and a direct function that are one return instruction, and a
 * trampoline.
 */
void bench_callback(unsigned long ip, unsigned long parent_ip, struct ftrace_ops *op,
		    struct ftrace_regs *fregs);
void bench_direct_func(void);
void bench_spin(unsigned int turns);	/* a loop of two instructions */
void bench_direct_tramp(void);

/* @nr ops on @function (NULL = all); flags as for register_ftrace_function(). */
int bench_ops_up(struct ftrace_ops *ops, unsigned int nr, void (*function)(void),
		 unsigned int flags);
void bench_ops_down(struct ftrace_ops *ops, unsigned int nr);
