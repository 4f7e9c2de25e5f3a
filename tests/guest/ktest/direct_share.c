/* SPDX-License-Identifier: MIT */
/*
 * A direct call and an IPMODIFY callback on one function: which ops are asked, what they answer,
 * and what runs then in which order. A refusal at any point leaves everything as it was, and
 * everybody who agreed is told that it is over.
 */
#include "kernel/lib/errno.h"
#include "kernel/lib/string.h"
#include "kernel/mm/mm.h"
#include "tests/guest/ktest/probe.h"
#include "tests/guest/ktest/targets.h"
#include "trace/core/hash.h"
#include "trace/core/patch_fault.h"

#define SELF FTRACE_OPS_CMD_ENABLE_SHARE_IPMODIFY_SELF
#define PEER FTRACE_OPS_CMD_ENABLE_SHARE_IPMODIFY_PEER
#define OVER FTRACE_OPS_CMD_DISABLE_SHARE_IPMODIFY_PEER

/* A direct ops that remembers what it was asked. */
struct sharer {
	struct ftrace_ops ops;
	int answer;			/* the answer to SELF and PEER */
	unsigned int asked[3];		/* counts of each command */
	unsigned long on_peer, on_over;	/* modify to this address when they come; 0: don't */
	int modified;			/* the result of that */
};
static struct sharer one, two;
static struct ftrace_ops patch, plain;

static int answer(struct ftrace_ops *op, enum ftrace_ops_cmd cmd)
{
	struct sharer *s = container_of(op, struct sharer, ops);
	unsigned long addr = cmd == OVER ? s->on_over : s->on_peer;

	s->asked[cmd]++;
	if (addr)
		s->modified = modify_ftrace_direct_nolock(op, addr);
	return cmd == OVER ? -EINVAL : s->answer;	/* nobody looks at the answer to OVER */
}

/*
 * Returns what it was asked since the last time, as a decimal number with the digits SELF, PEER and
 * OVER.
 */
static unsigned int asked(struct sharer *s)
{
	unsigned int digits = 100 * s->asked[SELF] + 10 * s->asked[PEER] + s->asked[OVER];

	memset(s->asked, 0, sizeof(s->asked));
	return digits;
}

static void go_to_difference(unsigned long ip, unsigned long parent_ip, struct ftrace_ops *op,
			     struct ftrace_regs *fregs)
{
	ftrace_regs_set_instruction_pointer(fregs, (unsigned long)kt_difference);
}

/* The address at which the function would have resumed when this callback ran. */
static unsigned long plain_resume;

static void plain_callback(unsigned long ip, unsigned long parent_ip, struct ftrace_ops *op,
			   struct ftrace_regs *fregs)
{
	plain_resume = ftrace_regs_get_instruction_pointer(fregs);
}

static void set_up(struct ktest *t)
{
	one = two = (struct sharer){ .ops = { .ops_func = answer } };
	patch = (struct ftrace_ops){ .func = go_to_difference, .flags = FTRACE_OPS_FL_IPMODIFY };
	plain = (struct ftrace_ops){ .func = plain_callback };
	KT_EXPECT_EQ(t, ftrace_set_filter_ip(&one.ops, (unsigned long)kt_sum, 0, 1), 0);
	KT_EXPECT_EQ(t, ftrace_set_filter_ip(&two.ops, (unsigned long)kt_many, 0, 1), 0);
	KT_EXPECT_EQ(t, ftrace_set_filter_ip(&patch, (unsigned long)kt_sum, 0, 1), 0);
	KT_EXPECT_EQ(t, ftrace_set_filter_ip(&plain, (unsigned long)kt_sum, 0, 1), 0);
}

static void tear_down(struct ktest *t)
{
	KT_EXPECT(t, probe_site_is_nop((unsigned long)kt_sum));
	KT_EXPECT(t, probe_site_is_nop((unsigned long)kt_many));
	KT_EXPECT(t, !one.ops.sharing && !two.ops.sharing);
	ftrace_free_filter(&one.ops);
	ftrace_free_filter(&two.ops);
	ftrace_free_filter(&patch);
	ftrace_free_filter(&plain);
}

/*
 * Call kt_sum(). Is its result @result, and did @direct run (0: none), with the right resume
 * address?
 */
static void check_sum(struct ktest *t, unsigned long result, unsigned long direct)
{
	unsigned long site = ftrace_location((unsigned long)kt_sum);

	probe_nr_events = 0;
	KT_EXPECT_EQ(t, kt_sum(40, 2), result);
	KT_EXPECT_EQ(t, probe_nr_events, direct ? 1 : 0);
	if (!direct)
		return;
	KT_EXPECT_EQ(t, probe_events[0].direct, direct);
	KT_EXPECT_EQ(t, probe_events[0].resume,
		     result == 42 ? site + FTRACE_INSN_SIZE : (unsigned long)kt_difference);
}

