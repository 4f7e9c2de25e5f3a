/* SPDX-License-Identifier: MIT */
/*
 * The tracers irqsoff, preemptoff and preemptirqsoff: the longest section of code with interrupts
 * or preemption off, or with either of them off. A section belongs to a CPU, not to a thread: the
 * scheduler begins one in the thread that it switches out, and ends it in the next one. They hang
 * on the tracepoints of kernel/preemptirq.h, which tell of the outermost places alone. Untraced.
 */
#include "kernel/events/preemptirq.h"
#include "kernel/lockdep.h"
#include "kernel/sched/current.h"
#include "trace/output/trace_event.h"
#include "trace/tracers/fgraph.h"
#include "trace/tracers/trace_latency.h"

#define WATCH_IRQS 1u
#define WATCH_PREEMPT 2u
#define WATCH_BOTH (WATCH_IRQS | WATCH_PREEMPT)

static unsigned int watched;

/* What a CPU is in. Only that CPU writes it, with what is watched off. */
static struct section {
	bool is_open;
	unsigned long ip;		/* where it began, */
	u64 start;			/* and when, by the buffer's clock */
} __aligned(64) sections[NR_CPUS];

/* --- Sections --- */

/* One that is still open has ended in code that does not tell: this one takes its place. */
static void section_begins(unsigned long ip, unsigned long parent_ip)
{
	struct section *section = &sections[smp_processor_id()];

	if (!tracer_tracing_is_on(&global_trace))
		return;
	section->ip = ip;
	/* The time is read before the event is recorded, which then lies behind it. */
	section->start = ring_buffer_time_stamp(global_trace.buffer);
	trace_latency_mark(&global_trace, ip, parent_ip);
	WRITE_ONCE(section->is_open, true);
}

/* It is the longest one, as far as is known: @told is the probe that was told of its end. */
static void keep_section(const struct section *section, unsigned long ip, unsigned long told,
			 u64 delta)
{
	const struct trace_max seen = {
		.latency = delta, .start = section->start,
		.started_at = section->ip, .ended_at = ip,
	};
	unsigned long flags;

	trace_latency_mark(&global_trace, told, ip);
	trace_record_stack(&global_trace, ip);
	/* Where only preemption is off, an interrupt must not come while buffers are exchanged. */
	flags = arch_irq_save();
	trace_update_max(&global_trace, current, &seen);
	arch_irq_restore(flags);
}

static void section_ends(unsigned long ip, unsigned long parent_ip, unsigned long told)
{
	struct section *section = &sections[smp_processor_id()];
	u64 delta;

	if (!section->is_open)
		return;
	WRITE_ONCE(section->is_open, false);
	if (!tracer_tracing_is_on(&global_trace))
		return;
	trace_latency_mark(&global_trace, ip, parent_ip);
	delta = ring_buffer_time_stamp(global_trace.buffer) - section->start;
	if (trace_reports_latency(&global_trace, delta))
		keep_section(section, ip, told, delta);
}

/* --- The tracepoints --- */

/*
 * Is the other one off and watched, too? Then the section began before, or goes on. An interrupt
 * that has just come, or is about to end, does not count: interrupts were on where it came.
 */
static bool in_preempt_section(void)
{
	return watched & WATCH_PREEMPT && preempt_count() & ~HARDIRQ_MASK;
}

static bool in_irq_section(void)
{
	return watched & WATCH_IRQS && arch_irqs_disabled();
}

static void tracer_hardirqs_off(void *data, unsigned long ip, unsigned long parent_ip)
{
	assert_irqs_off();
	if (!in_preempt_section())
		section_begins(ip, parent_ip);
}

static void tracer_hardirqs_on(void *data, unsigned long ip, unsigned long parent_ip)
{
	assert_irqs_off();
	if (!in_preempt_section())
		section_ends(ip, parent_ip, (unsigned long)tracer_hardirqs_on);
}

static void tracer_preempt_off(void *data, unsigned long ip, unsigned long parent_ip)
{
	assert_preempt_off();
	if (!in_irq_section())
		section_begins(ip, parent_ip);
}

