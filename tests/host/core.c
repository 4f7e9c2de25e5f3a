/* SPDX-License-Identifier: MIT */
/*
 * The tracer's core on the simulated architecture, case by case: what needs no model of what is
 * attached. The rest is tested by sequences of calls with the reference: tests/host/model.
 */
#include "kernel/lib/errno.h"
#include "kernel/trace_hooks.h"
#include "tests/count_sets.h"
#include "tests/host/sim_arch.h"
#include "tests/host/tap.h"
#include "trace/core/hash.h"
#include "trace/core/set.h"
#include "trace/core/site_info.h"

enum { IPMODIFY = 2, NR_OPS };

static struct ftrace_ops ops[NR_OPS];

/* Start with nothing attached. */
static void reset_tracer(void)
{
	memset(ops, 0, sizeof(ops));
	for (unsigned int i = 0; i < NR_OPS; i++)
		ops[i].func = sim_callback;
	ops[1].flags = FTRACE_OPS_FL_RECURSION;
	ops[IPMODIFY].flags = FTRACE_OPS_FL_IPMODIFY;
	sim_after_write = NULL;
	sim_thread_inside = false;
	sim_reset();
}

static int filter(unsigned int i, const char *glob, int reset)
{
	return ftrace_set_filter(&ops[i], glob, (int)strlen(glob), reset);
}

TEST(every_site_begins_as_a_nop)
{
	reset_tracer();
	EXPECT_EQ(ftrace_nr_sites(), SIM_SITES);
	for (unsigned int site = 0; site < SIM_SITES; site++)
		EXPECT(sim_is_nop(site));
	EXPECT_EQ(ftrace_location(sim_ip(3)), sim_ip(3));
	EXPECT_EQ(ftrace_location(sim_ip(3) - 8), sim_ip(3));
	EXPECT_EQ(ftrace_location(sim_ip(3) + 8), 0);
	EXPECT_EQ(ftrace_location(0), 0);
	EXPECT_EQ(ftrace_location(~0ul), 0);
}

TEST(a_site_with_strange_bytes_is_left_out)
{
	reset_tracer();
	*sim_insn(5) = 0x1122334455667788;
	EXPECT_EQ(register_ftrace_function(&ops[0]), -EINVAL);
	EXPECT(sim_is_nop(0) && sim_is_nop(SIM_SITES - 1));
	EXPECT(!(ops[0].flags & FTRACE_OPS_FL_ENABLED));
	EXPECT_EQ(*sim_insn(5), 0x1122334455667788);
	/* Sites that it does not change cannot make it fail. */
	EXPECT_EQ(filter(0, "func_06", 1), 0);
	EXPECT_EQ(register_ftrace_function(&ops[0]), 0);
	EXPECT_EQ(unregister_ftrace_function(&ops[0]), 0);
	ftrace_free_filter(&ops[0]);
}

TEST(register_errors)
{
	struct ftrace_ops bad = { .func = NULL };

	reset_tracer();
	EXPECT_EQ(register_ftrace_function(&bad), -EINVAL);
	bad.func = sim_callback;
	bad.flags = FTRACE_OPS_FL_DELETED;
	EXPECT_EQ(register_ftrace_function(&bad), -EINVAL);
	bad.flags = FTRACE_OPS_FL_DIRECT;
	EXPECT_EQ(register_ftrace_function(&bad), -EINVAL);
	EXPECT_EQ(unregister_ftrace_function(&ops[0]), -EBUSY);
	EXPECT_EQ(register_ftrace_function(&ops[IPMODIFY]), -EINVAL);
	EXPECT_EQ(register_ftrace_function(&ops[0]), 0);
	EXPECT_EQ(register_ftrace_function(&ops[0]), -EBUSY);
	EXPECT_EQ(unregister_ftrace_function(&ops[0]), 0);
	EXPECT_EQ(unregister_ftrace_function(&ops[0]), -EBUSY);
}

