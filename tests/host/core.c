/* SPDX-License-Identifier: MIT */
/*
 * The tracer's core on the simulated architecture: registering, filters and
 * direct calls case by case, and random sequences of all of them against a
 * plain model. After each step every function is called, and what ran is compared.
 */
#include "kernel/errno.h"
#include "kernel/trace_hooks.h"
#include "tests/host/host.h"
#include "tests/host/sim_arch.h"
#include "tests/host/tap.h"
#include "trace/hash.h"
#include "trace/patch_fault.h"
#include "trace/set.h"

#define NR_OPS 8u		/* the last NR_DIRECT of them are for direct calls */
#define NR_DIRECT 3u
#define FIRST_DIRECT (NR_OPS - NR_DIRECT)

#define IPMODIFY 3u			/* this one */
#define STUBBORN (FIRST_DIRECT + 1)	/* has no ops_func; the next one answers with refusal */

static struct ftrace_ops ops[NR_OPS];
static bool switched_off;
static int refusal;

/* What the model knows of each ops. */
static struct model {
	bool registered, initialized;
	bool filter[SIM_SITES], exclude[SIM_SITES];
	unsigned int order;
	unsigned long direct;
} model[NR_OPS];
static unsigned int last_order;

static bool any(const bool *set)
{
	unsigned int i;

	for (i = 0; i < SIM_SITES; i++)
		if (set[i])
			return true;
	return false;
}

static bool attached(const struct model *m, unsigned int site)
{
	return m->registered && (m->filter[site] || !any(m->filter)) && !m->exclude[site];
}

/* Does what ran at @site agree with @state? Says why not if @line is not 0. */
static bool site_agrees(const struct model *state, bool off, unsigned int site, int line)
{
	unsigned long direct = 0;
	unsigned int i, next, nr = 0;
	unsigned int bound = ~0u;

	for (; !off;) {
		/* The latest registered of those that have not run yet. */
		for (next = NR_OPS, i = 0; i < FIRST_DIRECT; i++)
			if (attached(&state[i], site) && state[i].order < bound &&
			    (next == NR_OPS || state[i].order > state[next].order))
				next = i;
		if (next == NR_OPS)
			break;
		if (nr >= sim_trace.nr || sim_trace.ran[nr] != &ops[next]) {
			if (line)
				tap_fail(__FILE__, line, "site %u: callback %u should be ops %u",
					 site, nr, next);
			return false;
		}
		bound = state[next].order;
		nr++;
	}
	for (i = FIRST_DIRECT; i < NR_OPS; i++)
		if (!off && attached(&state[i], site))
			direct = state[i].direct;
	if (sim_trace.nr == nr && sim_trace.direct == direct && sim_trace.nr_direct == !!direct)
		return true;
	if (line)
		tap_fail(__FILE__, line,
			 "site %u: %u callbacks ran, expected %u; direct %lx x %u, expected %lx",
			 site, sim_trace.nr, nr, sim_trace.direct, sim_trace.nr_direct, direct);
	return false;
}

static void check_info(unsigned int site)
{
	struct ftrace_site_info info;
	unsigned int i, nr = 0;
	unsigned long direct = 0;

	for (i = 0; i < NR_OPS; i++) {
		nr += attached(&model[i], site);
		if (i >= FIRST_DIRECT && attached(&model[i], site))
			direct = model[i].direct;
	}
	EXPECT(ftrace_site_info(site, &info));
	EXPECT_EQ(info.ip, sim_ip(site));
	EXPECT_EQ(info.nr_ops, nr);
	EXPECT_EQ(info.enabled, nr > 0 && !switched_off);
	EXPECT_EQ(info.direct_call, direct);
	EXPECT_EQ(ftrace_find_rec_direct(sim_ip(site)), direct);
	EXPECT_EQ(sim_is_nop(site), !nr || switched_off);
	EXPECT_EQ(!info.trampoline, !nr || switched_off);
}

