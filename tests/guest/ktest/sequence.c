/* SPDX-License-Identifier: MIT */
/*
 * The function tracer's sequence (trace/ring_buffer/ring_buffer_sequence.c). A traced call is
 * single-stepped through function_trace_caller, and at one of its instructions, each in turn, an
 * event is recorded as by an NMI. Neither of the two events may be lost or written twice, and their
 * times must be in order. Untraced, because the hooks are.
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
#include "trace/ring_buffer/ring_buffer_write.h"
#include "trace/tracers/fgraph.h"

#define T "/sys/kernel/tracing/"
#define MOST_STEPS 200u

static struct {
	unsigned int target, steps;	/* at which instruction of the trampoline; how many were */
	bool in_sequence;		/* that instruction is before the commit */
	bool done;
	void (*interrupt)(void);
} run;

bool kt_sequence_is_open(void)
{
	return !global_trace.buffer->buffers[smp_processor_id()]->tail;
}

static void interrupt_at_target(struct pt_regs *regs)
{
	unsigned long at = instruction_pointer(regs) - (unsigned long)function_trace_caller;
	unsigned long committed = (unsigned long)function_trace_committed -
				  (unsigned long)function_trace_caller;

	/* Behind the commit there are a few instructions more. */
	if (run.done || at >= committed + 32 || ++run.steps != run.target)
		return;
	run.in_sequence = at < committed;
	run.done = true;
	nmi_enter();
	run.interrupt();
	nmi_exit();
	ktest_step_recorded = true;
	ktest_stop_stepping(regs);
}

static void call_alpha(void)
{
	kt_glob_alpha();
}

static void call_beta(void)
{
	kt_glob_beta();
}

static void write_many(void)
{
	for (unsigned int i = 0; i < 300; i++)
		kt_glob_beta();
}

/* While a return address may be hidden, the tracer asks for the true caller, which needs C. */
#define NEED_SEQUENCE(t) do {							\
	KT_NEED_ARGS(t);							\
	if (fgraph_may_hide)							\
		KT_SKIP(t, "a thread is in a call of an earlier graph tracer");	\
} while (0)

bool kt_sequence_start(struct ktest *t, const char *tracer)
{
	static const char filter[] = "kt_glob_alpha kt_glob_beta";

	return KT_EXPECT_EQ(t, file_write(T "set_ftrace_filter", filter, 0), 0) &&
	       KT_EXPECT_EQ(t, file_write(T "current_tracer", tracer, 0), 0);
}

void kt_sequence_stop(struct ktest *t)
{
	KT_EXPECT_EQ(t, file_write(T "current_tracer", "nop", 0), 0);
	KT_EXPECT_EQ(t, file_write(T "set_ftrace_filter", "", 0), 0);
}

bool kt_sequence_open(struct ktest *t)
{
	for (unsigned int i = 0; i < 3 && !kt_sequence_is_open(); i++)
		kt_glob_alpha();
	return KT_EXPECT(t, kt_sequence_is_open());
}

/* Consume all events. Returns how many are calls of @function. */
static unsigned long drain(struct ktest *t, void (*function)(void), unsigned long *others)
{
	struct ring_buffer_event *event;
	unsigned long nr = 0;
	u64 ts, last = 0;

	*others = 0;
	while ((event = ring_buffer_consume(global_trace.buffer, (int)smp_processor_id(), &ts,
					    NULL))) {
		const struct ftrace_entry *entry = ring_buffer_event_data(event);

		KT_EXPECT_EQ(t, entry->ent.type, TRACE_FN);
		KT_EXPECT(t, ts >= last && ts <= ktime_get_ns());
		last = ts;
		if (arch_ftrace_function(entry->ip) == (unsigned long)function)
			nr++;
		else
			++*others;
	}
	return nr;
}

/* Returns false when the trampoline has fewer than @target instructions. */
static bool interrupt_once(struct ktest *t, unsigned int target, void (*interrupt)(void),
			   unsigned long nr_interrupt)
{
	int cpu = (int)smp_processor_id();
	unsigned long before, alphas, others;
	bool ok;

	tracing_reset(&global_trace);
	if (!kt_sequence_open(t))
		return false;
	before = ring_buffer_entries_cpu(global_trace.buffer, cpu);
	run.target = target;
	run.steps = 0;
	run.done = run.in_sequence = false;
	run.interrupt = interrupt;
	ktest_single_step(call_alpha, interrupt_at_target);
	ok = KT_EXPECT_EQ(t, ring_buffer_entries_cpu(global_trace.buffer, cpu),
			  before + 1 + (run.done ? nr_interrupt : 0));
	alphas = drain(t, kt_glob_alpha, &others);
	ok &= KT_EXPECT_EQ(t, alphas, before + 1);
	ok &= KT_EXPECT_EQ(t, others, run.done ? nr_interrupt : 0);
	ok &= KT_EXPECT(t, ring_buffer_empty_cpu(global_trace.buffer, cpu));
	if (!ok)
		ktest_note(t, "at instruction %u of the trampoline", target);
	return run.done && ok;
}

