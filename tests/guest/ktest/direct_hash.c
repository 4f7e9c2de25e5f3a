/* SPDX-License-Identifier: MIT */
/*
 * Many direct functions on one ops: update_ftrace_direct_add(), _del() and _mod(), alone, beside
 * callbacks, beside other direct ops, and with every allocation and every write failing.
 */
#include "kernel/lib/errno.h"
#include "kernel/lib/string.h"
#include "kernel/mm/mm.h"
#include "tests/guest/ktest/counter.h"
#include "tests/guest/ktest/probe.h"
#include "tests/guest/ktest/targets.h"
#include "trace/core/patch_fault.h"

static struct ftrace_ops one, two;
static struct counter c = COUNTER;

#define SUM ((unsigned long)kt_sum)
#define DIFFERENCE ((unsigned long)kt_difference)
#define MANY ((unsigned long)kt_many)

/* Returns a hash of up to three functions, each with a direct function; 0 ends them. */
static struct ftrace_hash *make(struct ktest *t, unsigned long f1, unsigned long d1,
				unsigned long f2, unsigned long d2)
{
	struct ftrace_hash *hash = ftrace_hash_copy(NULL);

	if (!KT_EXPECT(t, hash))
		return NULL;
	if (f1)
		KT_EXPECT_EQ(t, ftrace_hash_add_direct(hash, f1, d1), 0);
	if (f2)
		KT_EXPECT_EQ(t, ftrace_hash_add_direct(hash, f2, d2), 0);
	return hash;
}

enum change { ADD, DEL, MOD };

static int change(struct ktest *t, struct ftrace_ops *ops, enum change what, unsigned long f1,
		  unsigned long d1, unsigned long f2, unsigned long d2)
{
	struct ftrace_hash *hash = make(t, f1, d1, f2, d2);
	int err;

	if (what == ADD)
		err = update_ftrace_direct_add(ops, hash);
	else if (what == DEL)
		err = update_ftrace_direct_del(ops, hash);
	else
		err = update_ftrace_direct_mod(ops, hash, true);
	ftrace_hash_free(hash);
	return err;
}

static unsigned long last_direct(void)
{
	return probe_nr_events ? probe_events[probe_nr_events - 1].direct : 0;
}

/*
 * Call each of the three functions. Exactly the expected direct function must run at each, and the
 * callback must be called @callbacks times in all.
 */
static void check(struct ktest *t, unsigned long sum, unsigned long difference, unsigned long many,
		  unsigned int callbacks)
{
	c.hits = probe_nr_events = 0;
	KT_EXPECT_EQ(t, kt_sum(40, 2), 42);
	KT_EXPECT_EQ(t, last_direct(), sum);
	KT_EXPECT_EQ(t, probe_nr_events, sum != 0);
	probe_nr_events = 0;
	KT_EXPECT_EQ(t, kt_difference(40, 2), 38);
	KT_EXPECT_EQ(t, last_direct(), difference);
	KT_EXPECT_EQ(t, probe_nr_events, difference != 0);
	probe_nr_events = 0;
	KT_EXPECT_EQ(t, kt_many(1, 2, 3, 4, 5, 6, 7, 8, 9, 10), 385);
	KT_EXPECT_EQ(t, last_direct(), many);
	KT_EXPECT_EQ(t, probe_nr_events, many != 0);
	KT_EXPECT_EQ(t, c.hits, callbacks);
	KT_EXPECT_EQ(t, ftrace_find_rec_direct(SUM), sum);
	KT_EXPECT_EQ(t, ftrace_find_rec_direct(DIFFERENCE), difference);
	KT_EXPECT_EQ(t, ftrace_find_rec_direct(MANY), many);
}

static bool is_untouched(struct ktest *t, const struct ftrace_ops *ops)
{
	return KT_EXPECT(t, !ops->local_hash.filter_hash && !ops->direct_call) &&
	       KT_EXPECT_EQ(t, ops->flags & (FTRACE_OPS_FL_ENABLED | FTRACE_OPS_FL_DIRECT), 0);
}

KTEST(direct, two_addresses_on_one_ops)
{
	KT_NEED_ARGS(t);
	KT_EXPECT_EQ(t, change(t, &one, ADD, SUM, PROBE_A, DIFFERENCE, PROBE_B), 0);
	check(t, PROBE_A, PROBE_B, 0, 0);
	KT_EXPECT_EQ(t, change(t, &one, ADD, MANY, PROBE_A, 0, 0), 0);
	check(t, PROBE_A, PROBE_B, PROBE_A, 0);
	KT_EXPECT_EQ(t, change(t, &one, MOD, MANY, PROBE_B, SUM, PROBE_B), 0);
	check(t, PROBE_B, PROBE_B, PROBE_B, 0);
	KT_EXPECT_EQ(t, change(t, &one, MOD, DIFFERENCE, PROBE_A, SUM, PROBE_B), 0);
	check(t, PROBE_B, PROBE_A, PROBE_B, 0);
	KT_EXPECT_EQ(t, change(t, &one, DEL, DIFFERENCE, PROBE_A, MANY, PROBE_B), 0);
	check(t, PROBE_B, 0, 0, 0);
	KT_EXPECT(t, probe_site_is_nop(DIFFERENCE));
	KT_EXPECT_EQ(t, change(t, &one, DEL, SUM, PROBE_B, 0, 0), 0);
	check(t, 0, 0, 0, 0);
	KT_EXPECT(t, probe_site_is_nop(SUM) && is_untouched(t, &one));
}

