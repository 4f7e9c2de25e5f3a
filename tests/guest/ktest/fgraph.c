/* SPDX-License-Identifier: MIT */
/*
 * The function graph as a mechanism: users are told of both ends of a call, and nothing else can
 * tell that they are. Calls that end in unusual ways, threads that sleep in traced functions, and
 * users that come and go. fgraph_step.c looks at each instruction. Untraced, because of the
 * callbacks.
 */
#include "trace/tracers/fgraph.h"
#include "kernel/arch.h"
#include "kernel/kallsyms.h"
#include "kernel/lib/errno.h"
#include "kernel/lib/string.h"
#include "kernel/sched/current.h"
#include "kernel/sched/wait.h"
#include "kernel/unwind.h"
#include "tests/guest/ktest/fgraph.h"
#include "tests/guest/ktest/probe.h"
#include "tests/guest/ktest/targets.h"
#include "trace/core/reclaim.h"

#define NR_USERS 3

struct kt_graph_event kt_graph_events[KT_GRAPH_EVENTS];
unsigned int kt_graph_nr_events;
struct task_struct *kt_graph_caller;

static void note(struct fgraph_ops *gops, unsigned long func, int depth, bool returns,
		 struct ftrace_regs *fregs)
{
	struct kt_graph_event *event;

	if (current != kt_graph_caller || in_interrupt())
		return;
	if (kt_graph_nr_events < KT_GRAPH_EVENTS) {
		event = &kt_graph_events[kt_graph_nr_events];
		*event = (struct kt_graph_event){
			.gops = gops, .func = func, .depth = depth, .returns = returns,
		};
		if (returns || FTRACE_HAVE_ARGS)
			event->value = returns ? ftrace_regs_get_return_value(fregs) :
				ftrace_regs_get_argument(fregs, 0);
	}
	kt_graph_nr_events++;
}

int kt_graph_entry(struct ftrace_graph_ent *trace, struct fgraph_ops *gops,
		   struct ftrace_regs *fregs)
{
	note(gops, trace->func, trace->depth, false, fregs);
	return 1;
}

void kt_graph_return(struct ftrace_graph_ret *trace, struct fgraph_ops *gops,
		     struct ftrace_regs *fregs)
{
	note(gops, trace->func, trace->depth, true, fregs);
}

static int refuse(struct ftrace_graph_ent *trace, struct fgraph_ops *gops,
		  struct ftrace_regs *fregs)
{
	note(gops, trace->func, trace->depth, false, fregs);
	return 0;
}

bool kt_graph_start(struct ktest *t, struct fgraph_ops *gops, const char *glob)
{
	if (!gops->entryfunc)
		gops->entryfunc = kt_graph_entry;
	if (!gops->retfunc)
		gops->retfunc = kt_graph_return;
	return KT_EXPECT_EQ(t, ftrace_set_filter(&gops->ops, glob, (int)strlen(glob), 1), 0) &&
	       KT_EXPECT_EQ(t, register_ftrace_graph(gops), 0);
}

void kt_graph_stop(struct ktest *t, struct fgraph_ops *gops)
{
	KT_EXPECT_EQ(t, unregister_ftrace_graph(gops), 0);
	ftrace_free_filter(&gops->ops);
}

static void listen(void)
{
	kt_graph_nr_events = 0;
	kt_graph_caller = current;
}

static void expect_event(struct ktest *t, unsigned int n, struct fgraph_ops *gops,
			 unsigned long function, bool returns, int depth)
{
	const struct kt_graph_event *event = &kt_graph_events[n];

	KT_EXPECT(t, n < kt_graph_nr_events);
	KT_EXPECT(t, event->gops == gops);
	KT_EXPECT_EQ(t, arch_ftrace_function(event->func), function);
	KT_EXPECT_EQ(t, event->returns, returns);
	KT_EXPECT_EQ(t, event->depth, depth);
}

static unsigned long nothing(unsigned long value)
{
	return value;
}