TEST(filter_patterns)
{
	static const struct {
		const char *glob;
		int err;
		unsigned int count;
	} cases[] = {
		{ "func_07", 0, 1 }, { "func_0*", 0, 10 }, { "*_1?", 0, 10 }, { "*", 0, 64 },
		{ "nothing", -EINVAL, 0 }, { "func_6[0-2]", 0, 3 }, { "1", 0, 1 }, { "64", 0, 1 },
		{ "65", -EINVAL, 0 }, { "0", -EINVAL, 0 }, { "*:mod:mod", 0, 8 },
		{ ":mod:mod", 0, 8 },
		{ "func_5*:mod:mod", 0, 4 }, { "*:mod:!mod", 0, 56 }, { "*:mod:other", 0, 0 },
		{ "func_1*:mod:", -EINVAL, 0 }, { "*:mod:*", 0, 8 },
	};
	unsigned int i;

	reset_tracer();
	for (i = 0; i < ARRAY_SIZE(cases); i++) {
		ftrace_free_filter(&ops[0]);
		EXPECT_EQ(filter(0, cases[i].glob, 1), cases[i].err);
		if (ftrace_hash_count(ops[0].local_hash.filter_hash) != cases[i].count)
			tap_fail(__FILE__, __LINE__, "\"%s\" gives %u functions", cases[i].glob,
				 ftrace_hash_count(ops[0].local_hash.filter_hash));
	}
	EXPECT_EQ(filter(0, "func_0*", 1), 0);
	EXPECT_EQ(filter(0, "!func_03", 0), 0);
	EXPECT_EQ(ftrace_hash_count(ops[0].local_hash.filter_hash), 9);
	ftrace_free_filter(&ops[0]);
}

TEST(old_sets_wait_for_threads_inside)
{
	unsigned int total, unused;

	reset_tracer();
	EXPECT_EQ(register_ftrace_function(&ops[0]), 0);
	sim_thread_inside = true;
	EXPECT_EQ(register_ftrace_function(&ops[1]), 0);
	EXPECT_EQ(unregister_ftrace_function(&ops[0]), 0);
	count_sets(&total, &unused);
	EXPECT_EQ(total, 3);
	EXPECT_EQ(unused, 2);
	sim_thread_inside = false;
	EXPECT_EQ(unregister_ftrace_function(&ops[1]), 0);
	count_sets(&total, &unused);
	EXPECT_EQ(total, 0);
}

/* Any number of sets is found, whatever comes and goes, and indices are used again. */
TEST(many_sets_are_found_and_forgotten)
{
	static struct ftrace_ops crowd[600];
	unsigned int total, unused, round, i;

	reset_tracer();
	for (round = 0; round < 2; round++) {
		memset(crowd, 0, sizeof(crowd));
		/* Each one joins the ops on a site, which gets a new set, and the old set goes. */
		for (i = 0; i < ARRAY_SIZE(crowd); i++) {
			crowd[i].func = sim_callback;
			EXPECT_EQ(ftrace_set_filter_ip(&crowd[i], sim_ip(i % SIM_SITES), 0, 1), 0);
			EXPECT_EQ(register_ftrace_function(&crowd[i]), 0);
		}
		count_sets(&total, &unused);
		EXPECT_EQ(total, SIM_SITES);
		EXPECT_EQ(unused, 0);
		/* Sets that a thread is inside stay, so the table has to grow. */
		sim_thread_inside = true;
		for (i = 0; i < ARRAY_SIZE(crowd); i += 2)
			EXPECT_EQ(unregister_ftrace_function(&crowd[i]), 0);
		count_sets(&total, &unused);
		EXPECT_EQ(unused, ARRAY_SIZE(crowd) / 2);
		EXPECT_EQ(total - unused, SIM_SITES / 2);
		sim_thread_inside = false;
		for (i = 1; i < ARRAY_SIZE(crowd); i += 2)
			EXPECT_EQ(unregister_ftrace_function(&crowd[i]), 0);
		count_sets(&total, &unused);
		EXPECT_EQ(total, 0);
		for (i = 0; i < ARRAY_SIZE(crowd); i++)
			ftrace_free_filter(&crowd[i]);
	}
	/* There were at most 301 sets. */
	EXPECT_EQ(ftrace_nr_set_slots, 512);
}