KTEST(direct_share, ipmodify_over_direct)
{
	KT_NEED_ARGS(t);
	set_up(t);
	KT_EXPECT_EQ(t, register_ftrace_direct(&one.ops, PROBE_A), 0);
	KT_EXPECT_EQ(t, asked(&one), 0);
	check_sum(t, 42, PROBE_A);
	KT_EXPECT_EQ(t, register_ftrace_function(&patch), 0);
	KT_EXPECT_EQ(t, asked(&one), 10);
	check_sum(t, 38, PROBE_A);
	KT_EXPECT_EQ(t, modify_ftrace_direct(&one.ops, PROBE_B), 0);
	KT_EXPECT_EQ(t, asked(&one), 100);
	check_sum(t, 38, PROBE_B);
	KT_EXPECT_EQ(t, modify_ftrace_direct(&one.ops, PROBE_B), 0);
	KT_EXPECT_EQ(t, asked(&one), 0);	/* nothing changes, so nobody is asked */
	KT_EXPECT_EQ(t, unregister_ftrace_function(&patch), 0);
	KT_EXPECT_EQ(t, asked(&one), 1);
	check_sum(t, 42, PROBE_B);
	KT_EXPECT_EQ(t, unregister_ftrace_direct(&one.ops, PROBE_B, false), 0);
	KT_EXPECT_EQ(t, asked(&one), 0);
	tear_down(t);
}

KTEST(direct_share, direct_over_ipmodify)
{
	KT_NEED_ARGS(t);
	set_up(t);
	KT_EXPECT_EQ(t, register_ftrace_function(&patch), 0);
	check_sum(t, 38, 0);
	KT_EXPECT_EQ(t, register_ftrace_direct(&one.ops, PROBE_A), 0);
	KT_EXPECT_EQ(t, asked(&one), 100);
	check_sum(t, 38, PROBE_A);
	KT_EXPECT_EQ(t, unregister_ftrace_direct(&one.ops, PROBE_A, false), 0);
	KT_EXPECT_EQ(t, asked(&one), 0);
	check_sum(t, 38, 0);
	KT_EXPECT_EQ(t, register_ftrace_direct(&one.ops, PROBE_A), 0);
	KT_EXPECT_EQ(t, unregister_ftrace_function(&patch), 0);
	KT_EXPECT_EQ(t, asked(&one), 101);
	check_sum(t, 42, PROBE_A);
	KT_EXPECT_EQ(t, unregister_ftrace_direct(&one.ops, PROBE_A, false), 0);
	tear_down(t);
}

/* What was registered later runs earlier, and the direct function runs last of all. */
static void with_plain_callback(struct ktest *t, unsigned int flags)
{
	unsigned long site = ftrace_location((unsigned long)kt_sum);
	unsigned int first;

	for (first = 0; first < 2; first++) {
		set_up(t);
		plain.flags = flags;
		KT_EXPECT_EQ(t, register_ftrace_direct(&one.ops, PROBE_A), 0);
		KT_EXPECT_EQ(t, register_ftrace_function(first ? &plain : &patch), 0);
		KT_EXPECT_EQ(t, register_ftrace_function(first ? &patch : &plain), 0);
		check_sum(t, 38, PROBE_A);
		KT_EXPECT_EQ(t, plain_resume,
			     first ? (unsigned long)kt_difference : site + FTRACE_INSN_SIZE);
		KT_EXPECT_EQ(t, unregister_ftrace_function(&patch), 0);
		check_sum(t, 42, PROBE_A);
		KT_EXPECT_EQ(t, plain_resume, site + FTRACE_INSN_SIZE);
		KT_EXPECT_EQ(t, unregister_ftrace_function(&plain), 0);
		check_sum(t, 42, PROBE_A);
		KT_EXPECT_EQ(t, unregister_ftrace_direct(&one.ops, PROBE_A, false), 0);
		tear_down(t);
	}
}

KTEST(direct_share, with_a_plain_callback)
{
	KT_NEED_ARGS(t);
	with_plain_callback(t, 0);
}

KTEST(direct_share, with_a_save_regs_callback)
{
	KT_NEED_ARGS(t);
	with_plain_callback(t, FTRACE_OPS_FL_SAVE_REGS_IF_SUPPORTED);
}

/*
 * There is nobody to ask, or the answer is no: the call returns that error, and the other ops is
 * called as before.
 */
