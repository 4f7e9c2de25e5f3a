/* SPDX-License-Identifier: MIT */
/*
 * The part of ./bench that runs in the kernel: cases that cost something per call, and things that
 * are done once. Under QEMU's -icount shift=0 a tick of the cycle counter is one instruction. Each
 * measurement is repeated, and must give the same number of ticks; tools/bench.py reads the lines.
 */
#pragma once
#include "kernel/arch.h"
#include "kernel/sched/percpu.h"
#include "kernel/types.h"
#include "trace/ftrace.h"

/*
 * Calls in each timing. The number is a multiple of how many function events a sub-buffer holds,
 * 204 on a 32-bit and 145 on a 64-bit machine, so that each timing of a full buffer begins equally
 * many sub-buffers.
 */
#define BENCH_CALLS (204u * 145u)
#define BENCH_REPEATS 3u

/*
 * The ticks that @n runs of @body take with interrupts off. Every case has the same loop around it.
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
 * The ticks that @expr takes once, or 0 if its value is not 0. Interrupts are off, so that no tick
 * is counted. It does not work on several CPUs, which the patcher interrupts, and whose
 * instructions are counted together (`./run --smp 4 --icount`).
 */
#define BENCH_ONCE(expr) ({						\
	unsigned long _flags = nr_cpus_online == 1 ? arch_irq_save() : 0;	\
	u64 _ticks = BENCH_LIVE(expr);					\
	if (nr_cpus_online == 1)					\
		arch_irq_restore(_flags);				\
	_ticks; })

/*
 * The same with interrupts left as they are, for what waits for all CPUs. Ticks are counted as
 * well.
 */
#define BENCH_LIVE(expr) ({						\
	u64 _start = arch_clock_cycles();				\
	int _err = (expr);						\
	u64 _taken = arch_clock_cycles() - _start;			\
	_err ? (u64)0 : _taken; })

/*
 * A state in which a call of bench_tracee() is measured. up() returns 0; or an error, with nothing
 * changed.
 */
struct bench_case {
	const char *name;
	int (*up)(void);
	void (*down)(void);
	u64 (*loop)(unsigned int n);	/* NULL: calls bench_tracee() */
	void (*before)(void);		/* each timing */
};
extern const struct bench_case bench_call_cases[], bench_trace_cases[];

/* Things that are done once. Each prints its own lines. */
struct bench_once {
	const char *name;
	void (*run)(const char *name);
};
extern const struct bench_once bench_once_cases[], bench_growth_cases[];

extern u64 bench_began;			/* cycles when the command began, before it calibrated */
void bench_report(const char *kind, const char *name, u64 value);
void bench_absent(const char *name, const char *why);

/* Functions that do nothing; one is traced, one is not. */
void bench_tracee(void);
void bench_other(void);
void bench_no_site(void);
/*
 * From tests/guest/ARCH/bench_tramp.S: a callback and a direct function that are one return
 * instruction, and a direct trampoline.
 */
void bench_callback(unsigned long ip, unsigned long parent_ip, struct ftrace_ops *op,
		    struct ftrace_regs *fregs);
void bench_direct_func(void);
void bench_spin(unsigned int turns);	/* a loop of two instructions */
void bench_direct_tramp(void);

/*
 * Register @nr ops on @function (NULL: on every function), with flags as for
 * register_ftrace_function(). Returns 0 or an error.
 */
int bench_ops_up(struct ftrace_ops *ops, unsigned int nr, void (*function)(void),
		 unsigned int flags);
void bench_ops_down(struct ftrace_ops *ops, unsigned int nr);
