/* SPDX-License-Identifier: MIT */
/* What each flag of an ops promises, and how enabled_functions shows what is attached. */
#include "kernel/arch.h"
#include "kernel/code_address.h"
#include "kernel/lib/errno.h"
#include "kernel/lib/string.h"
#include "kernel/mm/mm.h"
#include "kernel/printk.h"
#include "kernel/trace_hooks.h"
#include "tests/guest/ktest/counter.h"
#include "tests/guest/ktest/files.h"
#include "tests/guest/ktest/probe.h"
#include "tests/guest/ktest/targets.h"
#include "trace/core/patch_fault.h"
#include "trace/core/site_info.h"

#define ENABLED "/sys/kernel/tracing/enabled_functions"
#define TOUCHED "/sys/kernel/tracing/touched_functions"

static struct counter c = COUNTER, other = COUNTER, patch = COUNTER;

/* It counts as attached, alone and among others, and is never called. */
KTEST(ftrace_flags, stub)
{
	struct ftrace_site_info info;

	c.ops.flags = FTRACE_OPS_FL_STUB;
	KT_ASSERT(t, !counter_start(&c, "kt_sum"));
	KT_ASSERT(t, probe_site_info((unsigned long)kt_sum, &info));
	KT_EXPECT_EQ(t, info.nr_ops, 1);
	KT_EXPECT_EQ(t, kt_sum(1, 2), 3);
	KT_ASSERT(t, !counter_start(&other, "kt_sum"));
	KT_EXPECT_EQ(t, kt_sum(1, 2), 3);
	KT_EXPECT_EQ(t, c.hits, 0);
	KT_EXPECT_EQ(t, other.hits, 1);
	KT_EXPECT(t, counter_stop(&other));
	KT_EXPECT(t, counter_stop(&c));
	c.ops.flags = 0;
}

/* It is called like any other, because there is no time when RCU does not watch. */
KTEST(ftrace_flags, rcu)
{
	c.ops.flags = FTRACE_OPS_FL_RCU;
	KT_ASSERT(t, !counter_start(&c, "kt_sum"));
	kt_sum(1, 2);
	KT_EXPECT_EQ(t, c.hits, 1);
	KT_EXPECT(t, counter_stop(&c));
	c.ops.flags = 0;
}

KTEST(ftrace_flags, dynamic)
{
	struct counter *made = kzalloc(sizeof(*made), GFP_KERNEL);

	KT_ASSERT(t, made);
	made->ops.func = counter_callback;
	KT_EXPECT_EQ(t, counter_start(made, "kt_sum"), 0);
	KT_EXPECT(t, made->ops.flags & FTRACE_OPS_FL_DYNAMIC);
	kt_sum(1, 2);
	KT_EXPECT_EQ(t, made->hits, 1);
	KT_EXPECT(t, counter_stop(made));
	kfree(made);
	KT_ASSERT(t, !counter_start(&c, "kt_sum"));
	KT_EXPECT(t, !(c.ops.flags & FTRACE_OPS_FL_DYNAMIC));
	KT_EXPECT(t, counter_stop(&c));
}

/* The memory of start-up code and data is given back: what lies there now is somebody's object. */
KTEST(ftrace_flags, start_up_memory_is_dynamic)
{
	KT_EXPECT(t, core_kernel_data((unsigned long)&c));
	KT_EXPECT(t, !core_kernel_data((unsigned long)__init_begin));
	KT_EXPECT(t, !core_kernel_data((unsigned long)__init_end - 1));
}

/*
 * SAVE_REGS_IF_SUPPORTED asks for all registers if the build has them, and a failure leaves the
 * flags as they were.
 */
