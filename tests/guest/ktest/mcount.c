/* SPDX-License-Identifier: MIT */
/*
 * hook=mcount: sites behind prologues, and no struct ftrace_regs. This file tests what callbacks
 * get nevertheless, what is refused, and that each site is in the function that it is listed for.
 * Everything that this mode has in common with the others is tested elsewhere.
 */
#include "kernel/kallsyms.h"
#include "kernel/lib/errno.h"
#include "kernel/lib/string.h"
#include "tests/guest/ktest/counter.h"
#include "tests/guest/ktest/probe.h"
#include "tests/guest/ktest/targets.h"
#include "trace/core/site_info.h"

static struct {
	unsigned int hits, fregs;
	unsigned long ip, parent_ip;
} seen;

static void reader(unsigned long ip, unsigned long parent_ip, struct ftrace_ops *op,
		   struct ftrace_regs *fregs)
{
	seen.hits++;
	seen.fregs += fregs != NULL;
	seen.ip = ip;
	seen.parent_ip = parent_ip;
}

static unsigned long function_of(unsigned long pc)
{
	unsigned long offset;

	return kallsyms_lookup_size_offset(pc, NULL, &offset) ? pc - offset : 0;
}

/*
 * Functions with different frames: almost none, arguments on the stack, 64-bit results, aligned
 * locals.
 */
KTEST(mcount, callbacks_get_ip_and_parent)
{
	static struct ftrace_ops op = { .func = reader };
	unsigned long here = function_of((unsigned long)&&calls);
	u64 product;

	KT_ASSERT(t, !ftrace_set_filter(&op, "kt_*", 4, 1));
	KT_ASSERT(t, !register_ftrace_function(&op));
calls:
	seen.hits = seen.fregs = 0;
	KT_EXPECT_EQ(t, kt_sum(40, 2), 42);
	KT_EXPECT_EQ(t, seen.ip, ftrace_location((unsigned long)kt_sum));
	KT_EXPECT_EQ(t, function_of(seen.parent_ip), here);
	KT_EXPECT_EQ(t, kt_many(1, 2, 3, 4, 5, 6, 7, 8, 9, 10), 385);
	KT_EXPECT_EQ(t, seen.ip, ftrace_location((unsigned long)kt_many));
	KT_EXPECT_EQ(t, function_of(seen.parent_ip), here);
	product = kt_product(3, 0x123456789abcdefull, 7);
	KT_EXPECT_EQ(t, product, 0x369d0369d0369d4ull);
	KT_EXPECT_EQ(t, seen.ip, ftrace_location((unsigned long)kt_product));
	KT_EXPECT_EQ(t, function_of(seen.parent_ip), here);
	KT_EXPECT_EQ(t, kt_loop(1), 1);
	KT_EXPECT_EQ(t, function_of(seen.parent_ip), (unsigned long)kt_loop);
	KT_EXPECT_EQ(t, seen.hits, 5);
	KT_EXPECT_EQ(t, seen.fregs, 0);
	KT_EXPECT_EQ(t, unregister_ftrace_function(&op), 0);
	ftrace_free_filter(&op);
}

/* What needs a struct ftrace_regs is refused with that error, and nothing has changed. */
KTEST(mcount, refusals)
{
	static struct counter c = COUNTER;
	static struct ftrace_ops direct;

	c.ops.flags = FTRACE_OPS_FL_SAVE_REGS;
	KT_EXPECT_EQ(t, counter_start(&c, "kt_sum"), -EINVAL);
	c.ops.flags = FTRACE_OPS_FL_IPMODIFY;
	KT_EXPECT_EQ(t, counter_start(&c, "kt_sum"), -EOPNOTSUPP);
	KT_EXPECT_EQ(t, c.ops.flags & FTRACE_OPS_FL_ENABLED, 0);
	KT_EXPECT_EQ(t, ftrace_set_filter(&direct, "kt_sum", 6, 1), 0);
	KT_EXPECT_EQ(t, register_ftrace_direct(&direct, PROBE_A), -EOPNOTSUPP);
	KT_EXPECT_EQ(t, unregister_ftrace_direct(&direct, PROBE_A, false), -EINVAL);
	KT_EXPECT_EQ(t, modify_ftrace_direct(&direct, PROBE_B), -EINVAL);
	KT_EXPECT_EQ(t, direct.direct_call, 0);
	ftrace_free_filter(&direct);
	KT_EXPECT(t, probe_site_is_nop((unsigned long)kt_sum));
	c.ops.flags = FTRACE_OPS_FL_SAVE_REGS_IF_SUPPORTED | FTRACE_OPS_FL_RECURSION;
	KT_ASSERT(t, !counter_start(&c, "kt_sum"));
	KT_EXPECT_EQ(t, kt_sum(1, 2), 3);
	KT_EXPECT_EQ(t, c.hits, 1);
	KT_EXPECT_EQ(t, c.ops.flags & FTRACE_OPS_FL_SAVE_REGS, 0);
	KT_EXPECT(t, counter_stop(&c));
}

/*
 * A site is found by the same symbol with which it is printed, and that symbol has no other site.
 */
KTEST(mcount, each_function_has_one_site)
{
	struct ftrace_site_info info;
	unsigned long last = 0;

	for (unsigned int n = 0; ftrace_site_info(n, &info); n++) {
		unsigned long function = function_of(info.ip);

		KT_EXPECT(t, function && function < info.ip);
		KT_EXPECT(t, function != last);
		KT_EXPECT_EQ(t, ftrace_location(function), info.ip);
		KT_EXPECT_EQ(t, ftrace_location(info.ip), info.ip);
		last = function;
	}
	KT_EXPECT(t, last != 0);
	KT_EXPECT_EQ(t, ftrace_location((unsigned long)reader), 0);
}
