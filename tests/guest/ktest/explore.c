/* SPDX-License-Identifier: MIT */
/*
 * Walks every state that one site can be in, and from each state every edge: a single call of the
 * API, first with every failure that can be injected into it, then without, and back again. After
 * each call, whether it failed or not, everything is compared with the model; after the way back
 * everything is compared with the start, bit for bit.
 *
 * One kind of edge is left out, because no caller may do it: a callback or a direct function that
 * unregisters its own ops would wait for itself to return.
 */
#include "kernel/boot_info.h"
#include "kernel/lib/errno.h"
#include "kernel/lib/string.h"
#include "kernel/mm/mm.h"
#include "kernel/module/module.h"
#include "kernel/printk.h"
#include "kernel/smp.h"
#include "tests/guest/ktest/explore.h"
#include "tests/guest/ktest/files.h"
#include "trace/core/ops.h"
#include "trace/core/patch_fault.h"
#include "trace/core/records.h"
#include "trace/core/stub.h"

#define MAX_FAULTS 200			/* more than any call has occasions to fail */

bool explore_registered(const struct explorer *e, unsigned int op)
{
	return probe_attached(&e->all, op);
}

/*
 * Puts into e->step what is attached and what is done to it (@what). Returns false if enough has
 * failed already.
 */
static bool begin_step(struct explorer *e, const char *what, unsigned int arg)
{
	unsigned int n;
	int len = scnprintf(e->step, sizeof(e->step), "[");

	for (n = 0; n < e->all.nr; n++)
		len += scnprintf(e->step + len, sizeof(e->step) - (size_t)len, "%s%s", n ? " " : "",
				 probe_op_names[e->all.order[n]]);
	len += scnprintf(e->step + len, sizeof(e->step) - (size_t)len, "]%s%s, %s",
			 e->all.direct == PROBE_A ? " + A" : e->all.direct ? " + B" : "",
			 e->all.off ? " off" : "", what);
	if (arg < PROBE_NR_ALL)
		scnprintf(e->step + len, sizeof(e->step) - (size_t)len, " %s", probe_op_names[arg]);
	return !e->t->failures;
}

static bool complain(struct explorer *e, const char *what, int err)
{
	ktest_fail(e->t, __FILE__, __LINE__, "%s: %s: error %d", e->step, what, err);
	return false;
}

static const struct {
	const char *name;
	void (*strike_after)(int n);
	int err;
} faults[] = {
	{ "no memory", mm_fail_after, -ENOMEM },
	{ "no write", ftrace_patch_fail_after, -EFAULT },
};

/*
 * Each write interrupts all CPUs, so on several CPUs failures are injected in small states only,
 * and of tours that are alike one is taken. So it is on one CPU with explore=sample on the command
 * line; with explore=all, as `./check --all` has it, nothing is left out.
 */
#define MAX_SAMPLED_CALLBACKS 1

BOOT_PARAM(explore);

static bool explores_all(void)
{
	char value[8];

	return boot_param(explore, value, sizeof(value)) ? !strcmp(value, "all") :
		nr_cpus_online == 1;
}

static bool injects(const struct explorer *e)
{
	return e->everywhere || e->all.nr <= MAX_SAMPLED_CALLBACKS;
}

/* What is left out is shown as a case that is skipped, so that it is counted. */
KTEST(explore, failures_beside_many_callbacks)
{
	if (!explores_all())
		KT_SKIP(t, "beside one callback only: explore=all has them");
}

typedef int (*explore_call_t)(struct explorer *e, unsigned int arg);

/*
 * Makes @call fail at its 1st, 2nd, ... occasion, each time without leaving anything changed, until
 * it succeeds.
 */
