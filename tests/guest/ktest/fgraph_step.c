/* SPDX-License-Identifier: MIT */
/*
 * The function graph at each instruction: calls with users run single-stepped, from the entry hook
 * to the return trampoline's jump, and at each instruction the whole stack is walked, as an
 * interrupt there would do. Frames are pushed and popped meanwhile. Untraced, because the debug
 * exception is.
 */
#include "kernel/kallsyms.h"
#include "kernel/lib/string.h"
#include "kernel/printk.h"
#include "kernel/sched/current.h"
#include "kernel/unwind.h"
#include "tests/guest/ktest/fgraph.h"
#include "tests/guest/ktest/step.h"
#include "tests/guest/ktest/targets.h"
#include "trace/tracers/fgraph_stack.h"
#include <asm/ptrace.h>

static struct {
	unsigned int steps, in_trampolines, wrong;
	char first_wrong[200];
} audit;

static noinline void step_body(void);

static unsigned long function_of(unsigned long pc)
{
	unsigned long size, offset;

	return kallsyms_lookup_size_offset(pc, &size, &offset) ? pc - offset : 0;
}

/*
 * Returns what is wrong with a walk from @regs: while step_body() runs, its frame is there once,
 * and nothing stands between a function of the targets and the one that calls it.
 */
static const char *wrong_with_walk(const struct pt_regs *regs)
{
	unsigned long function, before = 0;
	unsigned int bodies = 0, n = 0;
	struct unwind_state state;

	arch_unwind_start(&state, current, regs);
	do {
		if (ftrace_is_trampoline(state.pc))
			return "a trampoline shows";
		/* Behind a call that is a function's last instruction is the next function. */
		function = function_of(state.pc - (n++ > 0));
		bodies += function == (unsigned long)step_body;
		if (before == (unsigned long)kt_inner && function != (unsigned long)kt_outer)
			return "kt_inner() has another caller";
		if (before == (unsigned long)kt_outer && function != (unsigned long)step_body)
			return "kt_outer() has another caller";
		if (before == (unsigned long)kt_many && function != (unsigned long)step_body)
			return "kt_many() has another caller";
		before = function;
	} while (arch_unwind_step(&state));
	if (!state.at_end)
		return "the walk ends too early";
	return bodies <= 1 ? NULL : "a function shows twice";
}

static void check_step(struct pt_regs *regs)
{
	const char *wrong = wrong_with_walk(regs);

	audit.steps++;
	audit.in_trampolines += ftrace_is_trampoline(instruction_pointer(regs));
	if (wrong && !audit.wrong++)
		scnprintf(audit.first_wrong, sizeof(audit.first_wrong), "at %pS: %s",
			  (void *)instruction_pointer(regs), wrong);
}

static unsigned long nothing(unsigned long value)
{
	return value;
}

/* What is compared with the same without users. */
static unsigned long results[4];

static void step_body(void)
{
	results[0] = kt_outer(nothing, 40);
	results[1] = kt_many(1, 2, 3, 4, 5, 6, 7, 8, 9, 10);
	results[2] = kt_recurse(2);
	results[3] = kt_tail(kt_tail_end, 40);
}

static void step_with_users(struct ktest *t, unsigned int nr)
{
	static const unsigned long expected[] = { 42, 385, 3, 41 };
	static struct fgraph_ops users[3];
	unsigned int n;

	for (n = 0; n < nr; n++) {
		users[n] = (struct fgraph_ops){ 0 };
		if (!kt_graph_start(t, &users[n], "kt_[imort]*"))
			return;
	}
	kt_graph_caller = current;
	kt_graph_nr_events = 0;
	memset(&audit, 0, sizeof(audit));
	memset(results, 0, sizeof(results));
	ktest_single_step(step_body, check_step);
	kt_graph_caller = NULL;
	KT_EXPECT(t, !memcmp(results, expected, sizeof(results)));
	KT_EXPECT_EQ(t, kt_graph_nr_events, 2 * nr * 8);
	/* Each call comes through both trampolines. */
	KT_EXPECT(t, audit.in_trampolines >= (nr ? 8 * 10 : 0));
	if (audit.wrong)
		ktest_fail(t, __FILE__, __LINE__, "%u of %u: %s", audit.wrong, audit.steps,
			   audit.first_wrong);
	for (n = 0; n < nr; n++)
		kt_graph_stop(t, &users[n]);
}

KTEST(fgraph, walks_at_each_instruction)
{
	for (unsigned int nr = 0; nr <= 3; nr++)
		step_with_users(t, nr);
}

/* --- Interrupts when the shadow stack is full --- */

#define FRAMES_PER_LEVEL 2u		/* kt_outer() and kt_inner() */

static unsigned int nr_interrupts, nr_wrong_results;

static void call_traced(struct pt_regs *regs)
{
	nmi_enter();
	nr_interrupts++;
	nr_wrong_results += kt_many(1, 2, 3, 4, 5, 6, 7, 8, 9, 10) != 385;
	nmi_exit();
}

/* Takes the last two frames. */
static void step_last_calls(void)
{
	results[0] = kt_recurse(1);
}

static noinline unsigned long go_deeper(unsigned long levels)
{
	unsigned long below;

	if (!levels) {
		ktest_single_step(step_last_calls, call_traced);
		return 0;
	}
	below = kt_outer(go_deeper, levels - 1);
	barrier();
	return below;
}

/*
 * An interrupt that finds the shadow stack full looks for frames of calls that were left. The one
 * that the interrupted call is about to fill is none of them.
 */
KTEST(fgraph, interrupts_of_the_last_frame)
{
	static struct fgraph_ops gops;
	const unsigned int levels = (GRAPH_NR_FRAMES - 2) / FRAMES_PER_LEVEL;

	KT_ASSERT(t, kt_graph_start(t, &gops, "kt_[imor]*"));
	nr_interrupts = nr_wrong_results = 0;
	KT_EXPECT_EQ(t, go_deeper(levels), FRAMES_PER_LEVEL * levels);
	KT_EXPECT_EQ(t, results[0], 2);
	KT_EXPECT(t, nr_interrupts > 100);
	KT_EXPECT_EQ(t, nr_wrong_results, 0);
	kt_graph_stop(t, &gops);
}
