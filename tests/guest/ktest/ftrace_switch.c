/* SPDX-License-Identifier: MIT */
/*
 * ftrace_enabled. While it is off, every site is a NOP whatever is attached; once it is on again,
 * each site is as before, to the bit. Anything may be changed in between.
 */
#include "kernel/lib/errno.h"
#include "kernel/lib/string.h"
#include "tests/guest/ktest/counter.h"
#include "tests/guest/ktest/files.h"
#include "tests/guest/ktest/probe.h"
#include "tests/guest/ktest/targets.h"
#include "trace/arch.h"
#include "trace/core/ops.h"
#include "trace/core/site_info.h"

static struct counter c = COUNTER;

static struct ftrace_form form_of(unsigned long function)
{
	struct ftrace_form form = { 0 };

	arch_ftrace_read(ftrace_location(function), &form);
	return form;
}

/* Checks that nothing runs except the function. */
static bool is_off(struct ktest *t, const struct probe_model *m)
{
	struct ftrace_site_info info;

	probe_run();
	return KT_EXPECT_EQ(t, probe_nr_events, 0) && KT_EXPECT_EQ(t, probe_bodies, 1) &&
	       KT_EXPECT(t, probe_site_is_nop((unsigned long)probe_target)) &&
	       KT_EXPECT(t, probe_site_info((unsigned long)probe_target, &info)) &&
	       KT_EXPECT(t, !info.enabled && !info.trampoline) &&
	       KT_EXPECT_EQ(t, info.nr_ops, m->nr + !!m->direct) &&
	       KT_EXPECT_EQ(t, info.direct_call, m->direct);
}

static bool off_and_on(struct ktest *t, const struct probe_model *m)
{
	struct ftrace_form before = form_of((unsigned long)probe_target), after;

	if (!KT_EXPECT_EQ(t, ftrace_set_enabled(false), 0) || !is_off(t, m) ||
	    !KT_EXPECT_EQ(t, ftrace_set_enabled(false), 0) ||
	    !KT_EXPECT_EQ(t, ftrace_set_enabled(true), 0))
		return false;
	after = form_of((unsigned long)probe_target);
	return KT_EXPECT(t, before.insn == after.insn && before.literal == after.literal) &&
	       probe_check(t, m, "on again");
}

KTEST(ftrace_switch, in_each_state)
{
	struct probe_model m;
	unsigned int things, op;
	bool ok = probe_begin(t, &m);

	for (things = 0; things < 1u << (PROBE_NR_OPS + 1) && ok; things++) {
		if (!FTRACE_HAVE_ARGS && things >> PROBE_I)
			continue;		/* IPMODIFY, or a direct call */
		for (op = 0; op < PROBE_NR_OPS && ok; op++)
			if (things & 1u << op)
				ok = probe_attach(t, &m, op);
		if (ok && things & 1u << PROBE_NR_OPS)
			ok = probe_set_direct(t, &m, PROBE_A);
		ok = ok && off_and_on(t, &m);
		while (ok && m.nr)
			ok = probe_detach(t, &m, m.order[m.nr / 2]);
		if (ok && m.direct)
			ok = probe_clear_direct(t, &m);
	}
	KT_EXPECT_EQ(t, ftrace_set_enabled(true), 0);
	probe_end(t, &m);
}

/*
 * Everything that can be done while it is on can also be done while it is off, and is in effect
 * from then on.
 */
KTEST(ftrace_switch, changes_while_off)
{
	struct ftrace_ops *direct = &probe_direct_ops, *r = &probe_ops[PROBE_R1];
	struct probe_model m;

	KT_NEED_ARGS(t);
	KT_ASSERT(t, probe_begin(t, &m));
	KT_EXPECT(t, probe_attach(t, &m, PROBE_P1));
	KT_EXPECT_EQ(t, ftrace_set_enabled(false), 0);
	KT_EXPECT_EQ(t, register_ftrace_direct(direct, PROBE_A), 0);
	KT_EXPECT_EQ(t, register_ftrace_function(r), 0);
	KT_EXPECT_EQ(t, unregister_ftrace_function(&probe_ops[PROBE_P1]), 0);
	/* The model is changed by hand, because a step would expect the site to change as well. */
	m.order[0] = PROBE_R1;
	m.direct = PROBE_A;
	KT_EXPECT(t, is_off(t, &m));
	KT_EXPECT_EQ(t, modify_ftrace_direct(direct, PROBE_B), 0);
	m.direct = PROBE_B;
	KT_EXPECT(t, is_off(t, &m));
	KT_EXPECT_EQ(t, ftrace_set_enabled(true), 0);
	KT_EXPECT(t, probe_check(t, &m, "on again"));
	KT_EXPECT_EQ(t, ftrace_set_enabled(false), 0);
	KT_EXPECT_EQ(t, unregister_ftrace_direct(direct, PROBE_B, false), 0);
	m.direct = 0;
	KT_EXPECT_EQ(t, ftrace_set_filter_ip(r, (unsigned long)kt_sum, 0, 1), 0);
	m.nr = 0;
	KT_EXPECT(t, is_off(t, &m));
	KT_EXPECT_EQ(t, ftrace_set_enabled(true), 0);
	KT_EXPECT(t, probe_check(t, &m, "on once more"));
	KT_EXPECT(t, !probe_site_is_nop((unsigned long)kt_sum));
	KT_EXPECT_EQ(t, unregister_ftrace_function(r), 0);
	KT_EXPECT(t, probe_site_is_nop((unsigned long)kt_sum));
	probe_end(t, &m);
}