static bool overlap(const struct model *a, const struct model *b)
{
	unsigned int site;

	for (site = 0; site < SIM_SITES; site++)
		if (attached(a, site) && attached(b, site))
			return true;
	return false;
}

static void check_all(int line)
{
	unsigned int site;

	for (site = 0; site < SIM_SITES && !tap_failed(); site++) {
		sim_call(site);
		site_agrees(model, switched_off, site, line);
		check_info(site);
	}
	for (unsigned int i = FIRST_DIRECT; i < NR_OPS; i++)
		EXPECT_EQ(ops[i].sharing, overlap(&model[i], &model[IPMODIFY]));
}

/* Of a direct ops: yes, or what the test wants. */
static int answer(struct ftrace_ops *op, enum ftrace_ops_cmd cmd)
{
	EXPECT_EQ(op->sharing, cmd == FTRACE_OPS_CMD_ENABLE_SHARE_IPMODIFY_SELF && op->sharing);
	return op == &ops[FIRST_DIRECT] ? 0 : refusal;
}

static void start(void)
{
	memset(ops, 0, sizeof(ops));
	memset(model, 0, sizeof(model));
	for (unsigned int i = 0; i < FIRST_DIRECT; i++)
		ops[i].func = sim_callback;
	ops[1].flags = FTRACE_OPS_FL_RECURSION;
	ops[2].flags = FTRACE_OPS_FL_SAVE_REGS;
	ops[IPMODIFY].flags = FTRACE_OPS_FL_IPMODIFY;
	ops[4].flags = FTRACE_OPS_FL_SAVE_REGS_IF_SUPPORTED | FTRACE_OPS_FL_RECURSION;
	ops[FIRST_DIRECT].ops_func = ops[STUBBORN + 1].ops_func = answer;
	last_order = 0;
	sim_after_write = NULL;
	sim_thread_inside = false;
	ftrace_patch_fail_after(-1);
	host_fail_after(-1);
	sim_reset();
}

static void finish(void)
{
	unsigned int i, total, unused;

	EXPECT_EQ(ftrace_set_enabled(true), 0);
	switched_off = false;
	for (i = 0; i < NR_OPS; i++) {
		if (model[i].registered && i < FIRST_DIRECT)
			EXPECT_EQ(unregister_ftrace_function(&ops[i]), 0);
		else if (model[i].registered)
			EXPECT_EQ(unregister_ftrace_direct(&ops[i], model[i].direct, true), 0);
		model[i].registered = false;
		ftrace_free_filter(&ops[i]);
	}
	check_all(__LINE__);
	ftrace_sets_count(&total, &unused);
	EXPECT_EQ(total, 0);
}

static int filter(unsigned int i, const char *glob, int reset)
{
	return ftrace_set_filter(&ops[i], glob, (int)strlen(glob), reset);
}

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

/* --- Random sequences --- */

static struct model before[NR_OPS];
static bool off_before;

/* While sites are being patched, each function does what it did before, or what it will do. */
static void check_transition(void)
{
	unsigned int site;

	for (site = 0; site < SIM_SITES; site += 1 + tap_below(8)) {
		sim_call(site);
		if (!site_agrees(before, off_before, site, 0) &&
		    !site_agrees(model, switched_off, site, 0))
			tap_fail(__FILE__, __LINE__, "site %u: neither before nor after", site);
	}
}

static bool conflicts(unsigned int n, const struct model *m)
{
	unsigned int i;

	for (i = FIRST_DIRECT; i < NR_OPS; i++)
		if (i != n && overlap(m, &before[i]))
			return true;
	return false;
}

static int answer_of(unsigned int n)
{
	return n == FIRST_DIRECT ? 0 : n == STUBBORN ? -EBUSY : refusal;
}

/* The direct ops that IPMODIFY newly meets, latest registered first: what the first refusal is. */
static int peers_answer(void)
{
	unsigned int i, latest = 0;
	int err = 0;

	for (i = FIRST_DIRECT; i < NR_OPS; i++) {
		if (!overlap(&model[i], &model[IPMODIFY]) || overlap(&before[i], &before[IPMODIFY]))
			continue;
		if (answer_of(i) && model[i].order >= latest) {
			err = answer_of(i);
			latest = model[i].order;
		}
	}
	return err;
}

