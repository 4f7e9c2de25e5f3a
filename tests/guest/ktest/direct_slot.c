/* SPDX-License-Identifier: MIT */
/*
 * A callback sends a call elsewhere with arch_ftrace_set_direct_caller(), beside a registered
 * direct call and without one. The callback wins, whichever trampoline the site has and however
 * many callbacks there are. The last one to run decides, and 0 means nowhere.
 */
#include "kernel/lib/string.h"
#include "tests/guest/ktest/counter.h"
#include "tests/guest/ktest/probe.h"
#include "tests/guest/ktest/targets.h"

#define NR_OPS 3
#define KEEP ~0ul			/* leave the slot as it is */

static struct ftrace_ops ops[NR_OPS], direct;
static unsigned long found[NR_OPS];	/* what was in the slot when it ran */

/* Sends the call to the address in @op->private. */
static void send(unsigned long ip, unsigned long parent_ip, struct ftrace_ops *op,
		 struct ftrace_regs *fregs)
{
	unsigned long to = (unsigned long)op->private;

	found[op - ops] = fregs->direct_tramp;
	if (to != KEEP)
		arch_ftrace_set_direct_caller(fregs, to);
}

static void attach(struct ktest *t, unsigned int n, unsigned long to, unsigned int flags)
{
	ops[n] = (struct ftrace_ops){ .func = send, .private = (void *)to, .flags = flags };
	KT_EXPECT_EQ(t, ftrace_set_filter_ip(&ops[n], (unsigned long)kt_sum, 0, 0), 0);
	KT_EXPECT_EQ(t, register_ftrace_function(&ops[n]), 0);
}

/* Makes one call and checks that @expected ran once, and nothing else. */
static void call(struct ktest *t, unsigned long expected)
{
	probe_nr_events = 0;
	KT_EXPECT_EQ(t, kt_sum(40, 2), 42);
	KT_EXPECT_EQ(t, probe_nr_events, expected != 0);
	if (expected && probe_nr_events)
		KT_EXPECT_EQ(t, probe_events[0].direct, expected);
}

/*
 * Tests callbacks that send calls to the first @nr of these addresses; the one registered first
 * runs last. With a registered direct call and without.
 */
static void combination(struct ktest *t, const unsigned long *to, unsigned int nr,
			unsigned int flags,
			unsigned long registered)
{
	unsigned long expected = registered;
	unsigned int n;

	direct.flags = 0;
	KT_EXPECT_EQ(t, ftrace_set_filter_ip(&direct, (unsigned long)kt_sum, 0, 1), 0);
	if (registered && nr % 2)	/* it is registered first, or last */
		KT_EXPECT_EQ(t, register_ftrace_direct(&direct, registered), 0);
	for (n = 0; n < nr; n++)
		attach(t, n, to[n], flags);
	if (registered && !(nr % 2))
		KT_EXPECT_EQ(t, register_ftrace_direct(&direct, registered), 0);
	for (n = nr; n--;) {
		if (to[n] != KEEP)
			expected = to[n];
	}
	call(t, expected);
	KT_EXPECT_EQ(t, found[nr - 1], registered);
	if (nr > 1)
		KT_EXPECT_EQ(t, found[nr - 2], to[nr - 1] == KEEP ? registered : to[nr - 1]);
	for (n = 0; n < nr; n++) {
		KT_EXPECT_EQ(t, unregister_ftrace_function(&ops[n]), 0);
		ftrace_free_filter(&ops[n]);
	}
	call(t, registered);
	if (registered)
		KT_EXPECT_EQ(t, unregister_ftrace_direct(&direct, registered, false), 0);
	ftrace_free_filter(&direct);
	KT_EXPECT(t, probe_site_is_nop((unsigned long)kt_sum));
}

KTEST(direct, callbacks_send_calls_elsewhere)
{
	static const unsigned int flags[] = {
		0, FTRACE_OPS_FL_RECURSION, FTRACE_OPS_FL_SAVE_REGS_IF_SUPPORTED,
		FTRACE_OPS_FL_RECURSION | FTRACE_OPS_FL_SAVE_REGS_IF_SUPPORTED,
	};
	static const unsigned long to[][NR_OPS] = {
		{ PROBE_B, KEEP, KEEP }, { KEEP, PROBE_B, KEEP }, { KEEP, KEEP, PROBE_B },
		{ 0, PROBE_B, KEEP }, { PROBE_B, 0, PROBE_A }, { PROBE_A, PROBE_B, 0 },
		{ KEEP, KEEP, KEEP },
	};

	KT_NEED_ARGS(t);
	for (unsigned int i = 0; i < ARRAY_SIZE(to); i++) {
		for (unsigned int f = 0; f < ARRAY_SIZE(flags); f++) {
			for (unsigned int nr = 1; nr <= NR_OPS; nr++) {
				combination(t, to[i], nr, flags[f], PROBE_A);
				combination(t, to[i], nr, flags[f], 0);
			}
		}
	}
}
