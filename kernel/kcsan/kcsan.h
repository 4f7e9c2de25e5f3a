/* SPDX-License-Identifier: MIT */
/*
 * KCSAN, the kernel concurrency sanitizer (Meson: sanitize=thread): the compiler puts a call before
 * each access to memory, and atomic operations become calls. A data race is two accesses to the
 * same memory that nothing orders, at least one of which writes and at least one of which is plain:
 * not volatile (READ_ONCE, WRITE_ONCE) and not atomic.
 *
 * Now and then a CPU watches the memory that a plain access is about to use: it waits for some
 * microseconds before it goes on. Another CPU, an interrupt of this CPU, or a thread that preempts
 * this one, may access the memory in the meantime. If nothing keeps them from that, and one of the
 * two writes, it is a race. Code that nobody checks gives itself away if the memory has another
 * value in the end.
 *
 *	access.c	what the compiler calls
 *	watch.c		what is watched, and by whom it is met
 *	report.c	what was found, in words
 */
#pragma once
#include "kernel/compiler.h"
#include "kernel/types.h"

#define KCSAN_DEPTH 10			/* addresses that are kept of a stack */

/* One of the two sides of a race. */
struct kcsan_access {
	unsigned long addr;
	size_t size;
	bool write;
	bool marked;			/* volatile or atomic */
	bool interrupt;			/* by an interrupt's handler */
	unsigned int cpu;
	pid_t pid;
	unsigned int nr_pcs;
	unsigned long pcs[KCSAN_DEPTH];	/* who accesses, and the callers, innermost first */
};

struct kcsan_report {
	struct kcsan_access watcher;	/* this one waited */
	struct kcsan_access other;	/* this one came meanwhile; a size of 0: nobody knows who */
	bool changed;			/* while the watcher waited */
	u64 before, after;		/* the values, as far as a u64 has them */
};

/*
 * A report is logged and counted only if this returns false. @is_known: this pair of places was
 * reported before. Interrupts off, by one CPU at a time; untraced.
 */
typedef bool (*kcsan_hook_t)(const struct kcsan_report *report, bool is_known);

#if KCSAN
/* Boot, when there is a current thread and time: until then nothing is checked. */
void kcsan_init(void);
/* How many races were found. Each pair of places in the code counts once. */
unsigned int kcsan_nr_races(void);
/* If it is set, it is called with each report. */
extern kcsan_hook_t kcsan_report_hook;
#else
static inline void kcsan_init(void) { }
static inline unsigned int kcsan_nr_races(void) { return 0; }
#endif