static bool walk_with_fault(struct explorer *e, explore_call_t call, unsigned int arg,
			    unsigned int fault)
{
	struct explore_snapshot before;
	int n, err = faults[fault].err;
	bool ok = true;

	explore_hold(e, &before);
	for (n = 0; ok && n < MAX_FAULTS; n++) {
		faults[fault].strike_after(injects(e) ? n : -1);
		err = call(e, arg);
		e->calls++;
		faults[fault].strike_after(-1);
		if (!err)
			break;
		e->faults++;
		ok = err == faults[fault].err ? explore_same(e, &before) && explore_check(e) :
		     complain(e, faults[fault].name, err);
	}
	explore_drop(&before);
	e->edges += !err && !fault;		/* walked for each fault, but counted once */
	return ok && (err ? complain(e, "never succeeds", err) : explore_check(e));
}

static bool walk_edge(struct explorer *e, const struct explore_edge *edge, unsigned int arg)
{
	const struct probe_model home = e->all;
	struct explore_snapshot before;
	unsigned int fault;
	bool ok = true;

	explore_hold(e, &before);
	for (fault = 0; ok && fault < (injects(e) ? ARRAY_SIZE(faults) : 1); fault++)
		ok = begin_step(e, edge->name, arg) && walk_with_fault(e, edge->go, arg, fault) &&
		     (fault || explore_others_same(e)) &&
		     begin_step(e, edge->back_name, arg) &&
		     walk_with_fault(e, edge->back, arg, fault) &&
		     explore_move(e, &home) && explore_same(e, &before);
	ok = ok && explore_others_same(e);
	explore_drop(&before);
	return ok;
}

static bool refuse(struct explorer *e, const struct explore_refusal *refusal)
{
	struct explore_snapshot before;
	int err;
	bool ok;

	begin_step(e, refusal->name, PROBE_NR_ALL);
	explore_hold(e, &before);
	err = refusal->call(e);
	e->calls++;
	e->refusals++;
	ok = err == refusal->err ? explore_same(e, &before) && explore_others_same(e) &&
	     explore_check(e) : complain(e, "is not refused as it should be", err);
	explore_drop(&before);
	return ok;
}

static bool walk_state(struct explorer *e)
{
	unsigned int n, arg;
	bool ok = explore_check(e);

	for (n = 0; ok && n < explore_nr_refusals; n++)
		if (!explore_refusals[n].applies || explore_refusals[n].applies(e))
			ok = refuse(e, &explore_refusals[n]);
	for (n = 0; ok && n < explore_nr_edges; n++)
		for (arg = 0; ok && arg < explore_edges[n].nr_args; arg++)
			if (explore_edges[n].applies(e, arg))
				ok = walk_edge(e, &explore_edges[n], arg);
	if (ok && explore_registered(e, PROBE_X) && !e->all.off)
		ok = begin_step(e, "recursion", PROBE_NR_ALL) && explore_recursion(e);
	return ok;
}

bool explore_move(struct explorer *e, const struct probe_model *to)
{
	unsigned int same = 0, n;
	bool ok = true;

	while (same < e->all.nr && same < to->nr && e->all.order[same] == to->order[same])
		same++;
	if (e->all.direct && e->all.direct != to->direct)
		ok = !explore_direct_off(e);
	while (ok && e->all.nr > same)
		ok = !probe_unregister(e->all.order[--e->all.nr]);
	for (n = same; ok && n < to->nr; n++)
		ok = !probe_register(to->order[n]);
	if (ok && to->direct && !e->all.direct)
		ok = !explore_direct_on(e, to->direct);
	if (ok && to->off != e->all.off)
		ok = !ftrace_set_enabled(!to->off);
	if (ok)
		e->all = *to;
	else
		complain(e, "moving on failed", 0);
	return ok;
}

/*
 * Chooses the ops' order from the combination, so that in some states each comes first, and in
 * others last.
 */
static void make_state(struct probe_model *m, unsigned int ops, unsigned long direct,
		       unsigned int combination)
{
	unsigned int n;

	*m = (struct probe_model){ .direct = direct };
	for (n = 0; n < PROBE_NR_ALL; n++) {
		unsigned int op = (n + combination) % PROBE_NR_ALL;

		if (ops & 1u << op)
			m->order[m->nr++] = op;
	}
}

