/* SPDX-License-Identifier: MIT */
/*
 * Drivers set what the function tracer traces, and ops share its filters, which change for all of
 * them together.
 */
#include "kernel/lib/errno.h"
#include "kernel/lib/string.h"
#include "tests/guest/ktest/counter.h"
#include "tests/guest/ktest/files.h"
#include "tests/guest/ktest/probe.h"
#include "tests/guest/ktest/targets.h"
#include "trace/core/site_info.h"

#define T "/sys/kernel/tracing/"

static struct counter one = COUNTER, two = COUNTER, other = COUNTER;

static int filter(const char *glob, int reset)
{
	return ftrace_set_global_filter(glob, (int)strlen(glob), reset);
}

static int notrace_filter(const char *glob, int reset)
{
	return ftrace_set_global_notrace(glob, (int)strlen(glob), reset);
}

/*
 * Registers two ops that share the filters, which match the function @glob. Returns 0 or an error.
 */
static int start_sharing(const char *glob)
{
	int err = filter(glob, 1);

	ftrace_ops_set_global_filter(&one.ops);
	ftrace_ops_set_global_filter(&two.ops);
	if (!err)
		err = counter_start(&one, NULL);
	return err ? err : counter_start(&two, NULL);
}

static void stop_sharing(struct ktest *t)
{
	KT_EXPECT(t, counter_stop(&one));
	KT_EXPECT(t, counter_stop(&two));
	KT_EXPECT_EQ(t, ftrace_set_global_filter(NULL, 0, 1), 0);
	KT_EXPECT_EQ(t, ftrace_set_global_notrace(NULL, 0, 1), 0);
	KT_EXPECT(t, probe_site_is_nop((unsigned long)kt_glob_alpha));
}

/* Both must be called where @hits says, and nowhere else. */
static void expect_both(struct ktest *t, unsigned int hits)
{
	KT_EXPECT_EQ(t, counter_globs(&one), hits);
	KT_EXPECT_EQ(t, counter_globs(&two), hits);
}

KTEST(ftrace_global, filters_are_those_of_the_tracer)
{
	KT_EXPECT_EQ(t, filter("kt_sum", 1), 0);
	KT_EXPECT(t, file_is(T "set_ftrace_filter", "kt_sum\n"));
	KT_EXPECT_EQ(t, notrace_filter("kt_many", 1), 0);
	KT_EXPECT(t, file_is(T "set_ftrace_notrace", "kt_many\n"));
	KT_EXPECT_EQ(t, filter("no_such_function", 0), -EINVAL);
	KT_EXPECT(t, file_is(T "set_ftrace_filter", "kt_sum\n"));
	KT_EXPECT_EQ(t, ftrace_set_global_filter(NULL, 0, 1), 0);
	KT_EXPECT_EQ(t, ftrace_set_global_notrace(NULL, 0, 1), 0);
	KT_EXPECT(t, file_has(T "set_ftrace_filter", "#### all functions enabled ####"));
}

KTEST(ftrace_global, shared_filters_move_together)
{
	KT_ASSERT(t, !start_sharing("kt_glob_alpha"));
	expect_both(t, 100);
	KT_EXPECT_EQ(t, filter("kt_glob_beta", 0), 0);
	expect_both(t, 110);
	KT_EXPECT_EQ(t, file_write(T "set_ftrace_filter", "kt_glob_gamma", 0), 0);
	expect_both(t, 1);
	/* Changing them through one of the ops that share them changes the same filters. */
	KT_EXPECT_EQ(t, ftrace_set_filter(&two.ops, "kt_glob_*", 9, 1), 0);
	expect_both(t, 111);
	KT_EXPECT_EQ(t, file_count(T "set_ftrace_filter", "kt_glob_"), 3);
	KT_EXPECT_EQ(t, notrace_filter("kt_glob_beta", 0), 0);
	expect_both(t, 101);
	/* It has filters of its own again, which match everything. */
	KT_EXPECT(t, counter_stop(&one));
	KT_EXPECT_EQ(t, counter_globs(&one), 0);
	KT_EXPECT_EQ(t, counter_globs(&two), 101);
	KT_EXPECT_EQ(t, ftrace_set_filter(&one.ops, "kt_glob_beta", 12, 1), 0);
	KT_ASSERT(t, !counter_start(&one, NULL));
	KT_EXPECT_EQ(t, filter("kt_glob_gamma", 1), 0);
	KT_EXPECT_EQ(t, counter_globs(&one), 10);
	KT_EXPECT_EQ(t, counter_globs(&two), 1);
	stop_sharing(t);
}

