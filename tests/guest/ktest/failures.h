/* SPDX-License-Identifier: MIT */
/*
 * The parts of the suite `failures`: an operation, and the state that must be the same before and
 * after it has failed. Thread context; may sleep.
 */
#pragma once
#include "tests/guest/ktest/ktest.h"

#define T "/sys/kernel/tracing/"

struct operation {
	const char *name;
	int (*act)(void);
	int (*undo)(void);		/* NULL: there is nothing to undo */
};

/* Everything that must not change, summed up: failures_state.c. */
struct kernel_state {
	unsigned long text, sites;		/* to the bit */
	unsigned long attached, files;
	unsigned long objects, pages, vmap_pages;
	unsigned int sets, threads;
};

struct kernel_state failures_look(void);
/*
 * Returns what differs, or NULL. After an operation was undone, the same callbacks may be in
 * another set.
 */
const char *failures_difference(const struct kernel_state *a, const struct kernel_state *b,
				bool undone);

/*
 * Do each operation once for each of its allocations, with that one failing: failures.c. The counts
 * go up by the failures, and by those of them that did no harm.
 */
void fail_each(struct ktest *t, const struct operation *op, unsigned int *failures,
	       unsigned int *tolerated);
void fail_all(struct ktest *t, const struct operation *ops, unsigned int nr);
#define FAIL_ALL(t, ops) fail_all(t, ops, ARRAY_SIZE(ops))