KTEST(fgraph, both_ends_of_calls)
{
	static struct fgraph_ops gops;

	KT_ASSERT(t, kt_graph_start(t, &gops, "kt_[iomg]*"));
	listen();
	KT_EXPECT_EQ(t, kt_outer(nothing, 40), 42);
	KT_EXPECT_EQ(t, kt_graph_nr_events, 4);
	expect_event(t, 0, &gops, (unsigned long)kt_outer, false, 0);
	expect_event(t, 1, &gops, (unsigned long)kt_inner, false, 1);
	expect_event(t, 2, &gops, (unsigned long)kt_inner, true, 1);
	expect_event(t, 3, &gops, (unsigned long)kt_outer, true, 0);
	KT_EXPECT_EQ(t, kt_graph_events[2].value, 41);
	KT_EXPECT_EQ(t, kt_graph_events[3].value, 42);
	listen();
	KT_EXPECT_EQ(t, kt_many(1, 2, 3, 4, 5, 6, 7, 8, 9, 10), 385);
	KT_EXPECT_EQ(t, kt_graph_nr_events, 2);
	KT_EXPECT_EQ(t, kt_graph_events[1].value, 385);
	if (FTRACE_HAVE_ARGS)
		KT_EXPECT_EQ(t, kt_graph_events[0].value, 1);
	kt_graph_stop(t, &gops);
	listen();
	KT_EXPECT_EQ(t, kt_outer(nothing, 40), 42);
	KT_EXPECT_EQ(t, kt_graph_nr_events, 0);
	KT_EXPECT(t, probe_site_is_nop((unsigned long)kt_outer));
}

/* --- Results --- */

static void change_result(struct ftrace_graph_ret *trace, struct fgraph_ops *gops,
			  struct ftrace_regs *fregs)
{
	ftrace_regs_set_return_value(fregs, ftrace_regs_get_return_value(fregs) + 1);
}

/* The result may be changed, and the other half of a 64-bit one stays what it was. */
KTEST(fgraph, result_is_changed)
{
	static struct fgraph_ops gops = { .retfunc = change_result };
	const u64 big = 0x123456789abcull;

	KT_ASSERT(t, kt_graph_start(t, &gops, "kt_[sp]*"));
	KT_EXPECT_EQ(t, kt_sum(40, 2), 43);
	KT_EXPECT_EQ(t, kt_product(3, big, 5), 3 * big + 6);
	kt_graph_stop(t, &gops);
	KT_EXPECT_EQ(t, kt_sum(40, 2), 42);
}

/* --- Several users --- */

KTEST(fgraph, users_have_their_own_filters)
{
	static struct fgraph_ops users[NR_USERS];

	KT_ASSERT(t, kt_graph_start(t, &users[0], "kt_outer"));
	KT_ASSERT(t, kt_graph_start(t, &users[1], "kt_inner"));
	KT_ASSERT(t, kt_graph_start(t, &users[2], "kt_[oi]*"));
	listen();
	KT_EXPECT_EQ(t, kt_outer(nothing, 40), 42);
	KT_EXPECT_EQ(t, kt_graph_nr_events, 8);
	/* At a function's entry the latest comes first; both see one depth. */
	expect_event(t, 0, &users[2], (unsigned long)kt_outer, false, 0);
	expect_event(t, 1, &users[0], (unsigned long)kt_outer, false, 0);
	expect_event(t, 2, &users[2], (unsigned long)kt_inner, false, 1);
	expect_event(t, 3, &users[1], (unsigned long)kt_inner, false, 1);
	expect_event(t, 4, &users[1], (unsigned long)kt_inner, true, 1);
	expect_event(t, 5, &users[2], (unsigned long)kt_inner, true, 1);
	expect_event(t, 6, &users[0], (unsigned long)kt_outer, true, 0);
	expect_event(t, 7, &users[2], (unsigned long)kt_outer, true, 0);
	kt_graph_stop(t, &users[2]);
	listen();
	KT_EXPECT_EQ(t, kt_outer(nothing, 40), 42);
	KT_EXPECT_EQ(t, kt_graph_nr_events, 4);
	kt_graph_stop(t, &users[0]);
	kt_graph_stop(t, &users[1]);
	KT_EXPECT(t, probe_site_is_nop((unsigned long)kt_outer));
	KT_EXPECT(t, probe_site_is_nop((unsigned long)kt_inner));
}