KTEST(ftrace_global, the_tracer_moves_too)
{
	struct ftrace_site_info info;

	KT_ASSERT(t, !start_sharing("kt_glob_alpha"));
	KT_EXPECT_EQ(t, file_write(T "current_tracer", "function", 0), 0);
	KT_ASSERT(t, probe_site_info((unsigned long)kt_glob_alpha, &info));
	KT_EXPECT_EQ(t, info.nr_ops, 3);
	KT_EXPECT_EQ(t, ftrace_set_filter(&one.ops, "kt_glob_beta", 12, 1), 0);
	KT_EXPECT(t, probe_site_is_nop((unsigned long)kt_glob_alpha));
	KT_ASSERT(t, probe_site_info((unsigned long)kt_glob_beta, &info));
	KT_EXPECT_EQ(t, info.nr_ops, 3);
	KT_EXPECT_EQ(t, file_write(T "current_tracer", "nop", 0), 0);
	KT_ASSERT(t, probe_site_info((unsigned long)kt_glob_beta, &info));
	KT_EXPECT_EQ(t, info.nr_ops, 2);
	expect_both(t, 10);
	stop_sharing(t);
	KT_EXPECT(t, probe_site_is_nop((unsigned long)kt_glob_beta));
}

/* An ops that has filters keeps them, and one that shares filters cannot be a direct call. */
KTEST(ftrace_global, refusals)
{
	struct ftrace_ops direct = { .flags = 0 };

	KT_EXPECT_EQ(t, filter("kt_glob_alpha", 1), 0);
	KT_ASSERT(t, !counter_start(&other, "kt_glob_beta"));
	ftrace_ops_set_global_filter(&other.ops);
	KT_EXPECT_EQ(t, filter("kt_glob_gamma", 1), 0);
	KT_EXPECT_EQ(t, counter_globs(&other), 10);
	KT_EXPECT(t, counter_stop(&other));
	ftrace_ops_set_global_filter(&direct);
	KT_EXPECT_EQ(t, register_ftrace_direct(&direct, PROBE_A),
		     FTRACE_HAVE_ARGS ? -EINVAL : -EOPNOTSUPP);
	KT_EXPECT(t, probe_site_is_nop((unsigned long)kt_glob_gamma));
	ftrace_free_filter(&direct);
	KT_EXPECT(t, file_is(T "set_ftrace_filter", "kt_glob_gamma\n"));
	KT_EXPECT_EQ(t, ftrace_set_global_filter(NULL, 0, 1), 0);
}

/* If one of them may not have a filter, none gets it. */
KTEST(ftrace_global, ipmodify_among_them)
{
	KT_NEED_ARGS(t);
	one.ops.flags = other.ops.flags = FTRACE_OPS_FL_IPMODIFY;
	KT_ASSERT(t, !start_sharing("kt_glob_alpha"));
	KT_EXPECT_EQ(t, ftrace_set_global_filter(NULL, 0, 1), -EINVAL);
	KT_EXPECT_EQ(t, notrace_filter("kt_glob_alpha", 0), -EINVAL);
	KT_ASSERT(t, !counter_start(&other, "kt_glob_gamma"));
	KT_EXPECT_EQ(t, filter("kt_glob_gamma", 0), -EBUSY);
	KT_EXPECT_EQ(t, filter("kt_glob_*", 1), -EBUSY);
	expect_both(t, 100);
	KT_EXPECT(t, file_is(T "set_ftrace_filter", "kt_glob_alpha\n"));
	KT_EXPECT_EQ(t, filter("kt_glob_beta", 0), 0);
	expect_both(t, 110);
	KT_EXPECT(t, counter_stop(&other));
	stop_sharing(t);
	one.ops.flags = other.ops.flags = 0;
}
