/* SPDX-License-Identifier: MIT */
/*
 * The tracer's core on the simulated architecture: registering, filters and
 * direct calls case by case. Random sequences of all of them: tests/host/model.
 */
#include "kernel/lib/errno.h"
#include "kernel/trace_hooks.h"
#include "tests/host/core_model.h"
#include "tests/host/tap.h"
#include "trace/core/patch_fault.h"
#include "trace/core/set.h"

TEST(every_site_begins_as_a_nop)
{
	start();
	EXPECT_EQ(ftrace_nr_sites(), SIM_SITES);
	check_all(__LINE__);
	EXPECT_EQ(ftrace_location(sim_ip(3)), sim_ip(3));
	EXPECT_EQ(ftrace_location(sim_ip(3) - 8), sim_ip(3));
	EXPECT_EQ(ftrace_location(sim_ip(3) + 8), 0);
	EXPECT_EQ(ftrace_location(0), 0);
	EXPECT_EQ(ftrace_location(~0ul), 0);
}

TEST(a_site_with_strange_bytes_is_left_out)
{
	start();
	*sim_insn(5) = 0x1122334455667788;
	EXPECT_EQ(register_ftrace_function(&ops[0]), -EINVAL);
	EXPECT(sim_is_nop(0) && sim_is_nop(SIM_SITES - 1));
	EXPECT(!(ops[0].flags & FTRACE_OPS_FL_ENABLED));
	EXPECT_EQ(*sim_insn(5), 0x1122334455667788);
	/* Sites that it does not touch are no reason to fail. */
	EXPECT_EQ(filter(0, "func_06", 1), 0);
	EXPECT_EQ(register_ftrace_function(&ops[0]), 0);
	EXPECT_EQ(unregister_ftrace_function(&ops[0]), 0);
	ftrace_free_filter(&ops[0]);
}

TEST(register_errors)
{
	struct ftrace_ops bad = { .func = NULL };

	start();
	EXPECT_EQ(register_ftrace_function(&bad), -EINVAL);
	bad.func = sim_callback;
	bad.flags = FTRACE_OPS_FL_DELETED;
	EXPECT_EQ(register_ftrace_function(&bad), -EINVAL);
	bad.flags = FTRACE_OPS_FL_DIRECT;
	EXPECT_EQ(register_ftrace_function(&bad), -EINVAL);
	EXPECT_EQ(unregister_ftrace_function(&ops[0]), -EBUSY);
	EXPECT_EQ(register_ftrace_function(&ops[3]), -EINVAL);
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

	start();
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

/* Attach or detach ops @n, all of whose filters are func_09, and look at everything. */
static void change(unsigned int n, bool attach)
{
	bool direct = n >= FIRST_DIRECT;
	int err;

	if (attach)
		err = direct ? register_ftrace_direct(&ops[n], 0x5001) :
			       register_ftrace_function(&ops[n]);
	else
		err = direct ? unregister_ftrace_direct(&ops[n], 0x5001, false) :
			       unregister_ftrace_function(&ops[n]);
	EXPECT_EQ(err, 0);
	model[n].registered = attach;
	model[n].order = ++last_order;
	model[n].direct = 0x5001;
	check_all(__LINE__);
	if (!model[FIRST_DIRECT].registered)
		return;
	EXPECT_EQ(modify_ftrace_direct(&ops[FIRST_DIRECT], 0x5002), 0);
	model[FIRST_DIRECT].direct = 0x5002;
	check_all(__LINE__);
	EXPECT_EQ(modify_ftrace_direct(&ops[FIRST_DIRECT], 0x5001), 0);
	model[FIRST_DIRECT].direct = 0x5001;
}

/* The founding case of the project: a direct call next to callbacks, in every order. */
TEST(direct_next_to_callbacks_in_every_order)
{
	static const unsigned int who[3] = { 0, 2, FIRST_DIRECT };
	static const unsigned int orders[6][3] = {
		{ 0, 1, 2 }, { 0, 2, 1 }, { 1, 0, 2 }, { 1, 2, 0 }, { 2, 0, 1 }, { 2, 1, 0 },
	};
	unsigned int on, off, i;

	for (on = 0; on < 6; on++)
		for (off = 0; off < 6; off++) {
			start();
			for (i = 0; i < 3; i++) {
				EXPECT_EQ(filter(who[i], "func_09", 1), 0);
				model[who[i]].filter[9] = true;
			}
			for (i = 0; i < 3; i++)
				change(who[orders[on][i]], true);
			for (i = 0; i < 3; i++)
				change(who[orders[off][i]], false);
			finish();
		}
}

TEST(old_sets_wait_for_threads_inside)
{
	unsigned int total, unused;

	start();
	EXPECT_EQ(register_ftrace_function(&ops[0]), 0);
	sim_thread_inside = true;
	EXPECT_EQ(register_ftrace_function(&ops[1]), 0);
	EXPECT_EQ(unregister_ftrace_function(&ops[0]), 0);
	ftrace_sets_count(&total, &unused);
	EXPECT_EQ(total, 3);
	EXPECT_EQ(unused, 2);
	sim_thread_inside = false;
	EXPECT_EQ(unregister_ftrace_function(&ops[1]), 0);
	finish();
}

TEST(free_mem_forgets_sites)
{
	start();
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

TEST(every_failing_write_is_undone)
{
	unsigned int n, round;
	int err = -EFAULT;

	start();
	EXPECT_EQ(filter(0, "func_1*", 1), 0);
	EXPECT_EQ(register_ftrace_function(&ops[0]), 0);
	memset(&model[0].filter[10], true, 10);
	model[0].registered = true;
	for (n = 0; err; n++) {
		ftrace_patch_fail_after((int)n);
		err = register_ftrace_function(&ops[2]);
		if (err) {
			EXPECT_EQ(err, -EFAULT);
			check_all(__LINE__);
		}
		ASSERT(!tap_failed() && n < 1000);
	}
	ftrace_patch_fail_after(-1);
	EXPECT(n > SIM_SITES);
	model[2].registered = true;
	model[2].order = 1;
	check_all(__LINE__);
	for (round = 0; round < 50; round++) {
		ftrace_patch_fail_after((int)round);
		EXPECT_EQ(unregister_ftrace_function(&ops[2]), -EFAULT);
		check_all(__LINE__);
	}
	ftrace_patch_fail_after(-1);
	finish();
}