/* Who refuses a call at its entry is not told of its return, whichever place it has in the row. */
KTEST(fgraph, entry_refuses)
{
	static struct fgraph_ops users[NR_USERS];
	unsigned int refusing;

	for (refusing = 0; refusing < NR_USERS; refusing++) {
		for (unsigned int n = 0; n < NR_USERS; n++) {
			users[n] = (struct fgraph_ops){ 0 };
			if (n == refusing)
				users[n].entryfunc = refuse;
			if (!kt_graph_start(t, &users[n], "kt_recurse"))
				return;
		}
		listen();
		KT_EXPECT_EQ(t, kt_recurse(1), 2);
		KT_EXPECT_EQ(t, kt_graph_nr_events, 10);
		for (unsigned int n = 6; n < 10; n++) {
			KT_EXPECT(t, kt_graph_events[n].returns);
			KT_EXPECT(t, kt_graph_events[n].gops != &users[refusing]);
			KT_EXPECT_EQ(t, kt_graph_events[n].depth, n < 8);
		}
		for (unsigned int n = 0; n < NR_USERS; n++)
			kt_graph_stop(t, &users[n]);
	}
}

KTEST(fgraph, refusals)
{
	static struct fgraph_ops users[FGRAPH_MAX_USERS], more;
	static struct fgraph_ops empty;
	unsigned int n;

	KT_EXPECT_EQ(t, register_ftrace_graph(&empty), -EINVAL);
	KT_EXPECT_EQ(t, unregister_ftrace_graph(&empty), -EBUSY);
	for (n = 0; n < FGRAPH_MAX_USERS; n++) {
		if (!kt_graph_start(t, &users[n], "kt_sum"))
			return;
		KT_EXPECT_EQ(t, users[n].idx, n);
	}
	KT_EXPECT_EQ(t, register_ftrace_graph(&users[3]), -EBUSY);
	more.entryfunc = kt_graph_entry;
	KT_EXPECT_EQ(t, ftrace_set_filter(&more.ops, "kt_sum", 6, 1), 0);
	KT_EXPECT_EQ(t, register_ftrace_graph(&more), -ENOSPC);
	listen();
	KT_EXPECT_EQ(t, kt_sum(40, 2), 42);
	KT_EXPECT_EQ(t, kt_graph_nr_events, 2 * FGRAPH_MAX_USERS);
	for (n = 0; n < FGRAPH_MAX_USERS; n++)
		kt_graph_stop(t, &users[n]);
	more.ops.flags = FTRACE_OPS_FL_DIRECT;
	KT_EXPECT_EQ(t, register_ftrace_graph(&more), -EINVAL);
	more.ops.flags = 0;
	KT_EXPECT_EQ(t, register_ftrace_graph(&more), 0);
	kt_graph_stop(t, &more);
}

/* --- Data of a call, and of a thread --- */

static const int sizes[NR_USERS] = { 1, 8, 100 };
static unsigned int wrong_data;

static int reserve(struct ftrace_graph_ent *trace, struct fgraph_ops *gops,
		   struct ftrace_regs *fregs)
{
	int size = sizes[(unsigned long)gops->private];
	char *data = fgraph_reserve_data(gops->idx, size);

	if (data)
		memset(data, trace->depth + 16 * gops->idx, (size_t)size);
	else
		wrong_data++;
	++*fgraph_get_task_var(gops);
	return 1;
}

static void retrieve(struct ftrace_graph_ret *trace, struct fgraph_ops *gops,
		     struct ftrace_regs *fregs)
{
	int size = 0, outer_size = 0;
	char *data = fgraph_retrieve_data(gops->idx, &size);
	char *outer = fgraph_retrieve_parent_data(gops->idx, &outer_size, 1);

	if (!data || size != sizes[(unsigned long)gops->private] ||
	    data[0] != trace->depth + 16 * gops->idx || data[size - 1] != data[0])
		wrong_data++;
	if (trace->depth ? !outer || outer_size != size || *outer != *data - 1 : outer != NULL)
		wrong_data++;
}

