/* SPDX-License-Identifier: MIT */
/*
 * Sites change while every CPU executes them, and every call is accounted for.
 *
 *   soak_calls.c    who calls, and the ledgers: how often it was called, and had to be
 *   soak_changes.c  who attaches, detaches, modifies and filters, at random
 *   soak.c          starts both, the recorder, and the report
 *
 * All of it is untraced: callbacks run it.
 */
#pragma once
#include "kernel/sched/percpu.h"
#include "tests/guest/ktest/ktest.h"
#include "trace/ftrace.h"

enum soak_function { SOAK_SUM, SOAK_MANY, SOAK_PRODUCT, SOAK_RECURSE, SOAK_FUNCTIONS };
#define SOAK_ALL ((1u << SOAK_FUNCTIONS) - 1)
#define SOAK_HOOKS 10
#define SOAK_THREADS (NR_CPUS + 1)
#define SOAK_CALLERS (SOAK_THREADS + 2 * NR_CPUS)	/* and each CPU's interrupts and NMIs */

/* The calls of one caller. Only that caller writes them, in callbacks of its calls too. */
struct soak_count {
	unsigned long by[SOAK_CALLERS][SOAK_FUNCTIONS];
};

/*
 * What is attached to functions, and their calls around the changes:
 *
 *	calls that had ended when it was attached ... had begun when it was      <- count 0 or 1
 *	calls from then to those that had ended when it was to be detached       <- count 1
 *	calls from then to those that had begun when it was detached             <- count 0 or 1
 */
struct soak_ledger {
	const char *name;
	unsigned int open;		/* functions, bits by enum soak_function */
	struct soak_count hits, ended_before, begun_after, ended_at, final;
	u64 accounted, overlaps;	/* hits that were checked, and hits that were possible */
};

/* soak_calls.c */
extern unsigned long soak_sites[SOAK_FUNCTIONS];
bool soak_callers_prepare(void);
bool soak_callers_start(void);
void soak_callers_stop(void);		/* reports with soak_fail() */
void soak_call_in_interrupt(void *unused);
u64 soak_calls_total(void);		/* since prepare; must be called before a count wraps */
unsigned long soak_entries(enum soak_function f);	/* wraps like the ring buffer's counts */
void soak_hit(struct soak_ledger *ledger, unsigned long ip);
/*
 * Called around each change: for functions that are about to be attached or detached, and for those
 * that now are.
 */
void soak_ledger_begin(struct soak_ledger *ledger, unsigned int opening, unsigned int closing);
void soak_ledger_end(struct soak_ledger *ledger, unsigned int opening, unsigned int closing);
void soak_ledger_check_quiet(struct soak_ledger *ledger);

/* soak_changes.c */
struct soak_stats {
	u64 attached, detached, filtered, modified, everywhere, interrupts, nmis;
	u64 accounted, overlaps;
};
extern struct soak_stats soak_stats;	/* complete once the changers have stopped */
bool soak_changers_start(u32 seed);
void soak_changers_stop(void);

/* In soak.c: remember the first failure, and end the run. */
extern bool soak_over;
void soak_fail(const char *fmt, ...) __printf(1, 2);

/*
 * In tests/guest/ARCH/ktest_soak.S: direct trampolines, which call soak_direct_hit(resume address,
 * which).
 */
void soak_direct_a(void);
void soak_direct_b(void);
void soak_direct_hit(unsigned long resume, unsigned int which);