static void go_to_difference(unsigned long ip, unsigned long parent_ip, struct ftrace_ops *op,
			     struct ftrace_regs *fregs)
{
	ftrace_regs_set_instruction_pointer(fregs, (unsigned long)kt_difference);
}

KTEST(ftrace_switch, with_ipmodify)
{
	static struct ftrace_ops patch;
	struct ftrace_form before;

	KT_NEED_ARGS(t);
	patch = (struct ftrace_ops){ .func = go_to_difference, .flags = FTRACE_OPS_FL_IPMODIFY };
	KT_ASSERT(t, !ftrace_set_filter_ip(&patch, (unsigned long)kt_sum, 0, 1));
	KT_ASSERT(t, !register_ftrace_function(&patch));
	before = form_of((unsigned long)kt_sum);
	KT_EXPECT_EQ(t, kt_sum(40, 2), 38);
	KT_EXPECT_EQ(t, ftrace_set_enabled(false), 0);
	KT_EXPECT_EQ(t, kt_sum(40, 2), 42);
	KT_EXPECT_EQ(t, ftrace_set_enabled(true), 0);
	KT_EXPECT_EQ(t, kt_sum(40, 2), 38);
	KT_EXPECT(t, form_of((unsigned long)kt_sum).insn == before.insn);
	KT_EXPECT_EQ(t, unregister_ftrace_function(&patch), 0);
	ftrace_free_filter(&patch);
}

KTEST(ftrace_switch, permanent)
{
	static struct counter lasting = { .ops = { .func = counter_callback,
						   .flags = FTRACE_OPS_FL_PERMANENT } };

	KT_ASSERT(t, !counter_start(&lasting, "kt_sum"));
	KT_ASSERT(t, !counter_start(&c, "kt_sum"));
	KT_EXPECT_EQ(t, ftrace_set_enabled(false), -EBUSY);
	KT_EXPECT_EQ(t, kt_sum(1, 2), 3);
	KT_EXPECT_EQ(t, lasting.hits, 1);
	KT_EXPECT_EQ(t, c.hits, 1);
	KT_EXPECT(t, counter_stop(&lasting));
	KT_EXPECT_EQ(t, ftrace_set_enabled(false), 0);
	KT_EXPECT_EQ(t, counter_start(&lasting, "kt_sum"), -EBUSY);
	KT_EXPECT(t, !(lasting.ops.flags & FTRACE_OPS_FL_ENABLED));
	KT_EXPECT_EQ(t, ftrace_set_enabled(true), 0);
	kt_sum(1, 2);
	KT_EXPECT_EQ(t, lasting.hits, 0);
	KT_EXPECT_EQ(t, c.hits, 2);
	KT_EXPECT(t, counter_stop(&c));
	ftrace_free_filter(&lasting.ops);
}

static unsigned int count_enabled(void)
{
	struct ftrace_site_info info;
	unsigned int n, count = 0;

	for (n = 0; ftrace_site_info(n, &info); n++)
		count += info.enabled;
	return count;
}

/* All sites of the kernel, switched through the file. */
KTEST(ftrace_switch, all_sites_by_file)
{
	static const char path[] = "/proc/sys/kernel/ftrace_enabled";

	KT_ASSERT(t, !counter_start(&c, NULL));
	KT_EXPECT_EQ(t, count_enabled(), ftrace_nr_sites());
	KT_EXPECT(t, file_is(path, "1\n"));
	KT_EXPECT_EQ(t, file_write(path, "0\n", 0), 0);
	KT_EXPECT(t, file_is(path, "0\n"));
	KT_EXPECT_EQ(t, count_enabled(), 0);
	c.hits = 0;
	KT_EXPECT_EQ(t, kt_recurse(9), 10);
	KT_EXPECT_EQ(t, c.hits, 0);
	KT_EXPECT_EQ(t, file_write(path, "2", 0), -EINVAL);
	KT_EXPECT_EQ(t, file_write(path, "on", 0), -EINVAL);
	KT_EXPECT_EQ(t, file_write(path, "\n", 0), -EINVAL);
	KT_EXPECT(t, file_is(path, "0\n"));
	KT_EXPECT_EQ(t, file_write(path, "1", 0), 0);
	KT_EXPECT_EQ(t, count_enabled(), ftrace_nr_sites());
	kt_recurse(9);
	KT_EXPECT(t, c.hits >= 10);
	KT_EXPECT(t, counter_stop(&c));
	KT_EXPECT_EQ(t, count_enabled(), 0);
}