KTEST(ftrace_flags, save_regs_if_supported)
{
	struct ftrace_site_info info;

	c.ops.flags = FTRACE_OPS_FL_SAVE_REGS_IF_SUPPORTED;
	KT_EXPECT_EQ(t, ftrace_set_filter(&c.ops, "kt_sum", 6, 1), 0);
	ftrace_patch_fail_after(0);
	KT_EXPECT_EQ(t, register_ftrace_function(&c.ops), -EFAULT);
	ftrace_patch_fail_after(-1);
	KT_EXPECT_EQ(t, c.ops.flags & ~FTRACE_OPS_FL_INITIALIZED,
		     FTRACE_OPS_FL_SAVE_REGS_IF_SUPPORTED);
	KT_EXPECT_EQ(t, register_ftrace_function(&c.ops), 0);
	KT_ASSERT(t, probe_site_info((unsigned long)kt_sum, &info));
	KT_EXPECT_EQ(t, info.regs, FTRACE_HAVE_SAVE_REGS);
	KT_EXPECT(t, counter_stop(&c));
	/* With both flags, the one with IF_SUPPORTED decides. */
	c.ops.flags = FTRACE_OPS_FL_SAVE_REGS | FTRACE_OPS_FL_SAVE_REGS_IF_SUPPORTED;
	KT_EXPECT_EQ(t, counter_start(&c, "kt_sum"), 0);
	kt_sum(1, 2);
	KT_EXPECT_EQ(t, c.hits, 1);
	KT_EXPECT(t, counter_stop(&c));
	c.ops.flags = 0;
}

/*
 * If a module's ops cannot be unregistered for lack of memory, the module's memory must be kept;
 * here the module is one allocation.
 */
KTEST(ftrace_flags, no_memory_to_take_a_modules_ops_back)
{
	struct counter *made = kzalloc(sizeof(*made), GFP_KERNEL);
	unsigned long start = (unsigned long)made, end = start + sizeof(*made);

	KT_ASSERT(t, made);
	made->ops.func = counter_callback;
	KT_ASSERT(t, !counter_start(&c, "kt_sum"));
	KT_EXPECT_EQ(t, counter_start(made, "kt_sum"), 0);
	mm_fail_after(0);
	KT_EXPECT(t, !ftrace_module_stop_ops("made", start, end));
	mm_fail_after(-1);
	kt_sum(1, 2);
	KT_EXPECT_EQ(t, made->hits, 1);
	KT_EXPECT(t, ftrace_module_stop_ops("made", start, end));
	kt_sum(1, 2);
	KT_EXPECT_EQ(t, made->hits, 1);
	KT_EXPECT_EQ(t, c.hits, 2);
	KT_EXPECT(t, counter_stop(&c));
	kfree(made);
}

/*
 * Does enabled_functions list kt_sum() with @nr ops and these @columns? M stays once it was there.
 */
static bool reads(struct ktest *t, unsigned int nr, const char *columns)
{
	struct ftrace_site_info info;
	char line[64];

	if (!KT_EXPECT(t, probe_site_info((unsigned long)kt_sum, &info)))
		return false;
	scnprintf(line, sizeof(line), "kt_sum (%u)%s%s", nr, columns,
		  info.modified ? " M " : "   ");
	if (file_has(ENABLED, line) && file_has(TOUCHED, line))
		return true;
	ktest_fail(t, __FILE__, __LINE__, "no \"%s\"", line);
	return false;
}