static void interrupt_each(struct ktest *t, void (*interrupt)(void), unsigned long nr)
{
	unsigned int target = 1, inside = 0;

	NEED_SEQUENCE(t);
	kt_one_cpu(t);
	if (!kt_sequence_start(t, "function"))
		return;
	for (; target < MOST_STEPS && interrupt_once(t, target, interrupt, nr); target++)
		inside += run.in_sequence;
	KT_EXPECT(t, inside > 40);
	KT_EXPECT(t, target > inside && target < MOST_STEPS);
	kt_sequence_stop(t);
}

KTEST(sequence, an_nmi_at_each_instruction)
{
	interrupt_each(t, call_beta, 1);
}

KTEST(sequence, an_nmi_that_fills_the_sub_buffer_at_each_instruction)
{
	interrupt_each(t, write_many, 300);
}

/* Stepped without an interrupt it comes to its end, and has written the event itself. */
static void step_only(struct pt_regs *regs)
{
	struct unwind_state state;
	unsigned int targets = 0;

	if (instruction_pointer(regs) - (unsigned long)function_trace_caller >=
	    (unsigned long)function_trace_committed - (unsigned long)function_trace_caller)
		return;
	run.steps++;
	arch_unwind_start(&state, current, regs);
	do {
		unsigned long size, offset;

		if (ftrace_is_trampoline(state.pc))
			targets = 2;
		if (kallsyms_lookup_size_offset(state.pc, &size, &offset) &&
		    state.pc - offset == (unsigned long)kt_glob_alpha)
			targets++;
	} while (arch_unwind_step(&state));
	if (targets != 1 || !state.at_end)
		run.done = true;
}

KTEST(sequence, each_instruction_can_be_unwound)
{
	unsigned long others;

	NEED_SEQUENCE(t);
	kt_one_cpu(t);
	if (!kt_sequence_start(t, "function"))
		return;
	tracing_reset(&global_trace);
	if (kt_sequence_open(t)) {
		drain(t, kt_glob_alpha, &others);
		run.steps = 0;
		run.done = false;
		ktest_single_step(call_alpha, step_only);
		KT_EXPECT(t, run.steps > 40);
		KT_EXPECT(t, !run.done);
		KT_EXPECT(t, kt_sequence_is_open());
		KT_EXPECT_EQ(t, drain(t, kt_glob_alpha, &others), 1);
	}
	kt_sequence_stop(t);
}

/* Whatever closes it, it is opened again, and everything is counted. */
KTEST(sequence, others_write_resize_and_switch_off_in_between)
{
	struct trace_buffer *buffer = global_trace.buffer;
	unsigned long alphas = 0, others, size;

	NEED_SEQUENCE(t);
	kt_one_cpu(t);
	if (!kt_sequence_start(t, "function"))
		return;
	size = ring_buffer_size(buffer, 0);
	tracing_reset(&global_trace);
	for (unsigned int i = 0; i < 400 && kt_sequence_open(t); i++) {
		alphas = ring_buffer_entries_cpu(buffer, 0);
		kt_glob_alpha();
		KT_EXPECT_EQ(t, ring_buffer_entries_cpu(buffer, 0), alphas + 1);
		if (i % 4 == 0)
			KT_EXPECT(t, !tracing_resize(&global_trace, size + i % 8 * PAGE_SIZE, 0));
		if (i % 4 == 1) {
			tracing_off();
			kt_glob_alpha();
			tracing_on();
		}
		if (i % 4 == 2) {
			ring_buffer_record_disable(buffer);
			kt_glob_alpha();
			ring_buffer_record_enable(buffer);
		}
		KT_EXPECT_EQ(t, ring_buffer_entries_cpu(buffer, 0), alphas + 1);
	}
	KT_EXPECT_EQ(t, ring_buffer_overrun_cpu(buffer, 0) +
		     ring_buffer_dropped_events_cpu(buffer, 0), 0);
	KT_EXPECT_EQ(t, drain(t, kt_glob_alpha, &others), alphas + 1);
	KT_EXPECT_EQ(t, tracing_resize(&global_trace, size, 0), 0);
	kt_sequence_stop(t);
}
