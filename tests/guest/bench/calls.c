/* SPDX-License-Identifier: MIT */
/* Measures what one call of a small traced function costs in each state of its site. */
#include "kernel/lib/errno.h"
#include "kernel/lib/string.h"
#include "kernel/mm/mm.h"
#include "tests/guest/bench/bench.h"
#include "trace/output/trace.h"
#include "trace/tracers/fgraph.h"
#include "trace/tracers/trace_profile.h"

#define MAX_OPS 100

static struct ftrace_ops relevant[MAX_OPS], other[MAX_OPS], direct_ops;
static struct ftrace_ops *allocated;

noinline void bench_no_site(void)
{
	barrier();
}

void bench_ops_down(struct ftrace_ops *ops, unsigned int nr)
{
	while (nr--) {
		unregister_ftrace_function(&ops[nr]);
		ftrace_free_filter(&ops[nr]);
	}
}

int bench_ops_up(struct ftrace_ops *ops, unsigned int nr, void (*function)(void),
		 unsigned int flags)
{
	unsigned int i;
	int err = 0;

	for (i = 0; i < nr; i++) {
		memset(&ops[i], 0, sizeof(ops[i]));
		ops[i].func = bench_callback;
		ops[i].flags = flags;
		if (function)
			err = ftrace_set_filter_ip(&ops[i], (unsigned long)function, 0, 0);
		if (!err)
			err = register_ftrace_function(&ops[i]);
		if (err) {
			ftrace_free_filter(&ops[i]);
			bench_ops_down(ops, i);
			return err;
		}
	}
	return 0;
}

/* States with several callbacks on the function, and others elsewhere. */
static unsigned int nr_relevant, nr_other;

static int ops_up(unsigned int nr, unsigned int elsewhere, unsigned int flags)
{
	int err = bench_ops_up(relevant, nr, bench_tracee, flags);

	if (err)
		return err;
	err = bench_ops_up(other, elsewhere, bench_other, 0);
	if (err) {
		bench_ops_down(relevant, nr);
		return err;
	}
	nr_relevant = nr;
	nr_other = elsewhere;
	return 0;
}

static void ops_down(void)
{
	bench_ops_down(other, nr_other);
	bench_ops_down(relevant, nr_relevant);
}

static int up_1(void) { return ops_up(1, 0, 0); }
static int up_regs(void) { return ops_up(1, 0, FTRACE_OPS_FL_SAVE_REGS); }
static int up_recursion(void) { return ops_up(1, 0, FTRACE_OPS_FL_RECURSION); }
static int up_2(void) { return ops_up(2, 0, 0); }
static int up_10(void) { return ops_up(10, 0, 0); }
static int up_100(void) { return ops_up(100, 0, 0); }
static int up_other_1(void) { return ops_up(1, 1, 0); }
static int up_other_10(void) { return ops_up(1, 10, 0); }
static int up_other_100(void) { return ops_up(1, 100, 0); }

static int up_allocated(void)
{
	int err;

	allocated = kzalloc(sizeof(*allocated), GFP_KERNEL);
	if (!allocated)
		return -ENOMEM;
	err = bench_ops_up(allocated, 1, bench_tracee, 0);
	if (err)
		kfree(allocated);
	return err;
}

static void down_allocated(void)
{
	bench_ops_down(allocated, 1);
	kfree(allocated);
}

static int direct_up(unsigned int nr)
{
	int err;

	memset(&direct_ops, 0, sizeof(direct_ops));
	err = ftrace_set_filter_ip(&direct_ops, (unsigned long)bench_tracee, 0, 0);
	if (!err)
		err = register_ftrace_direct(&direct_ops, (unsigned long)bench_direct_tramp);
	if (err) {
		ftrace_free_filter(&direct_ops);
		return err;
	}
	err = ops_up(nr, 0, 0);
	if (err)
		unregister_ftrace_direct(&direct_ops, (unsigned long)bench_direct_tramp, true);
	return err;
}