KTEST(direct_share, refusals)
{
	unsigned int round;

	KT_NEED_ARGS(t);
	for (round = 0; round < 2; round++) {
		int err = round ? -EAGAIN : -EBUSY;

		set_up(t);
		one.answer = err;
		one.ops.ops_func = round ? answer : NULL;
		KT_EXPECT_EQ(t, register_ftrace_direct(&one.ops, PROBE_A), 0);
		KT_EXPECT_EQ(t, register_ftrace_function(&patch), err);
		KT_EXPECT(t, !(patch.flags & FTRACE_OPS_FL_ENABLED));
		check_sum(t, 42, PROBE_A);
		KT_EXPECT_EQ(t, unregister_ftrace_direct(&one.ops, PROBE_A, false), 0);
		KT_EXPECT_EQ(t, register_ftrace_function(&patch), 0);
		KT_EXPECT_EQ(t, register_ftrace_direct(&one.ops, PROBE_A), err);
		KT_EXPECT(t, !(one.ops.flags & (FTRACE_OPS_FL_ENABLED | FTRACE_OPS_FL_DIRECT)));
		KT_EXPECT_EQ(t, one.ops.direct_call, 0);
		KT_EXPECT_EQ(t, ftrace_find_rec_direct((unsigned long)kt_sum), 0);
		check_sum(t, 38, 0);
		KT_EXPECT_EQ(t, asked(&one), round ? 110 : 0);	/* no OVER: it never began */
		KT_EXPECT_EQ(t, unregister_ftrace_function(&patch), 0);
		tear_down(t);
	}
}

KTEST(direct_share, refused_modification)
{
	KT_NEED_ARGS(t);
	set_up(t);
	KT_EXPECT_EQ(t, register_ftrace_direct(&one.ops, PROBE_A), 0);
	KT_EXPECT_EQ(t, register_ftrace_function(&patch), 0);
	one.answer = -EPERM;
	KT_EXPECT_EQ(t, modify_ftrace_direct(&one.ops, PROBE_B), -EPERM);
	KT_EXPECT_EQ(t, one.ops.direct_call, PROBE_A);
	check_sum(t, 38, PROBE_A);
	/* An ops that is being asked may not make a change that would ask it again. */
	one.answer = 0;
	one.on_peer = PROBE_B;
	KT_EXPECT_EQ(t, modify_ftrace_direct(&one.ops, PROBE_B), 0);
	KT_EXPECT_EQ(t, one.modified, -EBUSY);
	check_sum(t, 38, PROBE_B);
	KT_EXPECT_EQ(t, unregister_ftrace_function(&patch), 0);
	KT_EXPECT_EQ(t, unregister_ftrace_direct(&one.ops, PROBE_B, false), 0);
	tear_down(t);
}

/* As BPF does it: the ops uses another trampoline for as long as the function is patched. */
KTEST(direct_share, modify_when_asked)
{
	KT_NEED_ARGS(t);
	set_up(t);
	one.on_peer = PROBE_B;
	one.on_over = PROBE_A;
	KT_EXPECT_EQ(t, register_ftrace_direct(&one.ops, PROBE_A), 0);
	KT_EXPECT_EQ(t, register_ftrace_function(&patch), 0);
	KT_EXPECT_EQ(t, one.modified, 0);
	check_sum(t, 38, PROBE_B);
	KT_EXPECT_EQ(t, unregister_ftrace_function(&patch), 0);
	KT_EXPECT_EQ(t, one.modified, 0);
	KT_EXPECT_EQ(t, asked(&one), 11);
	check_sum(t, 42, PROBE_A);
	KT_EXPECT_EQ(t, unregister_ftrace_direct(&one.ops, PROBE_A, false), 0);
	tear_down(t);
}

/* A patch on two functions that have direct calls. The second direct call refuses. */
KTEST(direct_share, one_of_two_refuses)
{
	KT_NEED_ARGS(t);
	set_up(t);
	one.on_peer = PROBE_B;
	one.on_over = PROBE_A;
	two.answer = -EAGAIN;
	KT_EXPECT_EQ(t, ftrace_set_filter_ip(&patch, (unsigned long)kt_many, 0, 0), 0);
	/* The one that was registered last is asked first. */
	KT_EXPECT_EQ(t, register_ftrace_direct(&two.ops, PROBE_A), 0);
	KT_EXPECT_EQ(t, register_ftrace_direct(&one.ops, PROBE_A), 0);
	KT_EXPECT_EQ(t, register_ftrace_function(&patch), -EAGAIN);
	KT_EXPECT_EQ(t, asked(&one), 11);
	KT_EXPECT_EQ(t, asked(&two), 10);
	check_sum(t, 42, PROBE_A);
	two.answer = 0;
	KT_EXPECT_EQ(t, register_ftrace_function(&patch), 0);
	check_sum(t, 38, PROBE_B);
	KT_EXPECT_EQ(t, unregister_ftrace_function(&patch), 0);
	KT_EXPECT_EQ(t, asked(&one), 11);
	KT_EXPECT_EQ(t, asked(&two), 11);
	KT_EXPECT_EQ(t, unregister_ftrace_direct(&one.ops, PROBE_A, false), 0);
	KT_EXPECT_EQ(t, unregister_ftrace_direct(&two.ops, PROBE_A, false), 0);
	tear_down(t);
}

