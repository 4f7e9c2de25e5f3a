/* SPDX-License-Identifier: MIT */
/*
 * The sequences of function_graph (trace/ring_buffer/ring_buffer_sequence.c). A traced call is
 * single-stepped through graph_trace_caller and graph_trace_return, and at one of the instructions,
 * each in turn, calls are recorded as by an NMI. No end of a call may be lost or written twice, and
 * at each instruction the stack can be walked. Untraced, because the hooks are.
 */
#include "kernel/kallsyms.h"
#include "kernel/lib/string.h"
#include "kernel/sched/current.h"
#include "kernel/smp.h"
#include "kernel/time.h"
#include "kernel/unwind.h"
#include "tests/guest/ktest/files.h"
#include "tests/guest/ktest/ktest.h"
#include "tests/guest/ktest/probe.h"
#include "tests/guest/ktest/sequence.h"
#include "tests/guest/ktest/step.h"
#include "tests/guest/ktest/targets.h"
#include "trace/arch.h"
#include "trace/output/trace.h"
#include "trace/output/trace_event.h"

#define T "/sys/kernel/tracing/"
#define MOST_STEPS 400u

static struct {
	unsigned int target, steps;	/* at which instruction of the trampolines; how many were */
	unsigned int nr;		/* so many calls then */
	bool done;
	const char *wrong;		/* with a walk; where */
	unsigned long wrong_at;
} run;

static noinline void call_alpha(void)
{
	kt_glob_alpha();
	barrier();			/* no tail call, because this frame is looked for */
}

static void interrupt_at_target(struct pt_regs *regs)
{
	if (run.done || !ftrace_is_trampoline(instruction_pointer(regs)) ||
	    ++run.steps != run.target)
		return;
	run.done = true;
	nmi_enter();
	for (unsigned int i = 0; i < run.nr; i++)
		kt_glob_beta();
	nmi_exit();
	ktest_step_recorded = true;
	ktest_stop_stepping(regs);
}

/*
 * Consume all events: each return must be that of the innermost call, the times in order. Returns
 * how many calls of kt_glob_alpha() there were, and stores those of kt_glob_beta().
 */
static unsigned long drain(struct ktest *t, unsigned long *betas)
{
	struct ftrace_graph_ent_entry open[4];
	struct ring_buffer_event *event;
	unsigned int nr_open = 0;
	unsigned long alphas = 0;
	u64 ts, last = 0;

	*betas = 0;
	while ((event = ring_buffer_consume(global_trace.buffer, (int)smp_processor_id(), &ts,
					    NULL))) {
		const struct ftrace_graph_ent_entry *entry = ring_buffer_event_data(event);
		const struct ftrace_graph_ret_entry *ret = (const void *)entry;

		KT_EXPECT(t, ts >= last && ts <= ktime_get_ns());
		last = ts;
		if (entry->ent.type == TRACE_GRAPH_ENT) {
			/* The frame comes before the event, and an NMI may come between them. */
			if (!KT_EXPECT(t, nr_open < ARRAY_SIZE(open) &&
					  entry->depth - nr_open <= 1))
				break;
			open[nr_open++] = *entry;
			continue;
		}
		if (!KT_EXPECT(t, ret->ent.type == TRACE_GRAPH_RET && nr_open--))
			break;
		KT_EXPECT_EQ(t, ret->func, open[nr_open].func);
		KT_EXPECT_EQ(t, ret->depth, (int)open[nr_open].depth);
		KT_EXPECT(t, ret->calltime <= ret->rettime && ret->rettime <= ts);
		if (arch_ftrace_function(ret->func) == (unsigned long)kt_glob_alpha)
			alphas++;
		else
			++*betas;
	}
	KT_EXPECT_EQ(t, nr_open, 0);
	return alphas;
}

/* Returns false when the trampolines have fewer than @target instructions. */
static bool interrupt_once(struct ktest *t, unsigned int target, unsigned int nr)
{
	int cpu = (int)smp_processor_id();
	unsigned long before, betas;
	bool ok;

	tracing_reset(&global_trace);
	if (!kt_sequence_open(t))
		return false;
	before = ring_buffer_entries_cpu(global_trace.buffer, cpu);
	run.target = target;
	run.steps = 0;
	run.done = false;
	run.nr = nr;
	ktest_single_step(call_alpha, interrupt_at_target);
	ok = KT_EXPECT_EQ(t, ring_buffer_entries_cpu(global_trace.buffer, cpu),
			  before + 2 + (run.done ? 2 * nr : 0));
	ok &= KT_EXPECT_EQ(t, drain(t, &betas), before / 2 + 1);
	ok &= KT_EXPECT_EQ(t, betas, run.done ? nr : 0);
	ok &= KT_EXPECT(t, ring_buffer_empty_cpu(global_trace.buffer, cpu));
	if (!ok)
		ktest_note(t, "at instruction %u of the trampolines", target);
	return run.done && ok;
}

