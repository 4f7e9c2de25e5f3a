/* SPDX-License-Identifier: MIT */
/*
 * A direct call and callbacks on one function: the case in which Linux's i386 loses the direct
 * call, and the reason why Patchbay exists. Every state is entered and left in every way; the probe
 * bench (probe.h) checks everything after each step.
 */
#include "kernel/lib/errno.h"
#include "kernel/lib/string.h"
#include "tests/guest/ktest/probe.h"

KTEST(direct, alone)
{
	struct probe_model m;

	KT_NEED_ARGS(t);
	if (probe_begin(t, &m) && probe_set_direct(t, &m, PROBE_A))
		probe_clear_direct(t, &m);
	probe_end(t, &m);
}

/*
 * One callback and the direct call, in four ways: either may come first, and either may go first.
 */
static void direct_with(struct ktest *t, unsigned int op)
{
	struct probe_model m;
	unsigned int way;
	bool ok = probe_begin(t, &m);

	for (way = 0; way < 4 && ok; way++) {
		if (way & 1)
			ok = probe_set_direct(t, &m, PROBE_A) && probe_attach(t, &m, op);
		else
			ok = probe_attach(t, &m, op) && probe_set_direct(t, &m, PROBE_A);
		if (!ok)
			break;
		if (way & 2)
			ok = probe_clear_direct(t, &m) && probe_detach(t, &m, op);
		else
			ok = probe_detach(t, &m, op) && probe_clear_direct(t, &m);
	}
	probe_end(t, &m);
}

KTEST(direct, with_plain_callback)
{
	KT_NEED_ARGS(t);
	direct_with(t, PROBE_P1);
}

KTEST(direct, with_save_regs_callback)
{
	KT_NEED_ARGS(t);
	direct_with(t, PROBE_R1);
}

/* Everything is attached and detached in every order: permutations of these. */
#define DIRECT PROBE_NR_OPS
#define MAX_THINGS 4

static bool thing_on(struct ktest *t, struct probe_model *m, unsigned int thing)
{
	return thing == DIRECT ? probe_set_direct(t, m, PROBE_A) : probe_attach(t, m, thing);
}

static bool thing_off(struct ktest *t, struct probe_model *m, unsigned int thing)
{
	return thing == DIRECT ? probe_clear_direct(t, m) : probe_detach(t, m, thing);
}

/* Makes the next permutation in lexicographic order. Returns false after the last. */
static bool next_permutation(unsigned int *p, unsigned int nr)
{
	unsigned int i = nr - 1, j = nr - 1, swap;

	while (i && p[i - 1] > p[i])
		i--;
	if (!i)
		return false;
	while (p[j] < p[i - 1])
		j--;
	swap = p[j], p[j] = p[i - 1], p[i - 1] = swap;
	for (j = nr - 1; i < j; i++, j--)
		swap = p[j], p[j] = p[i], p[i] = swap;
	return true;
}

/* Tests every order of @things, which come in ascending order. */
static void every_order(struct ktest *t, const unsigned int *things, unsigned int nr)
{
	unsigned int on[MAX_THINGS], off[MAX_THINGS], n;
	struct probe_model m;
	bool ok = probe_begin(t, &m);

	memcpy(on, things, nr * sizeof(*on));
	do {
		memcpy(off, things, nr * sizeof(*off));
		do {
			for (n = 0; n < nr && ok; n++)
				ok = thing_on(t, &m, on[n]);
			for (n = 0; n < nr && ok; n++)
				ok = thing_off(t, &m, off[n]);
		} while (ok && next_permutation(off, nr));
	} while (ok && next_permutation(on, nr));
	probe_end(t, &m);
}

KTEST(direct, with_two_plain_callbacks)
{
	KT_NEED_ARGS(t);
	every_order(t, (const unsigned int[]){ PROBE_P1, PROBE_P2, DIRECT }, 3);
}

KTEST(direct, with_plain_and_save_regs_callbacks)
{
	KT_NEED_ARGS(t);
	every_order(t, (const unsigned int[]){ PROBE_P1, PROBE_R1, DIRECT }, 3);
}

KTEST(direct, with_two_save_regs_callbacks)
{
	KT_NEED_ARGS(t);
	every_order(t, (const unsigned int[]){ PROBE_R1, PROBE_R2, DIRECT }, 3);
}

KTEST(direct, with_three_callbacks_in_every_order)
{
	KT_NEED_ARGS(t);
	every_order(t, (const unsigned int[]){ PROBE_P1, PROBE_P2, PROBE_R1, DIRECT }, 4);
}

/*
 * Modify the direct call and change it back, twice, in the state that @ops make (a list that
 * PROBE_NR_OPS ends).
 */
static bool modify_among(struct ktest *t, struct probe_model *m, const unsigned int *ops)
{
	unsigned int n;
	bool ok = probe_set_direct(t, m, PROBE_A);

	for (n = 0; ok && ops[n] != PROBE_NR_OPS; n++)
		ok = probe_attach(t, m, ops[n]);
	ok = ok && probe_modify_direct(t, m, PROBE_B) && probe_modify_direct(t, m, PROBE_A) &&
	     probe_modify_direct(t, m, PROBE_B) && probe_modify_direct(t, m, PROBE_B);
	while (ok && n--)
		ok = probe_detach(t, m, ops[n]);	/* it stays B in every state */
	return ok && probe_clear_direct(t, m);
}

KTEST(direct, modify_in_each_state)
{
	static const unsigned int states[][4] = {
		{ PROBE_NR_OPS },
		{ PROBE_P1, PROBE_NR_OPS },
		{ PROBE_R1, PROBE_NR_OPS },
		{ PROBE_P1, PROBE_P2, PROBE_NR_OPS },
		{ PROBE_P1, PROBE_R1, PROBE_NR_OPS },
		{ PROBE_P1, PROBE_P2, PROBE_R1, PROBE_NR_OPS },
	};
	struct probe_model m;
	unsigned int n;
	bool ok = probe_begin(t, &m);

	KT_NEED_ARGS(t);
	for (n = 0; n < ARRAY_SIZE(states) && ok; n++)
		ok = modify_among(t, &m, states[n]);
	probe_end(t, &m);
}

/* A long random walk through all states, which is the same each time. */
KTEST(direct, random_walk)
{
	u32 seed = 20260101;
	struct probe_model m;
	unsigned int step;
	bool ok = probe_begin(t, &m);

	KT_NEED_ARGS(t);
	for (step = 0; step < 1000 && ok; step++) {
		unsigned int pick;

		seed = seed * 1664525 + 1013904223;
		pick = (seed >> 16) % (PROBE_NR_OPS + 2);
		if (pick < PROBE_NR_OPS)
			ok = probe_attached(&m, pick) ? probe_detach(t, &m, pick) :
			     probe_attach(t, &m, pick);
		else if (!m.direct)
			ok = probe_set_direct(t, &m, pick == PROBE_NR_OPS ? PROBE_A : PROBE_B);
		else if (pick == PROBE_NR_OPS)
			ok = probe_clear_direct(t, &m);
		else
			ok = probe_modify_direct(t, &m, m.direct == PROBE_A ? PROBE_B : PROBE_A);
	}
	probe_end(t, &m);
}

/* Callbacks alone, on the same bench: the states through which the direct call passes. */
KTEST(direct, callbacks_without_direct)
{
	every_order(t, (const unsigned int[]){ PROBE_P1, PROBE_P2, PROBE_R1 }, 3);
}