KTEST(fgraph, data_goes_with_a_call)
{
	static struct fgraph_ops users[NR_USERS];

	wrong_data = 0;
	kt_one_cpu(t);
	for (unsigned long n = 0; n < NR_USERS; n++) {
		users[n] = (struct fgraph_ops){
			.entryfunc = reserve, .retfunc = retrieve, .private = (void *)n,
		};
		if (!kt_graph_start(t, &users[n], "kt_recurse"))
			return;
		KT_EXPECT_EQ(t, *fgraph_get_task_var(&users[n]), 0);
	}
	KT_EXPECT_EQ(t, kt_recurse(2), 3);
	KT_EXPECT_EQ(t, wrong_data, 0);
	for (unsigned int n = 0; n < NR_USERS; n++) {
		KT_EXPECT_EQ(t, *fgraph_get_task_var(&users[n]), 3);
		kt_graph_stop(t, &users[n]);
	}
	KT_EXPECT(t, !fgraph_reserve_data(0, 0));
	KT_EXPECT(t, !fgraph_reserve_data(0, (int)FGRAPH_MAX_DATA_SIZE + 1));
}

/* --- Deep calls --- */

static unsigned int last_overrun;

static void note_overrun(struct ftrace_graph_ret *trace, struct fgraph_ops *gops,
			 struct ftrace_regs *fregs)
{
	last_overrun = trace->overrun;
}

/* Calls for which the shadow stack has no room are not traced, but counted. */
KTEST(fgraph, overflow_is_counted)
{
	static struct fgraph_ops gops = { .retfunc = note_overrun };
	unsigned int before;

	KT_ASSERT(t, kt_graph_start(t, &gops, "kt_recurse"));
	kt_recurse(0);
	before = last_overrun;
	KT_EXPECT_EQ(t, kt_recurse(119), 120);
	KT_EXPECT_EQ(t, last_overrun - before, 120 - 96);
	KT_EXPECT_EQ(t, kt_recurse(3), 4);
	KT_EXPECT_EQ(t, last_overrun - before, 120 - 96);
	kt_graph_stop(t, &gops);
}

/* --- Unusual ends --- */

/* A tail call: kt_tail() is over when its hook begins, but both return through the same place. */
KTEST(fgraph, tail_call)
{
	static struct fgraph_ops gops;

	KT_ASSERT(t, kt_graph_start(t, &gops, "kt_[ti]*"));
	listen();
	KT_EXPECT_EQ(t, kt_tail(kt_tail_end, 40), 41);
	KT_EXPECT_EQ(t, kt_graph_nr_events, 4);
	expect_event(t, 0, &gops, (unsigned long)kt_tail, false, 0);
	expect_event(t, 1, &gops, (unsigned long)kt_tail_end, false, 1);
	expect_event(t, 2, &gops, (unsigned long)kt_tail_end, true, 1);
	expect_event(t, 3, &gops, (unsigned long)kt_tail, true, 0);
	kt_graph_stop(t, &gops);
}

static void *jump_to[5];

static unsigned long jump_back(unsigned long value)
{
	__builtin_longjmp(jump_to, 1);
}

static noinline void call_and_jump_back(void)
{
	if (!__builtin_setjmp(jump_to))
		kt_outer(jump_back, 1);
}

/* A thread of its own, because frames of such calls may stay on its shadow stack. */
static int never_return(void *data)
{
	struct ktest *t = data;
	unsigned int n;

	for (n = 0; n < 150; n++)
		call_and_jump_back();
	listen();
	KT_EXPECT_EQ(t, kt_outer(nothing, 40), 42);
	KT_EXPECT_EQ(t, kt_graph_nr_events, 4);
	for (n = 0; n < 150; n++) {
		call_and_jump_back();
		KT_EXPECT_EQ(t, kt_sum(40, 2), 42);
	}
	KT_EXPECT_EQ(t, kt_recurse(3), 4);
	return 0;
}

/* Functions that are left for good, more often than a shadow stack has room for them. */
KTEST(fgraph, functions_that_never_return)
{
	static struct fgraph_ops gops;
	struct task_struct *task;

	KT_ASSERT(t, kt_graph_start(t, &gops, "kt_[iors]*"));
	task = kthread_run(never_return, t, "kt-graph");
	if (KT_EXPECT(t, !IS_ERR(task)))
		kthread_join(task);
	kt_graph_stop(t, &gops);
}

