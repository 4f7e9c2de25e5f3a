/* SPDX-License-Identifier: MIT */
/*
 * Direct calls beyond one site and one address: several functions, results of C functions,
 * callbacks that change what the direct function gets, refusals, and the case that matters most in
 * practice: the function tracer on every function. The transitions are tested in direct.c.
 */
#include "kernel/lib/errno.h"
#include "kernel/lib/string.h"
#include "tests/guest/ktest/probe.h"
#include "tests/guest/ktest/targets.h"

static const struct {
	unsigned long function;
	bool big;
} targets[] = {
	{ (unsigned long)kt_sum, false },
	{ (unsigned long)kt_many, false },
	{ (unsigned long)kt_product, true },
};

static unsigned int direct_hits(void)
{
	unsigned int n, hits = 0;

	for (n = 0; n < probe_nr_events && n < PROBE_MAX_EVENTS; n++)
		hits += probe_events[n].direct != 0;
	return hits;
}

static void check_targets(struct ktest *t, unsigned int directs, unsigned int callbacks)
{
	u64 product;

	probe_nr_events = 0;
	KT_EXPECT_EQ(t, kt_sum(40, 2), 42);
	KT_EXPECT_EQ(t, kt_many(1, 2, 3, 4, 5, 6, 7, 8, 9, 10), 385);
	product = kt_product(3, 0x123456789abcdefull, 7);
	KT_EXPECT_EQ(t, product, 0x369d0369d0369d4ull);
	KT_EXPECT_EQ(t, direct_hits(), directs);
	KT_EXPECT_EQ(t, probe_nr_events, directs + callbacks);
}

/* One direct function on three functions with different arguments, some of which have callbacks. */
KTEST(direct, several_functions)
{
	struct ftrace_ops *direct = &probe_direct_ops, *op = &probe_ops[PROBE_P1];
	unsigned int n;

	KT_NEED_ARGS(t);
	for (n = 0; n < ARRAY_SIZE(targets); n++)
		KT_EXPECT_EQ(t, ftrace_set_filter_ip(direct, targets[n].function, 0, !n), 0);
	KT_EXPECT_EQ(t, ftrace_set_filter_ip(op, targets[1].function, 0, 1), 0);
	KT_EXPECT_EQ(t, register_ftrace_direct(direct, PROBE_A), 0);
	check_targets(t, 3, 0);
	KT_EXPECT_EQ(t, register_ftrace_function(op), 0);
	check_targets(t, 3, 1);
	KT_EXPECT_EQ(t, ftrace_set_filter_ip(op, targets[2].function, 0, 0), 0);
	check_targets(t, 3, 2);
	KT_EXPECT_EQ(t, modify_ftrace_direct(direct, PROBE_B), 0);
	check_targets(t, 3, 2);
	KT_EXPECT_EQ(t, unregister_ftrace_direct(direct, PROBE_B, true), 0);
	check_targets(t, 0, 2);
	KT_EXPECT_EQ(t, unregister_ftrace_function(op), 0);
	check_targets(t, 0, 0);
	for (n = 0; n < ARRAY_SIZE(targets); n++)
		KT_EXPECT(t, probe_site_is_nop(targets[n].function));
	ftrace_free_filter(op);
}

/*
 * A callback's filter moves from the first two functions to the last two, and the middle one has a
 * direct call.
 */
KTEST(direct, filter_moves_past_it)
{
	struct ftrace_ops *direct = &probe_direct_ops, *op = &probe_ops[PROBE_P1];
	unsigned long from[] = { targets[0].function, targets[1].function };
	unsigned long to[] = { targets[1].function, targets[2].function };
	unsigned int round;

	KT_NEED_ARGS(t);
	KT_EXPECT_EQ(t, ftrace_set_filter_ip(direct, targets[1].function, 0, 1), 0);
	KT_EXPECT_EQ(t, register_ftrace_direct(direct, PROBE_A), 0);
	KT_EXPECT_EQ(t, ftrace_set_filter_ips(op, from, 2, 0, 1), 0);
	KT_EXPECT_EQ(t, register_ftrace_function(op), 0);
	for (round = 0; round < 4; round++) {
		check_targets(t, 1, 2);
		KT_EXPECT_EQ(t, probe_site_is_nop(targets[0].function), round & 1);
		KT_EXPECT_EQ(t, probe_site_is_nop(targets[2].function), !(round & 1));
		KT_EXPECT_EQ(t, ftrace_set_filter_ips(op, round & 1 ? from : to, 2, 0, 1), 0);
	}
	KT_EXPECT_EQ(t, unregister_ftrace_function(op), 0);
	check_targets(t, 1, 0);
	KT_EXPECT_EQ(t, unregister_ftrace_direct(direct, PROBE_A, true), 0);
	ftrace_free_filter(op);
}

