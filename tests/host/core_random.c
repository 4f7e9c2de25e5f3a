/* SPDX-License-Identifier: MIT */
/*
 * Random sequences of all that the tracer's API can do, on the simulated
 * architecture, against a plain model. After each step every function is called, and what ran is
 * compared; also in the middle of some, after each write to the text.
 */
#include "kernel/errno.h"
#include "tests/host/core_model.h"
#include "tests/host/host.h"
#include "tests/host/tap.h"
#include "trace/patch_fault.h"

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

/* Direct ops @n was changed: does it mind where its address is new and IPMODIFY is? */
static int self_answer(unsigned int n)
{
	unsigned int site;

	for (site = 0; site < SIM_SITES; site++) {
		if (!attached(&model[n], site) || !attached(&model[IPMODIFY], site))
			continue;
		if (!attached(&before[n], site) ||
		    direct_at(&before[n], site) != direct_at(&model[n], site))
			return answer_of(n);
	}
	return 0;
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
	struct ftrace_hash *hash;	/* made beforehand: its memory must not fail */
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
	a->want = self_answer(a->n);
	if (!a->want && conflicts(a->n, m))
		a->want = -EBUSY;
}

static void plan_unregister_direct(struct action *a)
{
	struct model *m = &model[a->n];
	bool right = a->n >= FIRST_DIRECT && m->registered;

	a->call = call_unregister_direct;
	a->value = right && tap_below(5) ? m->direct : SIM_DIRECT_BASE;
	a->want = right && a->value && a->value == m->direct ? 0 : -EINVAL;
	if (a->want)
		return;
	m->registered = false;
	memset(m->own, 0, sizeof(m->own));
}

static void plan_modify_direct(struct action *a)
{
	struct model *m = &model[a->n];

	a->call = call_modify_direct;
	a->value = tap_below(10) ? SIM_DIRECT_BASE + 1 + tap_below(4) : 0;
	a->want = a->n >= FIRST_DIRECT && m->registered && m->direct && a->value ? 0 : -EINVAL;
	if (a->want)
		return;
	m->direct = a->value;
	a->want = self_answer(a->n);
}

static int call_hash_add(const struct action *a)
{
	return update_ftrace_direct_add(&ops[a->n], a->hash);
}

static int call_hash_del(const struct action *a)
{
	return update_ftrace_direct_del(&ops[a->n], a->hash);
}

static int call_hash_mod(const struct action *a)
{
	return update_ftrace_direct_mod(&ops[a->n], a->hash, true);
}

static bool is_direct(unsigned int site)
{
	unsigned int i;

	for (i = FIRST_DIRECT; i < NR_OPS; i++)
		if (attached(&before[i], site))
			return true;
	return false;
}

static void model_add(struct action *a, unsigned int site, unsigned long addr)
{
	struct model *m = &model[a->n];

	if (!addr || is_direct(site) || m->exclude[site])
		a->want = -EINVAL;
	m->filter[site] = true;
	m->own[site] = addr;
}

static void model_del(struct action *a, unsigned int site, unsigned long addr)
{
	struct model *m = &model[a->n];

	if (!m->filter[site] || direct_at(m, site) != addr)
		a->want = -EINVAL;
	m->filter[site] = false;
	m->own[site] = 0;
}

static void model_mod(struct action *a, unsigned int site, unsigned long addr)
{
	struct model *m = &model[a->n];

	if (!addr || !m->filter[site])
		a->want = -EINVAL;
	m->own[site] = addr;
}

/* Before the entries: what does not depend on them. */
static void begin_hash(struct action *a)
{
	struct model *m = &model[a->n];

	if (a->n < FIRST_DIRECT || (a->call != call_hash_add && !m->registered) ||
	    (!m->registered && (any(m->filter) || any(m->exclude))))
		a->want = -EINVAL;
	if (a->call == call_hash_add && !m->registered) {
		m->registered = m->initialized = true;
		m->order = ++last_order;
		m->direct = 0;
		memset(m->own, 0, sizeof(m->own));
	}
}

static void plan_hash(struct action *a)
{
	static const struct {
		int (*call)(const struct action *a);
		void (*entry)(struct action *a, unsigned int site, unsigned long addr);
	} kinds[] = {
		{ call_hash_add, model_add }, { call_hash_del, model_del },
		{ call_hash_mod, model_mod },
	};
	unsigned int kind = tap_below(ARRAY_SIZE(kinds)), nr = tap_below(5), i;
	unsigned int site = tap_below(16);
	unsigned long addr;
	struct model *m;

	if (tap_below(10))
		a->n = FIRST_DIRECT + tap_below(NR_DIRECT);
	m = &model[a->n];
	a->call = kinds[kind].call;
	a->want = nr ? 0 : -EINVAL;
	a->hash = ftrace_hash_copy(NULL);
	begin_hash(a);
	for (i = 0; i < nr; i++) {
		/* Mostly such as exist. */
		site += 1 + tap_below(9);
		while (kind && tap_below(20) && !m->filter[site % SIM_SITES])
			site++;
		site %= SIM_SITES;
		addr = kind == 1 && tap_below(20) ? direct_at(m, site) :
		       tap_below(30) ? SIM_DIRECT_BASE + 1 + tap_below(4) : 0;
		if (ftrace_hash_contains(a->hash, sim_ip(site)))
			continue;
		EXPECT_EQ(ftrace_hash_add_direct(a->hash, sim_ip(site), addr), 0);
		kinds[kind].entry(a, site, addr);
	}
	if (!a->want && kind != 1)
		a->want = self_answer(a->n);
	if (!any(m->filter)) {
		memset(m, 0, sizeof(*m));
		m->order = before[a->n].order;
	}
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
	plan_hash, plan_hash, plan_hash,
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
	ftrace_hash_free(a.hash);
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

	for (round = 0; round < 30 && !tap_failed(); round++) {
		start();
		for (i = 0; i < 400 && !tap_failed(); i++)
			random_action();
		if (tap_failed())
			tap_note("in round %u, at action %u", round, i);
		sim_thread_inside = false;
		finish();
	}
}