/* Each action does its call, changes the model as if it succeeds, and returns what it should. */
struct action {
	unsigned int n;
	int want;
	int (*call)(const struct action *a);
	unsigned long value;
	unsigned int site;
	bool exclude, reset, remove;
	char glob[24];
};

static int call_register(const struct action *a)
{
	return register_ftrace_function(&ops[a->n]);
}

static int call_unregister(const struct action *a)
{
	return unregister_ftrace_function(&ops[a->n]);
}

static int call_register_direct(const struct action *a)
{
	return register_ftrace_direct(&ops[a->n], a->value);
}

static int call_unregister_direct(const struct action *a)
{
	return unregister_ftrace_direct(&ops[a->n], a->value, false);
}

static int call_modify_direct(const struct action *a)
{
	return modify_ftrace_direct(&ops[a->n], a->value);
}

static int call_filter_ip(const struct action *a)
{
	return ftrace_set_filter_ip(&ops[a->n], sim_ip(a->site) - (tap_below(2) ? 8 : 0), a->remove,
				    a->reset);
}

static int call_filter(const struct action *a)
{
	int len = (int)strlen(a->glob);

	return a->exclude ? ftrace_set_notrace(&ops[a->n], a->glob, len, a->reset) :
			    ftrace_set_filter(&ops[a->n], a->glob, len, a->reset);
}

static void plan_register(struct action *a)
{
	struct model *m = &model[a->n];

	a->call = call_register;
	if (a->n >= FIRST_DIRECT) {
		a->want = m->registered ? -EBUSY : -EINVAL;
		return;
	}
	if (m->registered) {
		a->want = -EBUSY;
	} else if (a->n == IPMODIFY && (!any(m->filter) || any(m->exclude))) {
		a->want = -EINVAL;
	} else {
		m->registered = m->initialized = true;
		m->order = ++last_order;
		a->want = a->n == IPMODIFY ? peers_answer() : 0;
	}
}

static void plan_unregister(struct action *a)
{
	struct model *m = &model[a->n];

	a->call = call_unregister;
	a->want = m->registered && a->n < FIRST_DIRECT ? 0 : -EBUSY;
	if (!a->want)
		m->registered = false;
}

static void plan_register_direct(struct action *a)
{
	struct model *m = &model[a->n];

	a->call = call_register_direct;
	a->value = tap_below(10) ? SIM_DIRECT_BASE + 1 + tap_below(4) : 0;
	a->want = -EINVAL;
	if (a->n < FIRST_DIRECT || !a->value || !m->initialized || m->registered || !any(m->filter))
		return;
	m->registered = true;
	m->order = ++last_order;
	m->direct = a->value;
	a->want = overlap(m, &model[IPMODIFY]) ? answer_of(a->n) : 0;
	if (!a->want && conflicts(a->n, m))
		a->want = -EBUSY;
}

static void plan_unregister_direct(struct action *a)
{
	struct model *m = &model[a->n];
	bool right = a->n >= FIRST_DIRECT && m->registered;

	a->call = call_unregister_direct;
	a->value = right && tap_below(5) ? m->direct : SIM_DIRECT_BASE;
	a->want = right && a->value == m->direct ? 0 : -EINVAL;
	if (!a->want)
		m->registered = false;
}

static void plan_modify_direct(struct action *a)
{
	struct model *m = &model[a->n];

	a->call = call_modify_direct;
	a->value = tap_below(10) ? SIM_DIRECT_BASE + 1 + tap_below(4) : 0;
	a->want = a->n >= FIRST_DIRECT && m->registered && a->value ? 0 : -EINVAL;
	if (!a->want && m->direct != a->value && overlap(m, &model[IPMODIFY]))
		a->want = answer_of(a->n);
	if (!a->want)
		m->direct = a->value;
}

