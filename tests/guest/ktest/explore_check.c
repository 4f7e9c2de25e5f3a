/* SPDX-License-Identifier: MIT */
/*
 * What must hold in every state of the explorer: for the three functions, their records and sets,
 * one call of each, all other sites, and memory. It also tells whether anything has changed at all.
 */
#include "kernel/arch.h"
#include "kernel/lib/string.h"
#include "kernel/mm/mm.h"
#include "kernel/printk.h"
#include "kernel/trace_hooks.h"
#include "tests/count_sets.h"
#include "tests/guest/ktest/explore.h"
#include "trace/arch.h"
#include "trace/core/hash.h"
#include "trace/core/set.h"

#define MAX_UNUSED 6

#define FAIL(e, fmt, args...) \
	({ ktest_fail((e)->t, __FILE__, __LINE__, "%s: " fmt, (e)->step, ##args); false; })

static unsigned long site(unsigned int n)
{
	static const unsigned long functions[NR_SITES] = {
		EXPLORE_TARGET, EXPLORE_TWIN, EXPLORE_SPARE
	};

	return ftrace_location(functions[n]);
}

static struct dyn_ftrace *record(unsigned int n)
{
	unsigned long ip = site(n);
	struct dyn_ftrace *rec;

	mutex_lock(&ftrace_lock);
	rec = ftrace_find_record(ip);
	mutex_unlock(&ftrace_lock);
	return rec;
}

static struct ftrace_ops *ops_at(const struct explorer *e, unsigned int n)
{
	return n < PROBE_NR_ALL ? probe_op(n) :
	       e->by_hash ? &explore_hash_ops : &probe_direct_ops;
}

/* What a function should call: everything except the ops that were sent away. */
static struct probe_model model_of(const struct explorer *e, unsigned int site)
{
	struct probe_model m = { .off = e->all.off };
	unsigned int n;

	if (site != SPARE_SITE)
		m.direct = e->all.direct;
	for (n = 0; n < e->all.nr; n++)
		if (!(e->away[site] & 1u << e->all.order[n]))
			m.order[m.nr++] = e->all.order[n];
	return m;
}

static bool wants_regs(const struct probe_model *m)
{
	return FTRACE_HAVE_SAVE_REGS &&
	       (probe_attached(m, PROBE_R1) || probe_attached(m, PROBE_R2));
}

/* A port may have several trampolines that save all registers. */
static bool is_regs_caller(unsigned long to)
{
	char name[40];

	scnprintf(name, sizeof(name), "%pS", (void *)to);
	return !strncmp(name, "ftrace_regs_", 12);
}

/*
 * Checks with the site's own bytes which trampoline is called, and what the literal says if there
 * is one.
 */
static bool check_destination(struct explorer *e, const struct probe_model *m)
{
	unsigned long ip = site(0), to = probe_destination(ip);
	const struct ftrace_set *set = dyn_ftrace_set(record(0));
	const struct ftrace_ops *op = m->nr ? probe_op(m->order[0]) : NULL;
	const void *callable = set;
	struct ftrace_form form;

	if (m->off)
		return to == ip || FAIL(e, "switched off, the site leads to %pS", (void *)to);
	if (!m->nr && to != (m->direct ? m->direct : ip))
		return FAIL(e, "the site leads to %pS", (void *)to);
	if (m->nr && (!ftrace_is_trampoline(to) || is_regs_caller(to) != wants_regs(m)))
		return FAIL(e, "the site leads to %pS, the wrong trampoline", (void *)to);
	if (m->nr == 1 && !m->direct)
		callable = op->flags & FTRACE_OPS_FL_RECURSION ? (const void *)&op->assist : op;
	if (arch_ftrace_read(ip, &form) ||
	    (set && form.literal && form.literal != (unsigned long)callable))
		return FAIL(e, "literal %lx, expected %p", form.literal, callable);
	return true;
}

/*
 * Checks that sets with the same content are one object and others are not, and that there are no
 * more sets than that.
 */
static bool check_sets(struct explorer *e, const struct probe_model *m)
{
	const struct ftrace_set *here = dyn_ftrace_set(record(TARGET_SITE));
	const struct ftrace_set *twin = dyn_ftrace_set(record(TWIN_SITE));
	bool equal = e->away[TARGET_SITE] == e->away[TWIN_SITE];
	unsigned int total, unused, n;

	if ((here == twin) != equal)
		return FAIL(e, "two sites with %s content have %s",
			    equal ? "the same" : "different", here == twin ? "one set" : "two");
	for (n = 0; here && n < m->nr; n++)
		if (here->ops[n] != probe_op(m->order[m->nr - 1 - n]))
			return FAIL(e, "the set's callback %u is another", n);
	count_sets(&total, &unused);
	/*
	 * There may be the sets of three sites, those that two snapshots hold, and those that stale
	 * words on stacks name.
	 */
	if (total - unused > 5 || unused > MAX_UNUSED)
		return FAIL(e, "%u sets are in use, %u are not", total - unused, unused);
	return true;
}

static bool check_ops(struct explorer *e)
{
	const u32 sticky = FTRACE_FL_TOUCHED | (FTRACE_HAVE_ARGS ? FTRACE_FL_MODIFIED : 0);
	unsigned int n;

	if (~record(0)->flags & sticky || ~record(1)->flags & sticky)
		return FAIL(e, "a record has forgotten that it was touched or modified");
	for (n = 0; n < PROBE_NR_ALL; n++)
		if (!(probe_op(n)->flags & FTRACE_OPS_FL_ENABLED) == explore_registered(e, n))
			return FAIL(e, "flags of %s: %x", probe_op_names[n], probe_op(n)->flags);
	if (!(ops_at(e, n)->flags & FTRACE_OPS_FL_ENABLED) != !e->all.direct)
		return FAIL(e, "flags of the direct ops: %x", ops_at(e, n)->flags);
	return true;
}

/*
 * Calls the twin or the spare: what is attached there must run in order, then the body, and then
 * the graph's users are told of the return.
 */
static bool check_other(struct explorer *e, unsigned int at, void (*function)(void))
{
	const struct probe_model m = e->all.off ? (struct probe_model){ 0 } : model_of(e, at);
	unsigned int n, runs = kt_glob_runs[at - TWIN_SITE];

	probe_nr_events = 0;
	function();
	runs = kt_glob_runs[at - TWIN_SITE] - runs;
	for (n = 0; n < m.nr && n < probe_nr_events; n++)
		if (probe_events[n].op != probe_op(m.order[m.nr - 1 - n]) ||
		    probe_events[n].ip != site(at))
			return FAIL(e, "%ps: callback %u is wrong", (void *)function, n);
	if (probe_nr_events != m.nr + !!m.direct + probe_nr_users(&m))
		return FAIL(e, "%ps: %u runs, expected %u", (void *)function, probe_nr_events,
			    m.nr + !!m.direct + probe_nr_users(&m));
	if (m.direct && probe_events[m.nr].direct != m.direct)
		return FAIL(e, "%ps: the direct function is wrong", (void *)function);
	for (n = m.nr + !!m.direct; n < probe_nr_events; n++)
		if (!probe_events[n].returns)
			return FAIL(e, "%ps: a return is not told of", (void *)function);
	if (runs != !probe_attached(&m, PROBE_I))
		return FAIL(e, "%ps: the body ran %u times", (void *)function, runs);
	return true;
}

bool explore_check(struct explorer *e)
{
	const struct probe_model m = model_of(e, TARGET_SITE);

	return check_destination(e, &m) && check_sets(e, &m) && check_ops(e) &&
	       probe_check(e->t, &m, e->step) && check_other(e, TWIN_SITE, kt_glob_alpha) &&
	       check_other(e, SPARE_SITE, kt_glob_beta);
}

u64 explore_sum_of_others(void)
{
	const struct dyn_ftrace *own[NR_SITES] = { record(0), record(1), record(2) };
	struct ftrace_cursor cursor;
	struct dyn_ftrace *rec;
	u64 sum = 0;

	mutex_lock(&ftrace_lock);
	ftrace_for_each_record(cursor, rec) {
		struct ftrace_form form = { 0 };

		if (rec == own[0] || rec == own[1] || rec == own[2])
			continue;
		arch_ftrace_read(dyn_ftrace_ip(rec), &form);
		sum = 31 * sum + (form.insn ^ (rec->flags & ~FTRACE_FL_TOUCHED)) + form.literal;
	}
	mutex_unlock(&ftrace_lock);
	return sum;
}

static void take(const struct explorer *e, struct explore_snapshot *s)
{
	unsigned int n, total, unused;
	struct mm_stats stats;
	struct ftrace_form form;

	memset(s, 0, sizeof(*s));
	for (n = 0; n < ARRAY_SIZE(s->sites); n++) {
		arch_ftrace_read(site(n), &form);
		s->sites[n].insn = form.insn;
		s->sites[n].literal = form.literal;
		s->sites[n].flags = record(n)->flags;
		if (n == SPARE_SITE)
			s->sites[n].flags |= FTRACE_FL_TOUCHED | FTRACE_FL_MODIFIED;
	}
	for (n = 0; n <= PROBE_NR_ALL; n++) {
		const struct ftrace_ops *op = ops_at(e, n);

		s->ops[n].flags = op->flags;
		s->ops[n].sharing = op->sharing;
		s->ops[n].filters = ftrace_hash_count(op->local_hash.filter_hash);
		s->ops[n].excluded = ftrace_hash_count(op->local_hash.notrace_hash);
	}
	s->set = dyn_ftrace_set(record(0));
	kt_mm_stats(&stats);
	count_sets(&total, &unused);
	s->objects = stats.objects - total;
}

void explore_hold(const struct explorer *e, struct explore_snapshot *s)
{
	take(e, s);
	mutex_lock(&ftrace_lock);
	ftrace_set_get(s->set);
	mutex_unlock(&ftrace_lock);
}

void explore_drop(struct explore_snapshot *s)
{
	mutex_lock(&ftrace_lock);
	ftrace_set_put(s->set);
	mutex_unlock(&ftrace_lock);
}

bool explore_same(struct explorer *e, const struct explore_snapshot *before)
{
	struct explore_snapshot now;

	take(e, &now);
	if (memcmp(now.sites, before->sites, sizeof(now.sites)))
		return FAIL(e, "the site is not as before: %llx %lx %x, was %llx %lx %x",
			    (unsigned long long)now.sites[0].insn, now.sites[0].literal,
			    now.sites[0].flags, (unsigned long long)before->sites[0].insn,
			    before->sites[0].literal, before->sites[0].flags);
	if (now.set != before->set)
		return FAIL(e, "the same content has become another set");
	if (memcmp(now.ops, before->ops, sizeof(now.ops)))
		return FAIL(e, "an ops has other flags or filters than before");
	if (now.objects != before->objects)
		return FAIL(e, "%lu objects in memory, before %lu", now.objects, before->objects);
	return true;
}

bool explore_others_same(struct explorer *e)
{
	return explore_sum_of_others() == e->others || FAIL(e, "other sites have changed");
}

static unsigned int nested_events;

/*
 * Called in a callback: the same ops trace what it calls. Its events are not those of the target.
 */
static void call_twin(void)
{
	unsigned int nr = probe_nr_events;

	kt_glob_alpha();
	nested_events += probe_nr_events - nr;
	probe_nr_events = nr;
	probe_replaced = 0;
}

/*
 * PROBE_X asks for protection, so the functions that it calls do not call it again. The other ops
 * are called.
 */
bool explore_recursion(struct explorer *e)
{
	nested_events = 0;
	probe_recursion_hook = call_twin;
	probe_run();
	probe_recursion_hook = NULL;
	if (nested_events != e->all.nr - 1 + !!e->all.direct)
		return FAIL(e, "%u nested runs", nested_events);
	return probe_check_run(e->t, &e->all, e->step);
}