/* The same again, while callbacks come and go and another direct ops has a function. */
KTEST(direct, addresses_beside_callbacks)
{
	static const unsigned int flags[] = { 0, FTRACE_OPS_FL_SAVE_REGS_IF_SUPPORTED };
	unsigned int i;

	KT_NEED_ARGS(t);
	for (i = 0; i < ARRAY_SIZE(flags); i++) {
		c.ops.flags = flags[i];
		KT_EXPECT_EQ(t, change(t, &two, ADD, MANY, PROBE_B, 0, 0), 0);
		KT_ASSERT(t, !counter_start(&c, "kt_sum"));
		KT_EXPECT_EQ(t, change(t, &one, ADD, SUM, PROBE_A, DIFFERENCE, PROBE_B), 0);
		check(t, PROBE_A, PROBE_B, PROBE_B, 1);
		KT_EXPECT_EQ(t, ftrace_set_filter(&c.ops, "kt_difference", 13, 0), 0);
		check(t, PROBE_A, PROBE_B, PROBE_B, 2);
		KT_EXPECT_EQ(t, change(t, &one, MOD, SUM, PROBE_B, DIFFERENCE, PROBE_A), 0);
		check(t, PROBE_B, PROBE_A, PROBE_B, 2);
		KT_EXPECT_EQ(t, change(t, &one, DEL, SUM, PROBE_B, 0, 0), 0);
		check(t, 0, PROBE_A, PROBE_B, 2);
		KT_EXPECT_EQ(t, change(t, &two, ADD, SUM, PROBE_A, 0, 0), 0);
		check(t, PROBE_A, PROBE_A, PROBE_B, 2);
		KT_EXPECT(t, counter_stop(&c));
		check(t, PROBE_A, PROBE_A, PROBE_B, 0);
		KT_EXPECT_EQ(t, change(t, &one, DEL, DIFFERENCE, PROBE_A, 0, 0), 0);
		KT_EXPECT_EQ(t, change(t, &two, DEL, SUM, PROBE_A, MANY, PROBE_B), 0);
		check(t, 0, 0, 0, 0);
	}
	c.ops.flags = 0;
}

/* An ops with one address for all, and functions on it that have their own. */
KTEST(direct, own_addresses_and_a_common_one)
{
	KT_NEED_ARGS(t);
	KT_EXPECT_EQ(t, ftrace_set_filter_ip(&one, SUM, 0, 1), 0);
	KT_EXPECT_EQ(t, register_ftrace_direct(&one, PROBE_A), 0);
	KT_EXPECT_EQ(t, change(t, &one, ADD, DIFFERENCE, PROBE_A, 0, 0), 0);
	check(t, PROBE_A, PROBE_A, 0, 0);
	KT_EXPECT_EQ(t, modify_ftrace_direct(&one, PROBE_B), 0);
	check(t, PROBE_B, PROBE_A, 0, 0);
	KT_EXPECT_EQ(t, change(t, &one, DEL, SUM, PROBE_A, 0, 0), -EINVAL);	/* B now */
	KT_EXPECT_EQ(t, unregister_ftrace_direct(&one, PROBE_B, false), 0);
	check(t, 0, 0, 0, 0);
	/* Addresses of single functions do not stay after unregistering; filters do. */
	KT_EXPECT_EQ(t, register_ftrace_direct(&one, PROBE_B), 0);
	check(t, PROBE_B, PROBE_B, 0, 0);
	KT_EXPECT_EQ(t, unregister_ftrace_direct(&one, PROBE_B, true), 0);
	check(t, 0, 0, 0, 0);
}