/*
 * What the walks visit: all callbacks without users of the function graph; and such users beside a
 * callback of each kind that differs for them.
 */
#define CALLBACKS ((1u << PROBE_NR_OPS) - 1)
#define USERS (1u << PROBE_G1 | 1u << PROBE_G2)
#define WITH_USERS (1u << PROBE_P1 | 1u << PROBE_R1 | 1u << PROBE_I | USERS)

/*
 * Two plain ops are alike, so the second comes only beside the first. The same is true for two with
 * SAVE_REGS. In a walk with graph users one is always there: the edges lead to where none is.
 */
static bool is_combination(unsigned int ops, unsigned int kinds)
{
	if (ops & ~kinds || (kinds & USERS && !(ops & 1u << PROBE_G1)))
		return false;
	if (!FTRACE_HAVE_SAVE_REGS && ops & (1u << PROBE_R1 | 1u << PROBE_R2))
		return false;
	if (!FTRACE_HAVE_ARGS && ops & 1u << PROBE_I)
		return false;
	return (ops & 1u << PROBE_P1 || !(ops & 1u << PROBE_P2)) &&
	       (ops & 1u << PROBE_R1 || !(ops & 1u << PROBE_R2));
}

static bool set_filters(struct ktest *t)
{
	unsigned long ips[] = { EXPLORE_TARGET, EXPLORE_TWIN };
	unsigned int op;
	int err = ftrace_set_filter_ips(&probe_direct_ops, ips, 2, 0, 1);

	for (op = 0; op < PROBE_NR_ALL && !err; op++) {
		err = ftrace_set_filter_ips(probe_op(op), ips, 2, 0, 1);
		/* Give it an empty hash, which it would also have after a notrace filter. */
		if (!err)
			err = ftrace_set_notrace(probe_op(op), NULL, 0, 1);
	}
	return KT_EXPECT_EQ(t, err, 0);
}

/* Which states to visit, and in what way. */
struct tour {
	bool (*visit)(struct explorer *e);
	unsigned long direct;
	bool off, by_hash, users;
	bool twin;		/* another tour is like it */
};

static void say_what_was_covered(const struct explorer *e, const struct tour *tour)
{
	if (tour->visit == explore_audit)
		ktest_note(e->t, "%lu states, %lu steps, %lu of them in trampolines and stubs",
			   e->states, e->steps, e->trampoline_steps);
	else
		ktest_note(e->t, "%lu states, %lu edges, %lu refusals, %lu injected failures, "
			   "%lu calls%s%s", e->states, e->edges, e->refusals, e->faults, e->calls,
			   e->everywhere ? "" : " (failures: beside one callback at most)",
			   !FTRACE_HAVE_ARGS ? "; SAVE_REGS, IPMODIFY, direct: not in this build" :
			   !FTRACE_HAVE_SAVE_REGS ? "; SAVE_REGS: not in this build" : "");
}

/* Pages of stubs are kept for ever: the first one must be there before objects are counted. */
static bool have_stubs(void)
{
	unsigned long stub;

	mutex_lock(&ftrace_lock);
	stub = ftrace_stub_alloc();
	if (stub)
		ftrace_stub_free(stub);
	mutex_unlock(&ftrace_lock);
	return stub;
}

