/* SPDX-License-Identifier: MIT */
/* The plain model behind core.c: see core_model.h. */
#include "tests/host/core_model.h"
#include "tests/host/host.h"
#include "tests/host/tap.h"
#include "trace/core/patch_fault.h"
#include "trace/core/set.h"

struct ftrace_ops ops[NR_OPS];
struct model model[NR_OPS];
bool switched_off;
int refusal;
unsigned int last_order;

bool any(const bool *set)
{
	unsigned int i;

	for (i = 0; i < SIM_SITES; i++)
		if (set[i])
			return true;
	return false;
}

bool attached(const struct model *m, unsigned int site)
{
	return m->registered && (m->filter[site] || !any(m->filter)) && !m->exclude[site];
}

unsigned long direct_at(const struct model *m, unsigned int site)
{
	return m->own[site] ? m->own[site] : m->direct;
}

bool site_agrees(const struct model *state, bool off, unsigned int site, int line)
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
			direct = direct_at(&state[i], site);
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
			direct = direct_at(&model[i], site);
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

bool overlap(const struct model *a, const struct model *b)
{
	unsigned int site;

	for (site = 0; site < SIM_SITES; site++)
		if (attached(a, site) && attached(b, site))
			return true;
	return false;
}

void check_all(int line)
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

void start(void)
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

/* A hash of @nr sites, each with the address at its place. */
static struct ftrace_hash *direct_hash(const unsigned int *sites, const unsigned long *addresses,
				       unsigned int nr)
{
	struct ftrace_hash *hash = ftrace_hash_copy(NULL);
	unsigned int i;

	for (i = 0; i < nr; i++)
		EXPECT_EQ(ftrace_hash_add_direct(hash, sim_ip(sites[i]), addresses[i]), 0);
	return hash;
}

/* One by one, if it has no address for all. */
static int take_back_direct(unsigned int n)
{
	unsigned int site;
	int err = 0;

	if (model[n].direct)
		return unregister_ftrace_direct(&ops[n], model[n].direct, true);
	for (site = 0; site < SIM_SITES && !err; site++) {
		struct ftrace_hash *hash;

		if (!model[n].filter[site])
			continue;
		hash = direct_hash(&site, &model[n].own[site], 1);
		err = update_ftrace_direct_del(&ops[n], hash);
		ftrace_hash_free(hash);
	}
	return err;
}

void finish(void)
{
	unsigned int i, total, unused;

	EXPECT_EQ(ftrace_set_enabled(true), 0);
	switched_off = false;
	for (i = 0; i < NR_OPS; i++) {
		if (model[i].registered && i < FIRST_DIRECT)
			EXPECT_EQ(unregister_ftrace_function(&ops[i]), 0);
		else if (model[i].registered)
			EXPECT_EQ(take_back_direct(i), 0);
		model[i].registered = false;
		ftrace_free_filter(&ops[i]);
	}
	check_all(__LINE__);
	ftrace_sets_count(&total, &unused);
	EXPECT_EQ(total, 0);
}

int filter(unsigned int i, const char *glob, int reset)
{
	return ftrace_set_filter(&ops[i], glob, (int)strlen(glob), reset);
}