static int end_at_once(void *data)
{
	return (int)kt_outer(nothing, 5);
}

/* All functions are traced while threads begin and end, which are inside some when they do. */
KTEST(fgraph, threads_begin_and_end)
{
	static struct fgraph_ops gops = { .entryfunc = kt_graph_entry };

	KT_EXPECT_EQ(t, register_ftrace_graph(&gops), 0);
	for (unsigned int n = 0; n < 8; n++) {
		struct task_struct *task = kthread_run(end_at_once, NULL, "kt-graph");

		if (KT_EXPECT(t, !IS_ERR(task)))
			KT_EXPECT_EQ(t, kthread_join(task), 7);
	}
	KT_EXPECT_EQ(t, unregister_ftrace_graph(&gops), 0);
}

static void override(unsigned long ip, unsigned long parent_ip, struct ftrace_ops *op,
		     struct ftrace_regs *fregs)
{
	ftrace_regs_set_return_value(fregs, 77);
	ftrace_override_function_with_return(fregs);
}

static void redirect(unsigned long ip, unsigned long parent_ip, struct ftrace_ops *op,
		     struct ftrace_regs *fregs)
{
	ftrace_regs_set_instruction_pointer(fregs, (unsigned long)kt_difference);
}

/* A callback that replaces the function, in both orders with the graph's. */
static void with_ipmodify(struct ktest *t, ftrace_func_t func, unsigned long result)
{
	for (unsigned int n = 0; n < 2; n++) {
		struct fgraph_ops gops = { 0 };
		struct ftrace_ops ops = { .func = func, .flags = FTRACE_OPS_FL_IPMODIFY };

		KT_EXPECT_EQ(t, ftrace_set_filter(&ops, "kt_sum", 6, 1), 0);
		if (n)
			KT_EXPECT_EQ(t, register_ftrace_function(&ops), 0);
		KT_ASSERT(t, kt_graph_start(t, &gops, "kt_sum"));
		if (!n)
			KT_EXPECT_EQ(t, register_ftrace_function(&ops), 0);
		listen();
		KT_EXPECT_EQ(t, kt_sum(40, 2), result);
		KT_EXPECT_EQ(t, kt_graph_nr_events, 2);
		KT_EXPECT_EQ(t, kt_graph_events[1].value, result);
		kt_graph_stop(t, &gops);
		KT_EXPECT_EQ(t, unregister_ftrace_function(&ops), 0);
		ftrace_free_filter(&ops);
	}
}

KTEST(fgraph, with_ipmodify)
{
	KT_NEED_ARGS(t);
	with_ipmodify(t, override, 77);
	with_ipmodify(t, redirect, 38);
}

KTEST(fgraph, with_direct_function)
{
	static struct fgraph_ops gops;

	KT_NEED_ARGS(t);
	KT_ASSERT(t, !ftrace_set_filter(&probe_direct_ops, "kt_outer", 8, 1));
	KT_ASSERT(t, !register_ftrace_direct(&probe_direct_ops, PROBE_A));
	KT_ASSERT(t, kt_graph_start(t, &gops, "kt_[oi]*"));
	listen();
	KT_EXPECT_EQ(t, kt_outer(nothing, 40), 42);
	KT_EXPECT_EQ(t, kt_graph_nr_events, 4);
	KT_EXPECT_EQ(t, kt_graph_events[3].value, 42);
	kt_graph_stop(t, &gops);
	KT_EXPECT_EQ(t, unregister_ftrace_direct(&probe_direct_ops, PROBE_A, true), 0);
}

/* --- Threads that sleep in traced functions --- */

static DECLARE_COMPLETION(sleeper_may_go);

static unsigned long sleep_here(unsigned long value)
{
	wait_for_completion(&sleeper_may_go);
	return value;
}

static int sleeper(void *data)
{
	kt_graph_caller = current;
	return (int)kt_outer(sleep_here, 40);
}

static struct task_struct *start_sleeper(struct ktest *t)
{
	struct task_struct *task = kthread_run(sleeper, NULL, "kt-graph");

