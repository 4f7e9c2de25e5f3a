/* SPDX-License-Identifier: MIT */
/*
 * Every failure once. For each operation the allocations are counted, and then it is done once for
 * each of them, with this one failing and those after it succeeding. What remains then is what was
 * there before, to the bit: text, records, sets, filters, files, and memory. An operation that can
 * do without the memory may succeed; then it is undone, and nothing may remain either. The suites
 * `ftrace`, `explore` and others try the case in which no later allocation succeeds either, as when
 * memory has really run out (mm_fail_after()).
 *
 * This file has the procedure, and the operations of ops, filters and direct calls. Those of
 * tracefs are in failures_tracefs.c, and those of modules, threads and files in failures_kernel.c.
 */
#include "kernel/lib/errno.h"
#include "kernel/mm/mm.h"
#include "tests/guest/ktest/counter.h"
#include "tests/guest/ktest/failures.h"
#include "tests/guest/ktest/probe.h"
#include "tests/guest/ktest/targets.h"
#include "trace/core/hash.h"

/* Is the state @before, except for what undoing may change? @before becomes the present state. */
static bool same_state(struct ktest *t, const struct operation *op, int n,
		       struct kernel_state *before, bool undone)
{
	struct kernel_state now = failures_look();
	const char *what = failures_difference(before, &now, undone);

	if (what)
		ktest_fail(t, __FILE__, __LINE__, "%s, failure %d: %s changed (objects %ld, pages "
			   "%ld, mapped %ld, sets %d)", op->name, n, what,
			   (long)(now.objects - before->objects), (long)(now.pages - before->pages),
			   (long)(now.vmap_pages - before->vmap_pages),
			   (int)(now.sets - before->sets));
	*before = now;
	return !what;
}

#define MANY 100000
#define MAX_FAILURES 60		/* of one operation; of more, those at both ends and some between */

static int undo(struct ktest *t, const struct operation *op)
{
	int err = op->undo ? op->undo() : 0;

	if (err)
		ktest_fail(t, __FILE__, __LINE__, "%s: cannot be undone: %d", op->name, err);
	return err;
}

/* Returns how many allocations the operation makes; -1 if it fails. */
static int count_allocations(struct ktest *t, const struct operation *op)
{
	int err, left;

	mm_fail_once(MANY);
	err = op->act();
	left = mm_fail_left();
	mm_fail_after(-1);
	if (!err)
		return undo(t, op) ? -1 : MANY - left;
	ktest_fail(t, __FILE__, __LINE__, "%s: error %d without any failure", op->name, err);
	return -1;
}

/* Makes allocation @n fail. Returns false if something is wrong, which is reported. */
static bool fail_one(struct ktest *t, const struct operation *op, int n,
		     struct kernel_state *before, unsigned int *tolerated)
{
	bool struck;
	int err;

	mm_fail_once(n);
	err = op->act();
	struck = mm_fail_left() < 0;
	mm_fail_after(-1);
	if (err && err != -ENOMEM) {
		ktest_fail(t, __FILE__, __LINE__, "%s, failure %d: error %d", op->name, n, err);
		return false;
	}
	if (!err && undo(t, op))
		return false;
	*tolerated += !err && struck;
	return same_state(t, op, n, before, !err);
}

static int next_failure(int n, int nr)
{
	bool at_an_end = nr <= MAX_FAILURES || n < MAX_FAILURES / 3 || n >= nr - MAX_FAILURES / 3;

	return n + (at_an_end ? 1 : max(1, nr / (MAX_FAILURES / 3)));
}

void fail_each(struct ktest *t, const struct operation *op, unsigned int *failures,
	       unsigned int *tolerated)
{
	struct kernel_state before;
	int nr;

	/* The first time may leave things that stay: caches, larger buffers, touched sites. */
	if (count_allocations(t, op) < 0)
		return;
	before = failures_look();
	nr = count_allocations(t, op);
	if (nr < 0 || !same_state(t, op, -1, &before, true))
		return;
	for (int n = 0; n < nr; n = next_failure(n, nr)) {
		if (!fail_one(t, op, n, &before, tolerated))
			return;
		++*failures;
	}
}

void fail_all(struct ktest *t, const struct operation *ops, unsigned int nr)
{
	unsigned int failures = 0, tolerated = 0;

	for (unsigned int i = 0; i < nr; i++)
		fail_each(t, &ops[i], &failures, &tolerated);
	ktest_note(t, "%u operations, %u failures, %u of them did no harm", nr, failures,
		   tolerated);
}

/* --- Callbacks and filters --- */

static struct counter c = COUNTER, beside = COUNTER;

static int do_register(void)
{
	return register_ftrace_function(&c.ops);
}

static int do_unregister(void)
{
	return unregister_ftrace_function(&c.ops);
}

static int filter_some(void)
{
	return ftrace_set_filter(&c.ops, "kt_glob_*", 9, 1);
}

static int filter_more(void)
{
	return ftrace_set_filter(&c.ops, "kt_*", 4, 0);
}

static int filter_all(void)
{
	return ftrace_set_filter(&c.ops, NULL, 0, 1);
}

static int filter_address(void)
{
	return ftrace_set_filter_ip(&c.ops, (unsigned long)kt_sum, 0, 0);
}