static void direct_down(void)
{
	ops_down();
	unregister_ftrace_direct(&direct_ops, (unsigned long)bench_direct_tramp, true);
}

static int up_direct(void) { return direct_up(0); }
static int up_direct_1(void) { return direct_up(1); }
static int up_direct_10(void) { return direct_up(10); }

/* A user of the function graph that does nothing at either end. */
static int graph_entry_empty(struct ftrace_graph_ent *trace, struct fgraph_ops *gops,
			     struct ftrace_regs *fregs)
{
	return 1;
}

static void graph_return_empty(struct ftrace_graph_ret *trace, struct fgraph_ops *gops,
			       struct ftrace_regs *fregs)
{
}

static struct fgraph_ops graph_users[2];

static int graph_up(unsigned int nr)
{
	int err = 0;

	for (unsigned int n = 0; !err && n < nr; n++) {
		graph_users[n].entryfunc = graph_entry_empty;
		graph_users[n].retfunc = graph_return_empty;
		err = ftrace_set_filter_ip(&graph_users[n].ops, (unsigned long)bench_tracee, 0, 1);
		if (!err)
			err = register_ftrace_graph(&graph_users[n]);
	}
	return err;
}

static void graph_down(void)
{
	for (unsigned int n = 0; n < ARRAY_SIZE(graph_users); n++) {
		unregister_ftrace_graph(&graph_users[n]);
		ftrace_free_filter(&graph_users[n].ops);
	}
}

static int up_graph_1(void) { return graph_up(1); }
static int up_graph_2(void) { return graph_up(2); }

static int profile_up(enum profile_mode mode)
{
	int err = ftrace_set_filter_ip(global_trace.ops, (unsigned long)bench_tracee, 0, 1);

	return err ? err : trace_profile_set(mode);
}

static void profile_down(void)
{
	trace_profile_set(PROFILE_OFF);
	ftrace_set_filter(global_trace.ops, NULL, 0, 1);
}

static int up_profile(void) { return profile_up(PROFILE_GRAPH); }
static int up_profile_hits(void) { return profile_up(PROFILE_HITS); }

static u64 time_nothing(unsigned int n)
{
	return BENCH_TIMED(n, barrier());
}

static u64 time_no_site(unsigned int n)
{
	return BENCH_TIMED(n, bench_no_site());
}

const struct bench_case bench_call_cases[] = {
	{ "loop_only", NULL, NULL, time_nothing, NULL },
	{ "call_no_site", NULL, NULL, time_no_site, NULL },
	{ "nop_site", NULL, NULL, NULL, NULL },
	{ "ops_1", up_1, ops_down, NULL, NULL },
	{ "ops_1_regs", up_regs, ops_down, NULL, NULL },
	{ "ops_1_recursion", up_recursion, ops_down, NULL, NULL },
	{ "ops_1_dynamic", up_allocated, down_allocated, NULL, NULL },
	{ "ops_2", up_2, ops_down, NULL, NULL },
	{ "ops_10", up_10, ops_down, NULL, NULL },
	{ "ops_100", up_100, ops_down, NULL, NULL },
	{ "ops_1_irrelevant_1", up_other_1, ops_down, NULL, NULL },
	{ "ops_1_irrelevant_10", up_other_10, ops_down, NULL, NULL },
	{ "ops_1_irrelevant_100", up_other_100, ops_down, NULL, NULL },
	{ "direct", up_direct, direct_down, NULL, NULL },
	{ "direct_plus_ops_1", up_direct_1, direct_down, NULL, NULL },
	{ "direct_plus_ops_10", up_direct_10, direct_down, NULL, NULL },
	{ "graph_1", up_graph_1, graph_down, NULL, NULL },
	{ "graph_2", up_graph_2, graph_down, NULL, NULL },
	{ "profile", up_profile, profile_down, NULL, NULL },
	{ "profile_hits", up_profile_hits, profile_down, NULL, NULL },
	{ "nop_site_again", NULL, NULL, NULL, NULL },
	{ NULL, NULL, NULL, NULL, NULL },
};