static void interrupt_each(struct ktest *t, unsigned int nr)
{
	unsigned int target = 1;

	KT_NEED_ARGS(t);
	kt_one_cpu(t);
	if (!kt_sequence_start(t, "function_graph"))
		return;
	while (target < MOST_STEPS && interrupt_once(t, target, nr))
		target++;
	KT_EXPECT(t, target > 120 && target < MOST_STEPS);
	kt_sequence_stop(t);
}

KTEST(sequence, an_nmi_at_each_instruction_of_the_graph)
{
	interrupt_each(t, 1);
}

KTEST(sequence, an_nmi_that_fills_the_sub_buffer_at_each_instruction_of_the_graph)
{
	interrupt_each(t, 150);
}

static const char *wrong_with_walk(const struct pt_regs *regs)
{
	unsigned long size, offset, function, before = 0;
	unsigned int callers = 0, n = 0;
	struct unwind_state state;

	arch_unwind_start(&state, current, regs);
	do {
		if (ftrace_is_trampoline(state.pc))
			return "a trampoline shows";
		/* Behind a call that is a function's last instruction is the next function. */
		function = kallsyms_lookup_size_offset(state.pc - (n++ > 0), &size, &offset) ?
				   state.pc - (n > 1) - offset : 0;
		callers += function == (unsigned long)call_alpha;
		if (before == (unsigned long)kt_glob_alpha &&
		    function != (unsigned long)call_alpha)
			return "kt_glob_alpha() has another caller";
		before = function;
	} while (arch_unwind_step(&state));
	if (!state.at_end)
		return "the walk ends too early";
	return callers == 1 ? NULL : "its caller does not show once";
}

static void step_only(struct pt_regs *regs)
{
	unsigned long pc = instruction_pointer(regs);
	const char *wrong;

	if (!ftrace_is_trampoline(pc))
		return;
	run.steps++;
	wrong = wrong_with_walk(regs);
	if (wrong && !run.wrong) {
		run.wrong = wrong;
		run.wrong_at = pc;
	}
}

/* Stepped without an interrupt both come to their ends, and have written the events themselves. */
KTEST(sequence, each_instruction_of_the_graph_can_be_unwound)
{
	unsigned long betas;

	KT_NEED_ARGS(t);
	kt_one_cpu(t);
	if (!kt_sequence_start(t, "function_graph"))
		return;
	tracing_reset(&global_trace);
	if (kt_sequence_open(t)) {
		drain(t, &betas);
		memset(&run, 0, sizeof(run));
		ktest_single_step(call_alpha, step_only);
		KT_EXPECT(t, run.steps > 120);
		if (run.wrong)
			ktest_fail(t, __FILE__, __LINE__, "at %pS: %s", (void *)run.wrong_at,
				   run.wrong);
		KT_EXPECT(t, kt_sequence_is_open());
		KT_EXPECT_EQ(t, drain(t, &betas), 1);
	}
	kt_sequence_stop(t);
}

/* With a file that leaves calls out it is C that decides, and afterwards the sequence again. */
KTEST(sequence, files_of_the_graph_end_it)
{
	unsigned long betas;

	KT_NEED_ARGS(t);
	kt_one_cpu(t);
	if (!kt_sequence_start(t, "function_graph"))
		return;
	tracing_reset(&global_trace);
	if (kt_sequence_open(t)) {
		drain(t, &betas);
		KT_EXPECT_EQ(t, file_write(T "set_graph_notrace", "kt_glob_alpha", 0), 0);
		kt_glob_alpha();
		kt_glob_beta();
		KT_EXPECT_EQ(t, file_write(T "set_graph_notrace", "", 0), 0);
		KT_EXPECT_EQ(t, drain(t, &betas), 0);
		KT_EXPECT_EQ(t, betas, 1);
		KT_EXPECT_EQ(t, file_write(T "tracing_thresh", "1000000", 0), 0);
		kt_glob_alpha();
		KT_EXPECT_EQ(t, file_write(T "tracing_thresh", "0", 0), 0);
		KT_EXPECT_EQ(t, drain(t, &betas), 0);
		kt_sequence_open(t);
	}
	kt_sequence_stop(t);
}