TEST(a_set_that_is_there_is_found)
{
	const struct dyn_ftrace *first, *second;

	reset_tracer();
	EXPECT_EQ(filter(0, "func_1?", 1), 0);
	EXPECT_EQ(register_ftrace_function(&ops[0]), 0);
	EXPECT_EQ(filter(1, "func_12", 1), 0);
	EXPECT_EQ(register_ftrace_function(&ops[1]), 0);
	first = ftrace_find_record(sim_ip(12));
	second = ftrace_find_record(sim_ip(13));
	EXPECT(dyn_ftrace_set(first) != dyn_ftrace_set(second));
	EXPECT_EQ(unregister_ftrace_function(&ops[1]), 0);
	EXPECT(dyn_ftrace_set(first) == dyn_ftrace_set(second));
	EXPECT_EQ(unregister_ftrace_function(&ops[0]), 0);
	ftrace_free_filter(&ops[0]);
	ftrace_free_filter(&ops[1]);
}

/*
 * Tests both ways of collecting changes: with a list that is long compared with all sites, and with
 * one that is not.
 */
TEST(lists_of_every_length)
{
	unsigned int n, site;

	for (n = 1; n <= SIM_SITES; n++) {
		reset_tracer();
		for (site = 0; site < n; site++)
			EXPECT_EQ(ftrace_set_filter_ip(&ops[0], sim_ip(SIM_SITES - 1 - site), 0,
						       !site), 0);
		EXPECT_EQ(register_ftrace_function(&ops[0]), 0);
		for (site = 0; site < SIM_SITES; site++)
			EXPECT_EQ(sim_is_nop(site), site < SIM_SITES - n);
		/* Half of them leave, and others come. */
		EXPECT_EQ(filter(0, "func_[0-2]?", 1), 0);
		for (site = 0; site < SIM_SITES; site++)
			EXPECT_EQ(sim_is_nop(site), site >= 30);
		EXPECT_EQ(unregister_ftrace_function(&ops[0]), 0);
		ftrace_free_filter(&ops[0]);
	}
}

/*
 * The shorter of two lists is walked: the filter, or the sites that go. Here each of them is the
 * shorter one once.
 */
TEST(filters_forget_sites_that_go)
{
	static const struct {
		const char *glob;
		unsigned int end, left;
	} cases[] = {
		{ "func_0[5-7]", 6, 2 }, { "func_0*", 6, 9 }, { "*", 6, SIM_SITES - 1 },
		{ "func_0[5-7]", 56, 0 }, { "func_0*", 56, 5 }, { "*", 56, SIM_SITES - 51 },
	};

	for (unsigned int i = 0; i < ARRAY_SIZE(cases); i++) {
		const struct ftrace_ops_hash *filters = &ops[0].local_hash;

		reset_tracer();
		EXPECT_EQ(filter(0, cases[i].glob, 1), 0);
		EXPECT_EQ(ftrace_set_notrace(&ops[0], "func_0[46]", 10, 1), 0);
		EXPECT_EQ(register_ftrace_function(&ops[0]), 0);
		/* The memory that is freed begins with site 5. */
		ftrace_free_mem(sim_ip(5), sim_ip(cases[i].end));
		EXPECT_EQ(ftrace_hash_count(filters->filter_hash), cases[i].left);
		EXPECT_EQ(ftrace_hash_count(filters->notrace_hash), cases[i].end == 6 ? 2 : 1);
		EXPECT(filters->filter_hash->emptied);
		EXPECT(!filters->notrace_hash->emptied);
		EXPECT_EQ(ftrace_nr_sites(), SIM_SITES - (cases[i].end - 5));
		EXPECT_EQ(unregister_ftrace_function(&ops[0]), 0);
		ftrace_free_filter(&ops[0]);
	}
}

TEST(free_mem_forgets_sites)
{
	reset_tracer();
	EXPECT_EQ(filter(0, "func_0*", 1), 0);
	EXPECT_EQ(register_ftrace_function(&ops[0]), 0);
	ftrace_free_mem(sim_ip(4), sim_ip(8));
	EXPECT_EQ(ftrace_nr_sites(), SIM_SITES - 4);
	EXPECT_EQ(ftrace_location(sim_ip(5)), 0);
	EXPECT_EQ(ftrace_hash_count(ops[0].local_hash.filter_hash), 6);
	EXPECT_EQ(unregister_ftrace_function(&ops[0]), 0);
	EXPECT(sim_is_nop(3) && !sim_is_nop(5));
	ftrace_free_filter(&ops[0]);
}
