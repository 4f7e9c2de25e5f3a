/* SPDX-License-Identifier: MIT */
/*
 * What sets cost. Attaching everything to all sites makes only a few objects. A crowd of ops on
 * random halves of the sites, where hardly two sites have the same set, works too, or is refused
 * for lack of memory with nothing changed.
 */
#include "kernel/lib/errno.h"
#include "kernel/lib/string.h"
#include "kernel/mm/mm.h"
#include "tests/count_sets.h"
#include "tests/guest/ktest/counter.h"
#include "tests/guest/ktest/probe.h"
#include "tests/guest/ktest/targets.h"
#include "trace/core/set.h"
#include "trace/core/site_info.h"

static struct counter c = COUNTER, other = COUNTER, half = COUNTER;

static unsigned int used_sets(void)
{
	unsigned int total, unused;

	count_sets(&total, &unused);
	return total - unused;
}

KTEST(ftrace_crowd, all_sites_are_a_handful_of_sets)
{
	unsigned int before = used_sets();

	KT_NEED_ARGS(t);
	KT_ASSERT(t, !counter_start(&c, NULL));
	KT_EXPECT_EQ(t, used_sets(), before + 1);
	KT_ASSERT(t, !counter_start(&other, NULL));
	KT_EXPECT_EQ(t, used_sets(), before + 1);
	KT_ASSERT(t, !counter_start(&half, "*e*"));
	KT_EXPECT_EQ(t, used_sets(), before + 2);
	KT_EXPECT_EQ(t, ftrace_set_filter(&half.ops, "*a*", 3, 1), 0);
	KT_EXPECT_EQ(t, used_sets(), before + 2);
	KT_EXPECT_EQ(t, ftrace_set_notrace(&c.ops, "*i*", 3, 0), 0);
	KT_EXPECT_EQ(t, used_sets(), before + 4);
	KT_EXPECT_EQ(t, ftrace_set_filter_ip(&probe_direct_ops, (unsigned long)kt_sum, 0, 1), 0);
	KT_EXPECT_EQ(t, register_ftrace_direct(&probe_direct_ops, PROBE_A), 0);
	KT_EXPECT_EQ(t, used_sets(), before + 5);
	KT_EXPECT(t, counter_stop(&other));
	KT_EXPECT(t, counter_stop(&c));
	KT_EXPECT(t, counter_stop(&half));
	KT_EXPECT_EQ(t, used_sets(), before + 1);
	KT_EXPECT_EQ(t, unregister_ftrace_direct(&probe_direct_ops, PROBE_A, true), 0);
	KT_EXPECT_EQ(t, used_sets(), before);
}

#define CROWD 50u

struct crowd {
	u32 seed;
	struct ftrace_ops *members;
	bool on_sum[CROWD];		/* is kt_sum() in this one's half? */
	unsigned int hits[CROWD];	/* its calls by this thread */
	unsigned long *ips;
	unsigned int refused;
};
static struct crowd crowd;
static unsigned long sum_site;

/* The members are attached to many functions that other threads, interrupts and CPUs call. */
static void crowd_callback(unsigned long ip, unsigned long parent_ip, struct ftrace_ops *op,
			   struct ftrace_regs *fregs)
{
	if (ip == sum_site)
		crowd.hits[op - crowd.members]++;
}

static u32 random(void)
{
	crowd.seed = crowd.seed * 1664525 + 1013904223;
	return crowd.seed >> 16;
}

static void free_crowd(void)
{
	kfree(crowd.members);
	kfree(crowd.ips);
}

static bool make_crowd(struct ktest *t)
{
	memset(&crowd, 0, sizeof(crowd));
	sum_site = ftrace_location((unsigned long)kt_sum);
	crowd.members = kcalloc(CROWD, sizeof(*crowd.members), GFP_KERNEL);
	crowd.ips = kcalloc(ftrace_nr_sites(), sizeof(*crowd.ips), GFP_KERNEL);
	return KT_EXPECT(t, crowd.members && crowd.ips);
}

static int set_random_half(unsigned int n)
{
	struct ftrace_site_info info;
	unsigned int i, nr = 0;

	for (i = 0; ftrace_site_info(i, &info); i++) {
		if (random() & 1)
			continue;
		crowd.ips[nr++] = info.ip;
		crowd.on_sum[n] |= info.ip == sum_site;
	}
	return ftrace_set_filter_ips(&crowd.members[n], crowd.ips, nr, 0, 1);
}

/*
 * Does kt_sum() call each of the first @nr members once, if it should, and no others? The record
 * must say the same.
 */
static bool check_crowd(struct ktest *t, unsigned int nr)
{
	struct ftrace_site_info info;
	unsigned int n, expected = 0;

	memset(crowd.hits, 0, sizeof(crowd.hits));
	if (!KT_EXPECT_EQ(t, kt_sum(40, 2), 42))
		return false;
	for (n = 0; n < nr; n++) {
		bool attached = crowd.members[n].flags & FTRACE_OPS_FL_ENABLED && crowd.on_sum[n];

		expected += attached;
		if (crowd.hits[n] != attached) {
			ktest_fail(t, __FILE__, __LINE__, "member %u of %u: %u calls", n, nr,
				   crowd.hits[n]);
			return false;
		}
	}
	return KT_EXPECT(t, probe_site_info((unsigned long)kt_sum, &info)) &&
	       KT_EXPECT_EQ(t, info.nr_ops, expected);
}

/* First with memory that runs out somewhere on the way. */
static bool join(struct ktest *t, unsigned int n)
{
	struct ftrace_ops *ops = &crowd.members[n];
	int err;

	ops->func = crowd_callback;
	if (!KT_EXPECT_EQ(t, set_random_half(n), 0))
		return false;
	mm_fail_after((int)(random() % 256));
	err = register_ftrace_function(ops);
	mm_fail_after(-1);
	if (err) {
		crowd.refused++;
		if (!KT_EXPECT_EQ(t, err, -ENOMEM) ||
		    !KT_EXPECT(t, !(ops->flags & FTRACE_OPS_FL_ENABLED)) ||
		    !check_crowd(t, n + 1))
			return false;
		err = register_ftrace_function(ops);
	}
	return KT_EXPECT_EQ(t, err, 0) && (n % 8 || check_crowd(t, n + 1));
}

KTEST(ftrace_crowd, fifty_ops_on_random_halves)
{
	unsigned int n, before = used_sets(), joined = 0, most;

	if (make_crowd(t)) {
		while (joined < CROWD && join(t, joined))
			joined++;
		most = used_sets();
		KT_EXPECT(t, check_crowd(t, joined));
		KT_EXPECT(t, most > ftrace_nr_sites() / 2);
		KT_EXPECT(t, crowd.refused > 0);
		/* Every third is removed first, so that what stays has gaps. */
		for (n = 0; n < CROWD; n++) {
			struct ftrace_ops *ops = &crowd.members[n * 3 % CROWD];

			if (ops->flags & FTRACE_OPS_FL_ENABLED)
				KT_EXPECT_EQ(t, unregister_ftrace_function(ops), 0);
			ftrace_free_filter(ops);
			if (n % 8 == 0)
				KT_EXPECT(t, check_crowd(t, joined));
		}
		KT_EXPECT(t, probe_site_is_nop((unsigned long)kt_sum));
		KT_EXPECT_EQ(t, used_sets(), before);
	}
	free_crowd();
}