/* While everything is traced, interrupts and other CPUs would log their own functions as well. */
static void log_probe_only(unsigned long ip, unsigned long parent_ip, struct ftrace_ops *op,
			   struct ftrace_regs *fregs)
{
	if (ip - (unsigned long)probe_target < 16)
		probe_ops[PROBE_P1].func(ip, parent_ip, op, fregs);
}

/* Every site of the kernel is traced, and one of them has a direct call as well. */
KTEST(direct, with_all_functions_traced)
{
	static struct ftrace_ops all;
	struct probe_model m;

	KT_NEED_ARGS(t);
	all = (struct ftrace_ops){ .func = log_probe_only };
	KT_ASSERT(t, probe_begin(t, &m));
	KT_EXPECT(t, probe_set_direct(t, &m, PROBE_A));
	KT_EXPECT_EQ(t, register_ftrace_function(&all), 0);
	probe_run();
	KT_EXPECT_EQ(t, probe_nr_events, 2);
	KT_EXPECT(t, probe_events[0].op == &all);
	KT_EXPECT_EQ(t, probe_events[1].direct, PROBE_A);
	KT_EXPECT_EQ(t, modify_ftrace_direct(&probe_direct_ops, PROBE_B), 0);
	probe_run();
	KT_EXPECT_EQ(t, probe_nr_events, 2);
	KT_EXPECT_EQ(t, probe_events[1].direct, PROBE_B);
	m.direct = PROBE_B;
	KT_EXPECT_EQ(t, unregister_ftrace_function(&all), 0);
	KT_EXPECT(t, probe_check(t, &m, "after all"));
	probe_end(t, &m);
}

/* The direct function and the body get the registers as a callback has changed them. */
static void change_argument(unsigned long ip, unsigned long parent_ip, struct ftrace_ops *op,
			    struct ftrace_regs *fregs)
{
	ftrace_regs_set_return_value(fregs, 1000);	/* and the first argument */
}

static void return_at_once(unsigned long ip, unsigned long parent_ip, struct ftrace_ops *op,
			   struct ftrace_regs *fregs)
{
	ftrace_regs_set_return_value(fregs, 77);
	ftrace_override_function_with_return(fregs);
}

static void go_to_difference(unsigned long ip, unsigned long parent_ip, struct ftrace_ops *op,
			     struct ftrace_regs *fregs)
{
	ftrace_regs_set_instruction_pointer(fregs, (unsigned long)kt_difference);
}

static void expect_effect(struct ktest *t, ftrace_func_t func, unsigned int flags,
			  unsigned long sum, unsigned long first_argument)
{
	static struct ftrace_ops op;
	struct ftrace_ops *direct = &probe_direct_ops;

	op = (struct ftrace_ops){ .func = func, .flags = flags };
	KT_EXPECT_EQ(t, ftrace_set_filter_ip(&op, (unsigned long)kt_sum, 0, 1), 0);
	KT_EXPECT_EQ(t, ftrace_set_filter_ip(direct, (unsigned long)kt_sum, 0, 1), 0);
	KT_EXPECT_EQ(t, register_ftrace_direct(direct, PROBE_A), 0);
	KT_EXPECT_EQ(t, register_ftrace_function(&op), 0);
	probe_nr_events = 0;
	KT_EXPECT_EQ(t, kt_sum(40, 2), sum);
	KT_EXPECT_EQ(t, direct_hits(), 1);
	KT_EXPECT_EQ(t, probe_direct[probe_arg_word(0)], first_argument);
	KT_EXPECT_EQ(t, unregister_ftrace_function(&op), 0);
	probe_nr_events = 0;
	KT_EXPECT_EQ(t, kt_sum(40, 2), 42);
	KT_EXPECT_EQ(t, direct_hits(), 1);
	KT_EXPECT_EQ(t, unregister_ftrace_direct(direct, PROBE_A, true), 0);
	ftrace_free_filter(&op);
}