/* The filter of a registered patch comes to functions with a direct call, and leaves them again. */
KTEST(direct_share, by_filter)
{
	unsigned long sum = (unsigned long)kt_sum, product = (unsigned long)kt_product;

	KT_NEED_ARGS(t);
	set_up(t);
	KT_EXPECT_EQ(t, ftrace_set_filter_ip(&patch, product, 0, 1), 0);
	KT_EXPECT_EQ(t, ftrace_set_filter_ip(&one.ops, product, 0, 0), 0);
	KT_EXPECT_EQ(t, ftrace_set_filter_ip(&one.ops, (unsigned long)kt_recurse, 0, 0), 0);
	KT_EXPECT_EQ(t, ftrace_set_filter_ip(&patch, (unsigned long)kt_loop, 0, 1), 0);
	KT_EXPECT_EQ(t, register_ftrace_function(&patch), 0);
	KT_EXPECT_EQ(t, register_ftrace_direct(&one.ops, PROBE_A), 0);
	KT_EXPECT_EQ(t, asked(&one), 0);
	one.answer = -EAGAIN;
	KT_EXPECT_EQ(t, ftrace_set_filter_ip(&patch, sum, 0, 0), -EAGAIN);
	KT_EXPECT_EQ(t, ftrace_hash_count(patch.local_hash.filter_hash), 1);
	check_sum(t, 42, PROBE_A);
	KT_EXPECT_EQ(t, asked(&one), 10);
	one.answer = 0;
	KT_EXPECT_EQ(t, ftrace_set_filter_ip(&patch, sum, 0, 0), 0);
	KT_EXPECT_EQ(t, asked(&one), 10);
	check_sum(t, 38, PROBE_A);
	KT_EXPECT_EQ(t, ftrace_set_filter_ip(&patch, product, 0, 0), 0);
	KT_EXPECT_EQ(t, asked(&one), 0);	/* it has agreed */
	KT_EXPECT_EQ(t, ftrace_set_filter_ip(&patch, sum, 1, 0), 0);
	KT_EXPECT_EQ(t, asked(&one), 0);	/* there is another shared function */
	KT_EXPECT_EQ(t, ftrace_set_filter_ip(&patch, product, 1, 0), 0);
	KT_EXPECT_EQ(t, asked(&one), 1);
	check_sum(t, 42, PROBE_A);
	KT_EXPECT_EQ(t, unregister_ftrace_direct(&one.ops, PROBE_A, false), 0);
	KT_EXPECT_EQ(t, unregister_ftrace_function(&patch), 0);
	tear_down(t);
}

static int patch_on(void)
{
	return register_ftrace_function(&patch);
}

static int direct_on(void)
{
	return register_ftrace_direct(&one.ops, PROBE_A);
}

/* Whatever fails after the answer: an ops that has agreed is told that it is over. */
static void each_fault(struct ktest *t, int (*action)(void), void (*fail_after)(int),
		       unsigned long result, unsigned long direct, unsigned int told)
{
	int n, err = -EIO;

	for (n = 0; n < 200 && err; n++) {
		asked(&one);
		fail_after(n);
		err = action();
		fail_after(-1);
		if (err) {
			KT_EXPECT_EQ(t, asked(&one), told);
			KT_EXPECT(t, !one.ops.sharing);
			check_sum(t, result, direct);
		}
	}
	KT_EXPECT_EQ(t, err, 0);
	KT_EXPECT(t, n > 1);
	check_sum(t, 38, PROBE_A);
}

KTEST(direct_share, each_fault_behind_the_answer)
{
	static void (*const faults[])(int) = { mm_fail_after, ftrace_patch_fail_after };
	unsigned int i;

	KT_NEED_ARGS(t);
	for (i = 0; i < ARRAY_SIZE(faults); i++) {
		set_up(t);
		KT_EXPECT_EQ(t, direct_on(), 0);
		each_fault(t, patch_on, faults[i], 42, PROBE_A, 11);
		KT_EXPECT_EQ(t, unregister_ftrace_direct(&one.ops, PROBE_A, false), 0);
		each_fault(t, direct_on, faults[i], 38, 0, 100);
		KT_EXPECT_EQ(t, unregister_ftrace_direct(&one.ops, PROBE_A, false), 0);
		KT_EXPECT_EQ(t, unregister_ftrace_function(&patch), 0);
		tear_down(t);
	}
}