KTEST(direct, refused_hashes)
{
	struct ftrace_ops with_func = { .func = counter_callback };

	KT_NEED_ARGS(t);
	KT_EXPECT_EQ(t, change(t, &one, ADD, 0, 0, 0, 0), -EINVAL);		/* empty */
	KT_EXPECT_EQ(t, change(t, &one, ADD, SUM, 0, 0, 0), -EINVAL);		/* no address */
	KT_EXPECT_EQ(t, change(t, &one, ADD, SUM + 1, PROBE_A, 0, 0), -EINVAL);	/* no site */
	KT_EXPECT_EQ(t, change(t, &one, ADD, SUM, PROBE_A, ftrace_location(SUM), PROBE_B),
		     SUM == ftrace_location(SUM) ? 0 : -EINVAL);		/* twice */
	if (SUM == ftrace_location(SUM))
		KT_EXPECT_EQ(t, change(t, &one, DEL, SUM, PROBE_B, 0, 0), 0);
	KT_EXPECT_EQ(t, change(t, &with_func, ADD, SUM, PROBE_A, 0, 0), -EINVAL);
	KT_EXPECT_EQ(t, change(t, &one, DEL, SUM, PROBE_A, 0, 0), -EINVAL);
	KT_EXPECT_EQ(t, change(t, &one, MOD, SUM, PROBE_A, 0, 0), -EINVAL);
	KT_EXPECT(t, is_untouched(t, &one));
	KT_EXPECT_EQ(t, change(t, &one, ADD, SUM, PROBE_A, 0, 0), 0);
	KT_EXPECT_EQ(t, change(t, &one, ADD, MANY, PROBE_A, SUM, PROBE_B),
		     -EINVAL);		/* is direct */
	KT_EXPECT_EQ(t, change(t, &two, ADD, MANY, PROBE_A, SUM, PROBE_B), -EINVAL);
	KT_EXPECT_EQ(t, change(t, &one, MOD, SUM, PROBE_B, MANY, PROBE_B),
		     -EINVAL);		/* not its own */
	KT_EXPECT_EQ(t, change(t, &one, MOD, SUM, 0, 0, 0), -EINVAL);
	KT_EXPECT_EQ(t, change(t, &one, DEL, SUM, PROBE_B, 0, 0), -EINVAL);	/* it is A */
	KT_EXPECT_EQ(t, change(t, &two, DEL, SUM, PROBE_A, 0, 0), -EINVAL);
	KT_EXPECT_EQ(t, change(t, &one, DEL, 0, 0, 0, 0), -EINVAL);
	KT_EXPECT_EQ(t, change(t, &one, MOD, 0, 0, 0, 0), -EINVAL);
	KT_EXPECT_EQ(t, modify_ftrace_direct(&one, PROBE_B), -EINVAL);	/* has none for all */
	KT_EXPECT_EQ(t, unregister_ftrace_direct(&one, 0, false), -EINVAL);
	KT_EXPECT_EQ(t, unregister_ftrace_function(&one), -EBUSY);
	KT_EXPECT_EQ(t, ftrace_set_filter_ip(&one, MANY, 0, 0), -EBUSY);
	check(t, PROBE_A, 0, 0, 0);
	KT_EXPECT_EQ(t, change(t, &one, DEL, SUM, PROBE_A, 0, 0), 0);
	KT_EXPECT(t, is_untouched(t, &one) && is_untouched(t, &two));
}

/* Make the n-th allocation or write fail, for every n, until the change succeeds. */
static void each_fault(struct ktest *t, void (*fail_after)(int), enum change what,
		       struct ftrace_hash *hash, unsigned long sum, unsigned long difference)
{
	unsigned long sum_before = ftrace_find_rec_direct(SUM);
	unsigned long difference_before = ftrace_find_rec_direct(DIFFERENCE);
	int n, err = -EIO;

	for (n = 0; n < 200 && err; n++) {
		fail_after(n);
		err = what == ADD ? update_ftrace_direct_add(&one, hash) :
		      what == DEL ? update_ftrace_direct_del(&one, hash) :
		      update_ftrace_direct_mod(&one, hash, true);
		fail_after(-1);
		if (err)
			check(t, sum_before, difference_before, 0, 1);
	}
	KT_EXPECT(t, !err && n > 1);
	check(t, sum, difference, 0, 1);
}

KTEST(direct, each_fault_with_hashes)
{
	static void (*const faults[])(int) = { mm_fail_after, ftrace_patch_fail_after };
	struct ftrace_hash *ab = make(t, SUM, PROBE_A, DIFFERENCE, PROBE_B);
	struct ftrace_hash *ba = make(t, SUM, PROBE_B, DIFFERENCE, PROBE_A);
	struct ftrace_hash *b = make(t, SUM, PROBE_B, 0, 0);
	struct ftrace_hash *a = make(t, DIFFERENCE, PROBE_A, 0, 0);
	unsigned int i;

	KT_NEED_ARGS(t);
	KT_ASSERT(t, !counter_start(&c, "kt_sum"));
	for (i = 0; i < ARRAY_SIZE(faults); i++) {
		each_fault(t, faults[i], ADD, ab, PROBE_A, PROBE_B);
		each_fault(t, faults[i], MOD, ba, PROBE_B, PROBE_A);
		each_fault(t, faults[i], DEL, b, 0, PROBE_A);
		each_fault(t, faults[i], DEL, a, 0, 0);
		KT_EXPECT(t, is_untouched(t, &one));
	}
	KT_EXPECT(t, counter_stop(&c));
	ftrace_hash_free(a);
	ftrace_hash_free(b);
	ftrace_hash_free(ab);
	ftrace_hash_free(ba);
}