static void tracer_preempt_on(void *data, unsigned long ip, unsigned long parent_ip)
{
	assert_preempt_off();
	if (!in_irq_section())
		section_ends(ip, parent_ip, (unsigned long)tracer_preempt_on);
}

/* --- Functions inside --- */

/*
 * Is this call in a section? It does not matter if the thread moves to another CPU meanwhile: then
 * nothing is off here.
 */
static bool is_inside(void)
{
	return READ_ONCE(sections[smp_processor_id()].is_open) &&
	       ((watched & WATCH_PREEMPT && preempt_count()) || in_irq_section());
}

static void irqsoff_function_call(unsigned long ip, unsigned long parent_ip, struct ftrace_ops *op,
				  struct ftrace_regs *fregs)
{
	if (is_inside())
		trace_function(&global_trace, ip, fgraph_true_parent(parent_ip, fregs),
			       trace_gen_ctx());
}

static const struct latency_inside irqsoff_inside = {
	.function = irqsoff_function_call,
	.is_inside = is_inside,
	.flags = TRACE_ITER_PAUSE_ON_TRACE,
};

/* --- The tracers --- */

static void unregister_probes(void)
{
	unregister_trace_irq_disable(tracer_hardirqs_off, NULL);
	unregister_trace_irq_enable(tracer_hardirqs_on, NULL);
	unregister_trace_preempt_disable(tracer_preempt_off, NULL);
	unregister_trace_preempt_enable(tracer_preempt_on, NULL);
}

static int register_probes(void)
{
	int err = 0;

	/* Ends are told before beginnings are, so that no section stays open. */
	if (watched & WATCH_IRQS)
		err = register_trace_irq_enable(tracer_hardirqs_on, NULL);
	if (!err && watched & WATCH_PREEMPT)
		err = register_trace_preempt_enable(tracer_preempt_on, NULL);
	if (!err && watched & WATCH_IRQS)
		err = register_trace_irq_disable(tracer_hardirqs_off, NULL);
	if (!err && watched & WATCH_PREEMPT)
		err = register_trace_preempt_disable(tracer_preempt_off, NULL);
	/* Of a probe that is not registered this finds nothing, which does no harm. */
	if (err)
		unregister_probes();
	return err;
}

static int start(struct trace_array *tr, unsigned int what)
{
	int err;

	/* First, for whoever is called inside asks for it. */
	watched = what;
	err = trace_latency_start(tr, &irqsoff_inside);
	if (err)
		return err;
	err = register_probes();
	if (err)
		trace_latency_stop(tr);
	return err;
}

static int irqsoff_init(struct trace_array *tr)
{
	return start(tr, WATCH_IRQS);
}

static int preemptoff_init(struct trace_array *tr)
{
	return start(tr, WATCH_PREEMPT);
}

static int preemptirqsoff_init(struct trace_array *tr)
{
	return start(tr, WATCH_BOTH);
}

static int irqsoff_reset(struct trace_array *tr)
{
	int err = trace_latency_stop(tr);

	if (err)
		return err;
	unregister_probes();
	/* Nobody is told any more, so nobody writes these. */
	for (unsigned int cpu = 0; cpu < NR_CPUS; cpu++)
		sections[cpu].is_open = false;
	return 0;
}

#define LATENCY_TRACER(name_)					\
	static struct tracer name_##_trace = {			\
		.name = #name_,					\
		.init = name_##_init,				\
		.reset = irqsoff_reset,				\
		.flag_changed = trace_latency_flag_changed,	\
		.use_max = true,				\
		.graph_flags = TRACE_GRAPH_IRQSOFF_FLAGS,	\
	}
LATENCY_TRACER(irqsoff);
LATENCY_TRACER(preemptoff);
LATENCY_TRACER(preemptirqsoff);

int init_irqsoff_trace(void)
{
	int err = register_tracer(&irqsoff_trace);

	if (!err)
		err = register_tracer(&preemptoff_trace);
	return err ? err : register_tracer(&preemptirqsoff_trace);
}