/* What installing the changed filters of a registered ops answers. */
static int filter_result(unsigned int n)
{
	struct model *m = &model[n];

	m->initialized = true;
	if (!m->registered)
		return 0;
	if (n >= FIRST_DIRECT)
		return -EBUSY;
	if (n == IPMODIFY && (!any(m->filter) || any(m->exclude)))
		return -EINVAL;
	return n == IPMODIFY ? peers_answer() : 0;
}

static int call_switch(const struct action *a)
{
	return ftrace_set_enabled(!a->value);
}

static void plan_switch(struct action *a)
{
	a->call = call_switch;
	a->value = switched_off = tap_below(2);
}

static void plan_filter_ip(struct action *a)
{
	struct model *m = &model[a->n];

	a->call = call_filter_ip;
	a->site = tap_below(SIM_SITES);
	a->remove = !tap_below(3);
	a->reset = !tap_below(6);
	if (a->reset)
		memset(m->filter, 0, sizeof(m->filter));
	if (a->remove && !m->filter[a->site]) {
		a->want = -ENOENT;
		return;
	}
	m->filter[a->site] = !a->remove;
	a->want = filter_result(a->n);
}

static void plan_filter(struct action *a)
{
	struct model *m = &model[a->n];
	unsigned int tens = tap_below(8), i;
	bool *set;

	a->call = call_filter;
	a->exclude = !tap_below(3);
	a->reset = !tap_below(3);
	a->remove = !tap_below(4);
	set = a->exclude ? m->exclude : m->filter;
	snprintf(a->glob, sizeof(a->glob), "%sfunc_%u*", a->remove ? "!" : "", tens);
	if (a->reset)
		memset(set, 0, SIM_SITES);
	if (tens * 10 >= SIM_SITES) {
		a->want = -EINVAL;
		return;
	}
	for (i = tens * 10; i < tens * 10 + 10 && i < SIM_SITES; i++)
		set[i] = !a->remove;
	a->want = filter_result(a->n);
}

static void (*const plans[])(struct action *a) = {
	plan_register, plan_unregister, plan_register_direct, plan_unregister_direct,
	plan_modify_direct, plan_filter_ip, plan_filter, plan_filter_ip, plan_filter, plan_switch,
};

static void random_action(void)
{
	struct action a = { .n = tap_below(NR_OPS) };
	bool faults = !tap_below(4);
	unsigned int plan = tap_below(ARRAY_SIZE(plans));
	int err;

	memcpy(before, model, sizeof(model));
	off_before = switched_off;
	refusal = tap_below(2) ? 0 : -EAGAIN;
	plans[plan](&a);
	sim_thread_inside = !tap_below(3);
	sim_after_write = tap_below(4) ? NULL : check_transition;
	if (faults && tap_below(2))
		host_fail_after((int)tap_below(8));
	else if (faults)
		ftrace_patch_fail_after((int)tap_below(60));
	err = a.call(&a);
	host_fail_after(-1);
	ftrace_patch_fail_after(-1);
	sim_after_write = NULL;
	if (err != a.want && !(faults && (err == -ENOMEM || err == -EFAULT)))
		tap_fail(__FILE__, __LINE__, "ops %u: returned %d, expected %d (glob %s)", a.n, err,
			 a.want, a.glob);
	if (err) {
		memcpy(model, before, sizeof(model));
		switched_off = off_before;
	}
	check_all(__LINE__);
	if (tap_failed())
		tap_note("plan %u of ops %u (site %u, glob %s, reset %d) returned %d%s", plan, a.n,
			 a.site, a.glob, a.reset, err, faults ? ", with faults" : "");
}

TEST(random_sequences)
{
	unsigned int round, i;

	for (round = 0; round < 12 && !tap_failed(); round++) {
		start();
		for (i = 0; i < 400 && !tap_failed(); i++)
			random_action();
		if (tap_failed())
			tap_note("in round %u, at action %u", round, i);
		sim_thread_inside = false;
		finish();
	}
}
