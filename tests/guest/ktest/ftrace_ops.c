/* SPDX-License-Identifier: MIT */
/*
 * Registering and unregistering: refusals, order, what is attached where, and all sites of the
 * kernel on and off. The direct suite checks that registers stay intact.
 */
#include "kernel/arch.h"
#include "kernel/lib/errno.h"
#include "kernel/lib/string.h"
#include "kernel/mm/mm.h"
#include "kernel/trace_hooks.h"
#include "tests/guest/ktest/counter.h"
#include "tests/guest/ktest/probe.h"
#include "tests/guest/ktest/targets.h"
#include "trace/arch.h"
#include "trace/core/site_info.h"

static struct counter c = COUNTER;

KTEST(ftrace, register_and_unregister)
{
	struct ftrace_site_info info;

	KT_ASSERT(t, !counter_start(&c, "kt_sum"));
	KT_EXPECT_EQ(t, kt_sum(1, 2), 3);
	KT_EXPECT_EQ(t, c.hits, 1);
	KT_EXPECT_EQ(t, c.ip, ftrace_location((unsigned long)kt_sum));
	KT_EXPECT_EQ(t, kt_loop(1000), 1000 * 999 / 2 + 1000);
	KT_EXPECT_EQ(t, c.hits, 1001);
	KT_ASSERT(t, probe_site_info((unsigned long)kt_sum, &info));
	KT_EXPECT(t, info.enabled && info.touched && !info.disabled && !info.direct);
	KT_EXPECT_EQ(t, info.nr_ops, 1);
	KT_EXPECT(t, info.single == &c.ops);
	KT_EXPECT(t, ftrace_is_trampoline(info.trampoline));
	KT_EXPECT(t, counter_stop(&c));
	c.hits = 0;
	kt_sum(1, 2);
	KT_EXPECT_EQ(t, c.hits, 0);
	KT_ASSERT(t, probe_site_info((unsigned long)kt_sum, &info));
	KT_EXPECT(t, !info.enabled && info.touched && !info.nr_ops && !info.trampoline);
}

KTEST(ftrace, refusals)
{
	static struct ftrace_ops no_func, fresh = { .func = counter_callback };
	const int no_direct = FTRACE_HAVE_ARGS ? -EINVAL : -EOPNOTSUPP;

	KT_EXPECT_EQ(t, register_ftrace_function(&no_func), -EINVAL);
	KT_EXPECT_EQ(t, unregister_ftrace_function(&fresh), -EBUSY);
	fresh.flags = FTRACE_OPS_FL_DIRECT;
	KT_EXPECT_EQ(t, register_ftrace_function(&fresh), -EINVAL);
	fresh.flags = FTRACE_OPS_FL_DELETED;
	KT_EXPECT_EQ(t, register_ftrace_function(&fresh), -EINVAL);
	fresh.flags = FTRACE_OPS_FL_IPMODIFY;	/* without a filter */
	KT_EXPECT_EQ(t, register_ftrace_function(&fresh), no_direct);
	KT_ASSERT(t, !counter_start(&c, "kt_sum"));
	KT_EXPECT_EQ(t, register_ftrace_function(&c.ops), -EBUSY);
	KT_EXPECT_EQ(t, register_ftrace_direct(&c.ops, PROBE_A), no_direct);
	KT_EXPECT_EQ(t, unregister_ftrace_direct(&c.ops, PROBE_A, false), -EINVAL);
	KT_EXPECT_EQ(t, modify_ftrace_direct(&c.ops, PROBE_A), -EINVAL);
	ftrace_free_filter(&c.ops);		/* it is registered, so nothing happens */
	kt_sum(1, 2);
	kt_glob_alpha();
	KT_EXPECT_EQ(t, c.hits, 1);
	KT_EXPECT(t, counter_stop(&c));
	KT_EXPECT_EQ(t, unregister_ftrace_function(&c.ops), -EBUSY);
}

/* SAVE_REGS is refused where the build has none; SAVE_REGS_IF_SUPPORTED is accepted. */
KTEST(ftrace, save_regs_flags)
{
	static struct counter polite = COUNTER, firm = COUNTER;
	int err;

	polite.ops.flags = FTRACE_OPS_FL_SAVE_REGS_IF_SUPPORTED;
	firm.ops.flags = FTRACE_OPS_FL_SAVE_REGS;
	KT_ASSERT(t, !counter_start(&polite, "kt_sum"));
	kt_sum(1, 2);
	KT_EXPECT_EQ(t, polite.hits, 1);
	KT_EXPECT(t, counter_stop(&polite));
	err = counter_start(&firm, "kt_sum");
	KT_EXPECT_EQ(t, err, FTRACE_HAVE_SAVE_REGS ? 0 : -EINVAL);
	if (!err)
		KT_EXPECT(t, counter_stop(&firm));
	ftrace_free_filter(&firm.ops);
}