static int filter_addresses(void)
{
	unsigned long ips[] = { (unsigned long)kt_sum, (unsigned long)kt_many };

	return ftrace_set_filter_ips(&c.ops, ips, ARRAY_SIZE(ips), 0, 0);
}

static int notrace_some(void)
{
	return ftrace_set_notrace(&c.ops, "*_beta", 6, 1);
}

static int notrace_none(void)
{
	return ftrace_set_notrace(&c.ops, NULL, 0, 1);
}

static int filter_waiting(void)
{
	return ftrace_set_filter(&c.ops, "*:mod:no_such_module", 20, 0);
}

static void registering(struct ktest *t)
{
	static const struct operation not_registered[] = {
		{ "register", do_register, do_unregister },
		{ "filter of what is not registered", filter_more, filter_some },
	};
	static const struct operation registered[] = {
		{ "unregister", do_unregister, do_register },
		{ "filter", filter_more, filter_some },
		{ "filter for all", filter_all, filter_some },
		{ "filter by address", filter_address, filter_some },
		{ "filter by addresses", filter_addresses, filter_some },
		{ "filter that waits", filter_waiting, filter_some },
		{ "notrace", notrace_some, notrace_none },
	};

	KT_ASSERT(t, !filter_some());
	FAIL_ALL(t, not_registered);
	KT_ASSERT(t, !do_register());
	FAIL_ALL(t, registered);
	KT_EXPECT(t, counter_stop(&c));
}

KTEST(failures, register_and_filter)
{
	registering(t);
}

KTEST(failures, register_and_filter_beside_another)
{
	KT_ASSERT(t, !counter_start(&beside, "kt_*"));
	registering(t);
	KT_EXPECT(t, counter_stop(&beside));
}

/* --- Direct calls --- */

static struct ftrace_ops by_hash;
static struct ftrace_hash *hash_a, *hash_b;

static int do_direct(void)
{
	return register_ftrace_direct(&probe_direct_ops, PROBE_A);
}

static int do_undirect(void)
{
	return unregister_ftrace_direct(&probe_direct_ops, PROBE_A, false);
}

static int modify_to_b(void)
{
	return modify_ftrace_direct(&probe_direct_ops, PROBE_B);
}

static int modify_to_a(void)
{
	return modify_ftrace_direct(&probe_direct_ops, PROBE_A);
}

static int add_hash(void)
{
	return update_ftrace_direct_add(&by_hash, hash_a);
}

static int del_hash(void)
{
	return update_ftrace_direct_del(&by_hash, hash_a);
}

static int mod_hash_to_b(void)
{
	return update_ftrace_direct_mod(&by_hash, hash_b, true);
}

static int mod_hash_to_a(void)
{
	return update_ftrace_direct_mod(&by_hash, hash_a, true);
}

static struct ftrace_hash *make_hash(unsigned long direct)
{
	struct ftrace_hash *hash = ftrace_hash_copy(NULL);

	if (hash && !ftrace_hash_add_direct(hash, ftrace_location((unsigned long)kt_sum), direct))
		return hash;
	ftrace_hash_free(hash);
	return NULL;
}

static void direct_calls(struct ktest *t)
{
	static const struct operation apart[] = { { "direct", do_direct, do_undirect } };
	static const struct operation attached[] = {
		{ "direct taken away", do_undirect, do_direct },
		{ "direct modified", modify_to_b, modify_to_a },
	};

	KT_ASSERT(t, !ftrace_set_filter_ip(&probe_direct_ops, (unsigned long)probe_target, 0, 1));
	FAIL_ALL(t, apart);
	KT_ASSERT(t, !do_direct());
	FAIL_ALL(t, attached);
	KT_EXPECT_EQ(t, do_undirect(), 0);
}

static void direct_hashes(struct ktest *t)
{
	static const struct operation apart[] = { { "hash added", add_hash, del_hash } };
	static const struct operation attached[] = {
		{ "hash taken away", del_hash, add_hash },
		{ "hash modified", mod_hash_to_b, mod_hash_to_a },
	};

	hash_a = make_hash(PROBE_A);
	hash_b = make_hash(PROBE_B);
	KT_ASSERT(t, hash_a && hash_b);
	FAIL_ALL(t, apart);
	KT_ASSERT(t, !add_hash());
	FAIL_ALL(t, attached);
	KT_EXPECT_EQ(t, del_hash(), 0);
	ftrace_hash_free(hash_a);
	ftrace_hash_free(hash_b);
}

KTEST(failures, direct_calls)
{
	KT_NEED_ARGS(t);
	direct_calls(t);
	direct_hashes(t);
}

KTEST(failures, direct_calls_beside_another)
{
	KT_NEED_ARGS(t);
	KT_ASSERT(t, !ftrace_set_filter_ip(&beside.ops, (unsigned long)probe_target, 0, 1));
	KT_ASSERT(t, !ftrace_set_filter_ip(&beside.ops, (unsigned long)kt_sum, 0, 0));
	KT_ASSERT(t, !register_ftrace_function(&beside.ops));
	direct_calls(t);
	direct_hashes(t);
	KT_EXPECT(t, counter_stop(&beside));
}