	if (!KT_EXPECT(t, !IS_ERR(task)))
		return NULL;
	KT_WAIT(t, READ_ONCE(task->__state) == TASK_UNINTERRUPTIBLE);
	return task;
}

static bool walk_shows_both(const struct task_struct *task)
{
	unsigned long function, previous = 0, size, offset;
	struct unwind_state state;
	bool shown = false;

	arch_unwind_start(&state, task, NULL);
	do {
		if (ftrace_is_trampoline(state.pc) ||
		    !kallsyms_lookup_size_offset(state.pc - 1, &size, &offset))
			return false;
		function = state.pc - 1 - offset;
		shown |= previous == (unsigned long)kt_inner &&
			 function == (unsigned long)kt_outer;
		previous = function;
	} while (arch_unwind_step(&state));
	return shown && state.at_end && state.reliable;
}

static bool is_quiet(unsigned long function)
{
	unsigned long size = 0;

	return kallsyms_lookup_size_offset(function, &size, NULL) &&
	       ftrace_wait_until_quiet(function, function + size, 3);
}

/*
 * Its users leave, and another one comes and gets the number of one of them: the thread returns
 * home, and nobody is told.
 */
KTEST(fgraph, users_leave_while_a_thread_sleeps)
{
	static struct fgraph_ops users[2], later;
	struct task_struct *task;

	kt_one_cpu(t);
	KT_ASSERT(t, kt_graph_start(t, &users[0], "kt_[oi]*"));
	KT_ASSERT(t, kt_graph_start(t, &users[1], "kt_inner"));
	kt_graph_nr_events = 0;
	task = start_sleeper(t);
	KT_EXPECT_EQ(t, kt_graph_nr_events, 3);
	KT_EXPECT(t, walk_shows_both(task));
	/* What it returns to is on its shadow stack alone, and counts nevertheless. */
	KT_EXPECT(t, !is_quiet((unsigned long)kt_outer));
	KT_EXPECT(t, is_quiet((unsigned long)kt_many));
	kt_graph_stop(t, &users[0]);
	kt_graph_stop(t, &users[1]);
	KT_EXPECT(t, walk_shows_both(task));
	KT_ASSERT(t, kt_graph_start(t, &later, "kt_[oi]*"));
	KT_EXPECT_EQ(t, later.idx, 0);
	complete(&sleeper_may_go);
	KT_EXPECT_EQ(t, kthread_join(task), 42);
	KT_EXPECT_EQ(t, kt_graph_nr_events, 3);
	kt_graph_stop(t, &later);
}

/* --- Many CPUs --- */

static bool callers_stop;
static unsigned long wrong_results;

static int call_until_stopped(void *data)
{
	while (!READ_ONCE(callers_stop)) {
		if (kt_outer(nothing, 40) != 42 || kt_recurse(9) != 10 ||
		    kt_many(1, 2, 3, 4, 5, 6, 7, 8, 9, 10) != 385)
			__atomic_fetch_add(&wrong_results, 1, __ATOMIC_RELAXED);
		yield();
	}
	return 0;
}

/* Threads on all CPUs call functions whose users come and go. */
KTEST(fgraph, users_come_and_go)
{
	static struct fgraph_ops users[NR_USERS];
	struct task_struct *callers[4];
	unsigned int n, round;

	callers_stop = false;
	wrong_results = 0;
	kt_graph_caller = NULL;
	for (n = 0; n < ARRAY_SIZE(callers); n++) {
		callers[n] = kthread_run(call_until_stopped, NULL, "kt-graph%u", n);
		KT_ASSERT(t, !IS_ERR(callers[n]));
	}
	for (round = 0; round < 6; round++) {
		for (n = 0; n < NR_USERS; n++)
			kt_graph_start(t, &users[n], n ? "kt_[ior]*" : "kt_[om]*");
		yield();
		for (n = 0; n < NR_USERS; n++)
			kt_graph_stop(t, &users[(n + round) % NR_USERS]);
	}
	WRITE_ONCE(callers_stop, true);
	for (n = 0; n < ARRAY_SIZE(callers); n++)
		kthread_join(callers[n]);
	KT_EXPECT_EQ(t, wrong_results, 0);
}