KTEST(direct, callback_changes_argument)
{
	KT_NEED_ARGS(t);
	expect_effect(t, change_argument, 0, 1002, 1000);
	if (FTRACE_HAVE_SAVE_REGS)
		expect_effect(t, change_argument, FTRACE_OPS_FL_SAVE_REGS, 1002, 1000);
}

KTEST(direct, callback_returns_at_once)
{
	KT_NEED_ARGS(t);
	expect_effect(t, return_at_once, 0, 77, 77);
	if (FTRACE_HAVE_SAVE_REGS)
		expect_effect(t, return_at_once, FTRACE_OPS_FL_SAVE_REGS, 77, 77);
}

KTEST(direct, callback_goes_elsewhere)
{
	KT_NEED_ARGS(t);
	expect_effect(t, go_to_difference, 0, 38, 40);
	if (FTRACE_HAVE_SAVE_REGS)
		expect_effect(t, go_to_difference, FTRACE_OPS_FL_SAVE_REGS, 38, 40);
}

/*
 * Everything that the contract of direct calls refuses (trace/ftrace.h). Each refusal leaves
 * everything as it was.
 */
KTEST(direct, refusals)
{
	static struct ftrace_ops other;
	struct ftrace_ops *direct = &probe_direct_ops;
	struct probe_model m;

	KT_NEED_ARGS(t);
	other = (struct ftrace_ops){ .func = NULL };
	KT_EXPECT_EQ(t, register_ftrace_direct(&other, PROBE_A), -EINVAL);	/* no filter */
	KT_EXPECT_EQ(t, modify_ftrace_direct(&other, PROBE_A), -EINVAL);
	KT_EXPECT_EQ(t, unregister_ftrace_direct(&other, PROBE_A, false), -EINVAL);
	KT_ASSERT(t, probe_begin(t, &m));
	KT_EXPECT_EQ(t, modify_ftrace_direct(direct, PROBE_B), -EINVAL);	/* not registered */
	KT_EXPECT_EQ(t, unregister_ftrace_direct(direct, PROBE_A, false), -EINVAL);
	KT_EXPECT(t, probe_set_direct(t, &m, PROBE_A));
	KT_EXPECT_EQ(t, register_ftrace_direct(direct, PROBE_A), -EINVAL);	/* already */
	KT_EXPECT_EQ(t, register_ftrace_direct(direct, PROBE_B), -EINVAL);
	KT_EXPECT_EQ(t, ftrace_set_filter_ip(&other, (unsigned long)kt_sum, 0, 0), 0);
	KT_EXPECT_EQ(t, ftrace_set_filter_ip(&other, (unsigned long)probe_target, 0, 0), 0);
	KT_EXPECT_EQ(t, register_ftrace_direct(&other, PROBE_B), -EBUSY);	/* taken */
	KT_EXPECT(t, probe_site_is_nop((unsigned long)kt_sum));
	KT_EXPECT_EQ(t, ftrace_find_rec_direct(ftrace_location((unsigned long)kt_sum)), 0);
	KT_EXPECT(t, probe_check(t, &m, "after refusals"));
	KT_EXPECT(t, probe_attach(t, &m, PROBE_P1));
	KT_EXPECT_EQ(t, register_ftrace_direct(&other, PROBE_B), -EBUSY);
	KT_EXPECT(t, probe_check(t, &m, "after refusal while shared"));
	ftrace_free_filter(&other);
	other.func = probe_ops[PROBE_P1].func;
	KT_EXPECT_EQ(t, ftrace_set_filter_ip(&other, (unsigned long)kt_sum, 0, 1), 0);
	KT_EXPECT_EQ(t, register_ftrace_direct(&other, PROBE_B), -EINVAL);	/* it has a func */
	ftrace_free_filter(&other);
	probe_end(t, &m);
}