static void explore(struct ktest *t, const struct tour *tour)
{
	/*
	 * This comes first, so that the flags that a record never loses are set before anything is
	 * compared.
	 */
	static const struct probe_model first = {
		.order = { FTRACE_HAVE_ARGS ? PROBE_I : PROBE_P1 }, .nr = 1
	}, with_stacks = { .order = { PROBE_G1 }, .nr = 1 }, nothing;
	static struct explorer e;
	struct probe_model to;
	unsigned int ops;
	int level;
	bool ok;

	if (tour->twin && !explores_all())
		KT_SKIP(t, "another tour is like it: explore=all has it");
	if (tour->direct)
		KT_NEED_ARGS(t);
	if (tour->visit == explore_module) {
		KT_NEED_MODULE(t, KTEST_MODULE);
		/* The formats of its messages are kept for good once it has been loaded. */
		KT_ASSERT(t, !insmod(KTEST_MODULE) && !module_remove("ktest_module"));
	}
	KT_ASSERT(t, have_stubs());
	e = (struct explorer){ .t = t, .by_hash = tour->by_hash, .everywhere = explores_all(),
		.kinds = tour->users ? WITH_USERS : CALLBACKS, .away[SPARE_SITE] = ~0u };
	explore_hash_ops = (struct ftrace_ops){ .ops_func = probe_direct_ops.ops_func };
	level = console_loglevel;
	console_loglevel = 0;		/* the log has a line for each failure */
	/* The first user of the function graph gives every thread a shadow stack for good. */
	ok = set_filters(t) && explore_move(&e, &with_stacks) && explore_move(&e, &first);
	e.others = explore_sum_of_others();
	for (ops = 0; ok && ops < 1u << PROBE_NR_ALL; ops++) {
		if (!is_combination(ops, e.kinds))
			continue;
		make_state(&to, ops, tour->direct, ops + (tour->direct == PROBE_B));
		to.off = tour->off;
		ok = begin_step(&e, "moving on", PROBE_NR_ALL) && explore_move(&e, &to) &&
		     begin_step(&e, "as it is", PROBE_NR_ALL) && tour->visit(&e);
		e.states++;
	}
	KT_EXPECT_EQ(t, ftrace_set_enabled(true), 0);
	if (explore_move(&e, &nothing) && begin_step(&e, "at the end", PROBE_NR_ALL))
		explore_check(&e);
	console_loglevel = level;
	probe_end(t, &e.all);
	say_what_was_covered(&e, tour);
}

#define EXPLORE(name, args...)						\
	KTEST(explore, name)						\
	{								\
		static const struct tour tour = { args };		\
									\
		explore(t, &tour);					\
	}

EXPLORE(callbacks, .visit = walk_state)
EXPLORE(callbacks_switched_off, .visit = walk_state, .off = true)
EXPLORE(direct_a, .visit = walk_state, .direct = PROBE_A)
EXPLORE(direct_b, .visit = walk_state, .direct = PROBE_B, .twin = true)
EXPLORE(direct_switched_off, .visit = walk_state, .direct = PROBE_A, .off = true)
EXPLORE(direct_by_hash, .visit = walk_state, .direct = PROBE_A, .by_hash = true, .twin = true)
EXPLORE(direct_by_hash_switched_off, .visit = walk_state, .direct = PROBE_B, .by_hash = true,
	.off = true)
EXPLORE(graph, .visit = walk_state, .users = true, .twin = true)
EXPLORE(graph_with_direct, .visit = walk_state, .users = true, .direct = PROBE_A)
EXPLORE(graph_switched_off, .visit = walk_state, .users = true, .direct = PROBE_B, .by_hash = true,
	.off = true)
EXPLORE(module_removed, .visit = explore_module, .twin = true)
EXPLORE(module_removed_with_direct, .visit = explore_module, .direct = PROBE_A, .by_hash = true)
EXPLORE(each_instruction_of_callbacks, .visit = explore_audit, .twin = true)
EXPLORE(each_instruction_of_direct_a, .visit = explore_audit, .direct = PROBE_A, .twin = true)
EXPLORE(each_instruction_of_direct_b, .visit = explore_audit, .direct = PROBE_B, .twin = true)
EXPLORE(each_instruction_of_graph, .visit = explore_audit, .users = true, .twin = true)
EXPLORE(each_instruction_of_graph_with_direct, .visit = explore_audit, .users = true,
	.direct = PROBE_B)