/* Two ops may not change where one function resumes. */
KTEST(ftrace, ipmodify_is_exclusive)
{
	static struct counter a = COUNTER, b = COUNTER;

	KT_NEED_ARGS(t);
	a.ops.flags = b.ops.flags = FTRACE_OPS_FL_IPMODIFY;
	KT_ASSERT(t, !counter_start(&a, "kt_sum"));
	KT_EXPECT_EQ(t, counter_start(&b, "kt_[sd]*"), -EBUSY);
	KT_EXPECT(t, probe_site_is_nop((unsigned long)kt_difference));
	kt_sum(1, 2);
	KT_EXPECT_EQ(t, a.hits, 1);
	KT_EXPECT_EQ(t, counter_start(&b, "kt_difference"), 0);
	KT_EXPECT_EQ(t, ftrace_set_filter(&b.ops, "kt_sum", 6, 0), -EBUSY);
	KT_EXPECT(t, counter_stop(&b));
	KT_EXPECT(t, counter_stop(&a));
}

/* The latest registered runs first, whichever left in between. */
KTEST(ftrace, order_of_callbacks)
{
	struct probe_model m;
	unsigned int round;
	bool ok = probe_begin(t, &m);

	for (round = 0; round < 12 && ok; round++) {
		unsigned int op = round % PROBE_NR_OPS;

		if (!FTRACE_HAVE_ARGS && op == PROBE_I)
			continue;
		if (probe_attached(&m, op))
			ok = probe_detach(t, &m, op);
		ok = ok && probe_attach(t, &m, op);
	}
	probe_end(t, &m);
}

static unsigned int count_sites(struct ktest *t, bool enabled)
{
	struct ftrace_site_info info = { 0 };
	unsigned int n, count = 0;
	unsigned long last = 0;

	for (n = 0; n < ftrace_nr_sites(); n++) {
		if (!KT_EXPECT(t, ftrace_site_info(n, &info)) || !KT_EXPECT(t, info.ip > last))
			break;
		last = info.ip;
		count += info.enabled == enabled;
		if (!info.enabled && !KT_EXPECT(t, probe_site_is_nop(info.ip)))
			break;
	}
	KT_EXPECT(t, !ftrace_site_info(ftrace_nr_sites(), &info));
	return count;
}

KTEST(ftrace, all_sites_on_and_off)
{
	unsigned int round, before = count_sites(t, true);

	KT_EXPECT(t, ftrace_nr_sites() > 300);
	for (round = 0; round < 3; round++) {
		KT_ASSERT(t, !counter_start(&c, NULL));
		KT_EXPECT_EQ(t, count_sites(t, true), ftrace_nr_sites());
		c.hits = 0;
		kt_recurse(9);
		KT_EXPECT(t, c.hits >= 10);
		KT_EXPECT(t, counter_stop(&c));
		KT_EXPECT_EQ(t, count_sites(t, true), before);
	}
}

/*
 * After many rounds nothing is left behind. As many rounds come before the first count, because a
 * cache that had more slabs for a while keeps an empty one, and KASAN's quarantine makes it so.
 */
KTEST(ftrace, no_memory_is_lost)
{
	struct mm_stats before, after;
	struct probe_model m;
	unsigned int round;
	bool ok = probe_begin(t, &m);

	for (round = 0; round < 200 && ok; round++) {
		if (round == 100)
			kt_mm_stats(&before);
		ok = probe_attach(t, &m, PROBE_P1) &&
		     (!FTRACE_HAVE_ARGS || probe_set_direct(t, &m, PROBE_A)) &&
		     probe_attach(t, &m, PROBE_R1) &&
		     (!FTRACE_HAVE_ARGS || probe_modify_direct(t, &m, PROBE_B)) &&
		     probe_detach(t, &m, PROBE_P1) &&
		     (!FTRACE_HAVE_ARGS || probe_clear_direct(t, &m)) &&
		     probe_detach(t, &m, PROBE_R1);
	}
	kt_mm_stats(&after);
	probe_end(t, &m);
	KT_EXPECT_EQ(t, after.slab_pages, before.slab_pages);
	KT_EXPECT_EQ(t, after.free_pages, before.free_pages);
}
