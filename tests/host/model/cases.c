/* SPDX-License-Identifier: MIT */
/*
 * Sequences that random choices would seldom make: a loop in such a case goes through all
 * possibilities.
 */
#include "tests/host/model/host.h"
#include "tests/host/model/internal.h"
#include "tests/host/sim_arch.h"

#define SITE 9u
#define MANY 1000u		/* more writes than any change of so few sites takes */

static void make_change(unsigned int n, bool attach)
{
	const bool direct = model_is_direct(n);
	struct model_step step = { .ops = (u8)n };

	if (attach)
		step.call = direct ? MODEL_CALL_REGISTER_DIRECT : MODEL_CALL_REGISTER;
	else
		step.call = direct ? MODEL_CALL_UNREGISTER_DIRECT : MODEL_CALL_UNREGISTER;
	model_run(&step);
	/*
	 * Whatever is attached beside it, the direct call can be changed to another function and
	 * back.
	 */
	step = (struct model_step){ .call = MODEL_CALL_MODIFY_DIRECT, .ops = MODEL_FIRST_DIRECT };
	for (unsigned int other = 2; other--;) {
		step.direct = (u8)other;
		model_run(&step);
	}
}

/* The case that the project was made for: a direct call beside callbacks, in every order. */
static void direct_next_to_callbacks_in_every_order(void)
{
	static const u8 who[3] = { MODEL_PLAIN, MODEL_REGS, MODEL_FIRST_DIRECT };
	static const u8 orders[6][3] = {
		{ 0, 1, 2 }, { 0, 2, 1 }, { 1, 0, 2 }, { 1, 2, 0 }, { 2, 0, 1 }, { 2, 1, 0 },
	};

	for (unsigned int n = 0; n < 72 && !*model_problem; n++) {
		const u8 *on = orders[n / 6 % 6], *off = orders[n % 6];

		model_graph = n >= 36;
		model_start();
		for (unsigned int i = 0; i < 3; i++)
			model_run(&(struct model_step){ .call = MODEL_CALL_FILTER_IP,
							.ops = who[i], .site = SITE });
		for (unsigned int i = 0; i < 3; i++)
			make_change(who[on[i]], true);
		for (unsigned int i = 0; i < 3; i++)
			make_change(who[off[i]], false);
		model_finish();
	}
}

/* Makes each write of @call fail in turn, until there is none left. */
static void fail_each_write(u8 call)
{
	const bool registered = call == MODEL_CALL_REGISTER;
	struct model_step step = { .call = call, .ops = MODEL_REGS, .fault = 2 };
	unsigned int n;

	for (n = 0; model_now.ops[MODEL_REGS].registered != registered && n < MANY; n++) {
		step.fault_after = (u8)n;
		model_run(&step);
		if (*model_problem)
			return;
	}
	if (n <= SIM_BOOT_SITES || n > 255)
		model_fail("after %u writes that failed the call succeeded", n - 1);
}

static void every_failing_write_is_undone(void)
{
	model_start();
	/*
	 * Another ops is on some of the sites, so there are two ways to change, and to come back.
	 */
	model_run(&(struct model_step){ .call = MODEL_CALL_FILTER, .ops = MODEL_PLAIN, .glob = 4 });
	model_run(&(struct model_step){ .call = MODEL_CALL_REGISTER, .ops = MODEL_PLAIN });
	fail_each_write(MODEL_CALL_REGISTER);
	fail_each_write(MODEL_CALL_UNREGISTER);
	model_finish();
}

const struct model_case model_cases[] = {
	{ "direct_next_to_callbacks_in_every_order", direct_next_to_callbacks_in_every_order },
	{ "every_failing_write_is_undone", every_failing_write_is_undone },
	{ NULL, NULL },
};