KTEST(ftrace_flags, in_enabled_functions)
{
	struct ftrace_ops *direct = &probe_direct_ops;
	struct ftrace_site_info info;

	KT_NEED_ARGS(t);
	KT_EXPECT(t, !file_has(ENABLED, "kt_sum"));
	KT_ASSERT(t, !counter_start(&c, "kt_sum"));
	reads(t, 1, "       O");
	/* An earlier test may have left the M. */
	KT_ASSERT(t, probe_site_info((unsigned long)kt_sum, &info));
	KT_EXPECT(t, file_has(ENABLED, info.modified ? "O M \tops: " : "O   \tops: "));
	KT_EXPECT(t, counter_stop(&c));
	c.ops.flags = FTRACE_OPS_FL_RECURSION;
	KT_ASSERT(t, !counter_start(&c, "kt_sum"));
	reads(t, 1, "        ");
	KT_EXPECT(t, file_has(ENABLED, "->ftrace_assist+"));
	KT_EXPECT(t, counter_stop(&c));
	c.ops.flags = 0;
	KT_ASSERT(t, !counter_start(&c, "kt_sum"));
	KT_ASSERT(t, !counter_start(&other, "kt_sum"));
	reads(t, 2, "        ");
	KT_EXPECT(t, counter_stop(&other));
	other.ops.flags = FTRACE_OPS_FL_SAVE_REGS_IF_SUPPORTED;
	KT_ASSERT(t, !counter_start(&other, "kt_sum"));
	reads(t, 2, FTRACE_HAVE_SAVE_REGS ? " R      " : "        ");
	KT_EXPECT(t, counter_stop(&c));
	reads(t, 1, FTRACE_HAVE_SAVE_REGS ? " R     O" : "       O");
	KT_EXPECT_EQ(t, ftrace_set_filter_ip(direct, (unsigned long)kt_sum, 0, 1), 0);
	KT_EXPECT_EQ(t, register_ftrace_direct(direct, PROBE_A), 0);
	reads(t, 2, FTRACE_HAVE_SAVE_REGS ? " R   D  " : "     D  ");
	KT_ASSERT(t, probe_site_info((unsigned long)kt_sum, &info));
	KT_EXPECT(t, info.modified);
	patch.ops.flags = FTRACE_OPS_FL_IPMODIFY;
	KT_ASSERT(t, !counter_start(&patch, "kt_sum"));
	reads(t, 3, FTRACE_HAVE_SAVE_REGS ? " R I D  " : "   I D  ");
	KT_EXPECT(t, counter_stop(&other));
	reads(t, 2, "   I D  ");
	KT_EXPECT_EQ(t, unregister_ftrace_direct(direct, PROBE_A, true), 0);
	reads(t, 1, "   I   O");
	KT_EXPECT(t, counter_stop(&patch));
	KT_EXPECT(t, !file_has(ENABLED, "kt_sum"));
	KT_EXPECT(t, file_has(TOUCHED, "kt_sum (0)         M "));
	other.ops.flags = patch.ops.flags = 0;
}

/* A caller only gets a number, but the log explains it. */
KTEST(ftrace_flags, refusals_are_logged)
{
	int level = console_loglevel;
	u64 pos = 0;

	log_has(&pos, "");
	c.ops.flags = FTRACE_OPS_FL_IPMODIFY;
	KT_EXPECT_EQ(t, register_ftrace_function(&c.ops), FTRACE_HAVE_ARGS ? -EINVAL : -EOPNOTSUPP);
	KT_EXPECT(t, log_has(&pos, "IPMODIFY needs a "));
	c.ops.flags = FTRACE_OPS_FL_SAVE_REGS;
	if (!FTRACE_HAVE_SAVE_REGS) {
		KT_EXPECT_EQ(t, register_ftrace_function(&c.ops), -EINVAL);
		KT_EXPECT(t, log_has(&pos, "counter_callback: SAVE_REGS is not in this build"));
	}
	c.ops.flags = 0;
	KT_ASSERT(t, !counter_start(&c, "kt_sum"));
	KT_EXPECT_EQ(t, register_ftrace_function(&c.ops), -EBUSY);
	KT_EXPECT(t, log_has(&pos, "counter_callback: registered already"));
	KT_EXPECT(t, counter_stop(&c));
	ftrace_free_filter(&probe_direct_ops);
	KT_EXPECT_EQ(t, register_ftrace_direct(&probe_direct_ops, PROBE_A),
		     FTRACE_HAVE_ARGS ? -EINVAL : -EOPNOTSUPP);
	KT_EXPECT(t, log_has(&pos, "a direct call needs a "));
	console_loglevel = level;
}
