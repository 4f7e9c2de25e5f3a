/* SPDX-License-Identifier: MIT */
/*
 * NMIs and everything that they can interrupt. Each NMI runs traced functions with everything
 * attached, while the code that it interrupts calls the same functions, patches them, or writes to
 * the ring buffer. Every call is accounted for on both sides. On machines without an NMI,
 * interrupts do the same. Untraced, because of the callbacks. There is more about i386's
 * breakpoints and patcher in tests/guest/i386/ktest_nmi.c.
 */
#include "tests/guest/ktest/nmi.h"
#include "kernel/lib/errno.h"
#include "kernel/lib/string.h"
#include "kernel/mm/mm.h"
#include "kernel/nmi.h"
#include "kernel/sched/current.h"
#include "kernel/smp.h"
#include "kernel/time.h"
#include "tests/guest/bench/bench.h"
#include "tests/guest/ktest/files.h"
#include "tests/guest/ktest/step.h"
#include "tests/guest/ktest/targets.h"
#include "trace/ftrace.h"
#include "trace/output/trace.h"
#include "trace/ring_buffer/ring_buffer.h"

#define T "/sys/kernel/tracing/"
#define PATIENCE_NS (10 * NSEC_PER_SEC)
#define NR_NMIS 200u		/* how many are wanted; a slow host must do at least: */
#define NR_NMIS_LEAST 10u
#define NR_TARGETS 3		/* functions that nmi_call_targets() calls */

struct nmi_calls nmi_calls;

bool in_nmi_hook(void)
{
	return in_nmi() || (!arch_has_nmi() && in_hardirq());
}

static bool calls_are_right(void)
{
	return kt_sum(40, 2) == 42 && kt_product(3, 1ull << 33, 5) == (3ull << 33) + 5 &&
	       kt_many(1, 2, 3, 4, 5, 6, 7, 8, 9, 10) == 385;
}

void nmi_call_targets(struct pt_regs *regs)
{
	nmi_calls.in_nmi++;
	if (!regs || !in_nmi_hook() || !arch_irqs_disabled() || !calls_are_right())
		nmi_calls.wrong++;
}

void nmi_call_targets_below(void)
{
	nmi_calls.below++;
	if (!calls_are_right())
		nmi_calls.wrong++;
}

/* --- What is attached --- */

struct counted {
	struct ftrace_ops ops;
	unsigned long hits[2];		/* in interrupted code, in NMIs */
	bool attached, toggled;		/* toggled: it comes and goes */
};

struct event {
	u32 in_nmi, sequence;
};

static struct trace_buffer *events;
static u32 sequence[2];

static void count_and_write(unsigned long ip, unsigned long parent_ip, struct ftrace_ops *op,
			    struct ftrace_regs *fregs)
{
	struct counted *c = container_of(op, struct counted, ops);
	struct event event = { .in_nmi = in_nmi_hook() };

	c->hits[event.in_nmi]++;
	if (!events)
		return;
	event.sequence = sequence[event.in_nmi]++;
	ring_buffer_write(events, sizeof(event), &event);	/* or it counts why not */
}

static struct counted counted[] = {
	{ .ops = { .func = count_and_write } },
	{ .ops = { .func = count_and_write, .flags = FTRACE_OPS_FL_RECURSION } },
	{ .ops = { .func = count_and_write, .flags = FTRACE_OPS_FL_SAVE_REGS_IF_SUPPORTED } },
};

static struct ftrace_ops direct;
static bool direct_on;

static bool filter_targets(struct ktest *t, struct ftrace_ops *op)
{
	return KT_EXPECT_EQ(t, ftrace_set_filter(op, "kt_sum", 6, 1), 0) &&
	       KT_EXPECT_EQ(t, ftrace_set_filter(op, "kt_product", 10, 0), 0) &&
	       KT_EXPECT_EQ(t, ftrace_set_filter(op, "kt_many", 7, 0), 0);
}

static void toggle_direct(struct ktest *t)
{
	unsigned long tramp = (unsigned long)bench_direct_tramp;
	int err;

	if (direct_on) {
		KT_EXPECT_EQ(t, unregister_ftrace_direct(&direct, tramp, false), 0);
		direct_on = false;
	} else {
		err = register_ftrace_direct(&direct, tramp);
		KT_EXPECT(t, !err || err == -EOPNOTSUPP);
		direct_on = !err;
	}
}

void nmi_toggle(struct ktest *t, unsigned int which)
{
	struct counted *c = &counted[which % (ARRAY_SIZE(counted) + 1)];

	if (c == counted + ARRAY_SIZE(counted)) {
		toggle_direct(t);
		return;
	}
	c->toggled = true;
	if (c->attached)
		KT_EXPECT_EQ(t, unregister_ftrace_function(&c->ops), 0);
	else
		KT_EXPECT_EQ(t, register_ftrace_function(&c->ops), 0);
	c->attached = !c->attached;
}

bool nmi_attach_all(struct ktest *t, bool write_events)
{
	unsigned int n;

	if (write_events)
		events = ring_buffer_alloc(8 * PAGE_SIZE, RB_FL_OVERWRITE);
	if (write_events && !KT_EXPECT(t, events))
		return false;
	memset(&nmi_calls, 0, sizeof(nmi_calls));
	memset(sequence, 0, sizeof(sequence));
	if (!filter_targets(t, &direct))
		return false;
	toggle_direct(t);
	for (n = 0; n < ARRAY_SIZE(counted); n++) {
		memset(counted[n].hits, 0, sizeof(counted[n].hits));
		if (!filter_targets(t, &counted[n].ops))
			return false;
		nmi_toggle(t, n);
		counted[n].toggled = false;
	}
	return !t->failures;
}

/*
 * Callbacks that were attached all the time must have seen each call once; the others, at most
 * once.
 */
void nmi_expect_calls(struct ktest *t)
{
	unsigned int n;

	for (n = 0; n < ARRAY_SIZE(counted); n++) {
		const struct counted *c = &counted[n];

		KT_EXPECT(t, c->hits[0] <= NR_TARGETS * nmi_calls.below);
		KT_EXPECT(t, c->hits[1] <= NR_TARGETS * nmi_calls.in_nmi);
		if (c->toggled)
			continue;
		KT_EXPECT_EQ(t, c->hits[0], NR_TARGETS * nmi_calls.below);
		KT_EXPECT_EQ(t, c->hits[1], NR_TARGETS * nmi_calls.in_nmi);
	}
}

/* The events must be in the order in which each side wrote them, and as many as were counted. */
static void expect_events(struct ktest *t)
{
	int cpu = (int)smp_processor_id();
	unsigned long kept = 0, wrong = 0, gone, entries = ring_buffer_entries_cpu(events, cpu);
	struct ring_buffer_event *event;
	u32 next[2] = { 0, 0 };
	u64 ts, last_ts = 0;

	while ((event = ring_buffer_consume(events, cpu, &ts, NULL))) {
		const struct event *data = ring_buffer_event_data(event);

		if (data->in_nmi > 1 || data->sequence < next[data->in_nmi] || ts < last_ts)
			wrong++;
		else
			next[data->in_nmi] = data->sequence + 1;
		last_ts = ts;
		kept++;
	}
	gone = ring_buffer_overrun_cpu(events, cpu) + ring_buffer_dropped_events_cpu(events, cpu) +
	       ring_buffer_commit_overrun_cpu(events, cpu);
	KT_EXPECT_EQ(t, wrong, 0);
	KT_EXPECT_EQ(t, kept, entries);
	KT_EXPECT_EQ(t, kept + gone, sequence[0] + sequence[1]);
}

void nmi_detach_all(struct ktest *t)
{
	unsigned int n;

	for (n = 0; n < ARRAY_SIZE(counted); n++) {
		if (counted[n].attached)
			nmi_toggle(t, n);
		ftrace_free_filter(&counted[n].ops);
	}
	if (direct_on)
		toggle_direct(t);
	ftrace_free_filter(&direct);
	KT_EXPECT_EQ(t, nmi_calls.wrong, 0);
	if (events)
		expect_events(t);
	if (events)
		ring_buffer_free(events);
	events = NULL;
}

/* --- Where NMIs come from --- */

static bool storm_over;

static bool came(unsigned int cpu, unsigned long before)
{
	return nmi_count(cpu) != before || READ_ONCE(storm_over);
}

#define STORM_PAUSE 3000		/* turns of an empty loop */

/* Sends NMIs one after the other, at moments that drift through whatever CPU 0 does. */
static int storm(void *unused)
{
	volatile unsigned int pause;
	unsigned int n = 0;

	while (!READ_ONCE(storm_over)) {
		unsigned long before = nmi_count(0);

		nmi_send(0, NMI_HOOK);
		while (!came(0, before))
			arch_cpu_relax();
		/* A writer that each NMI makes begin again must come to its end between two. */
		for (pause = STORM_PAUSE + n++ % 97 * 16; pause; pause--)
			;
	}
	return 0;
}

/*
 * The test runs on CPU 0, and the last CPU sends. If there is only one CPU, it sends to itself in
 * each round.
 */
static struct task_struct *start_storm(struct ktest *t)
{
	struct task_struct *task;

	kt_one_cpu(t);
	nmi_set_hook(nmi_call_targets);
	storm_over = false;
	if (nr_cpus_online == 1)
		return NULL;
	task = kthread_create(storm, NULL, "ktest-storm");
	if (!KT_EXPECT(t, !IS_ERR(task)))
		return NULL;
	kthread_bind(task, nr_cpus_online - 1);
	wake_up_process(task);
	return task;
}

static void stop_storm(struct task_struct *task)
{
	WRITE_ONCE(storm_over, true);
	if (task)
		kthread_join(task);
	nmi_set_hook(NULL);
}

static bool storm_goes_on(u64 deadline)
{
	if (nr_cpus_online == 1)
		nmi_send(0, NMI_HOOK);
	return READ_ONCE(nmi_calls.in_nmi) < NR_NMIS && ktime_get_ns() < deadline;
}

/* --- The cases --- */

static unsigned int hook_runs[NR_CPUS], hook_wrong;

static void note_hook(struct pt_regs *regs)
{
	__atomic_fetch_add(&hook_runs[smp_processor_id()], 1, __ATOMIC_RELAXED);
	if (!regs || !in_nmi_hook() || !arch_irqs_disabled())
		__atomic_fetch_add(&hook_wrong, 1, __ATOMIC_RELAXED);
}

static bool wait_for_hook(unsigned int cpu, unsigned int runs)
{
	u64 deadline = ktime_get_ns() + PATIENCE_NS;

	while (READ_ONCE(hook_runs[cpu]) < runs && ktime_get_ns() < deadline)
		arch_cpu_relax();
	return READ_ONCE(hook_runs[cpu]) == runs;
}

KTEST(nmi, reaches_each_cpu)
{
	unsigned int cpu, n;

	memset(hook_runs, 0, sizeof(hook_runs));
	hook_wrong = 0;
	nmi_set_hook(note_hook);
	for (n = 1; n <= 10; n++) {
		for_each_online_cpu(cpu) {
			nmi_send(cpu, NMI_HOOK);
			KT_EXPECT(t, wait_for_hook(cpu, n));
		}
	}
	nmi_set_hook(NULL);
	KT_EXPECT_EQ(t, hook_wrong, 0);
	for_each_online_cpu(cpu)
		KT_EXPECT(t, nmi_count(cpu) >= 10);
}

KTEST(nmi, comes_where_interrupts_are_off)
{
	unsigned long flags;
	unsigned int cpu;
	bool came;

	if (!arch_has_nmi())
		KT_SKIP(t, "this machine has no NMI");
	kt_one_cpu(t);
	memset(hook_runs, 0, sizeof(hook_runs));
	nmi_set_hook(note_hook);
	flags = arch_irq_save();
	cpu = smp_processor_id();
	nmi_send(cpu, NMI_HOOK);
	came = wait_for_hook(cpu, 1);
	arch_irq_restore(flags);
	nmi_set_hook(NULL);
	KT_EXPECT(t, came);
}

/*
 * A fault ends inside an NMI while another NMI waits. i386 takes the end of the fault for the end
 * of the NMI. The second NMI must neither run before the first is over nor be lost.
 */
static unsigned int depth, most_deep, nested_runs;

static void fault_and_send(struct pt_regs *regs)
{
	char byte;

	depth++;
	most_deep = max(most_deep, depth);
	if (!READ_ONCE(nested_runs)) {
		nmi_send(smp_processor_id(), NMI_HOOK);
		arch_read_nofault(&byte, NULL, 1);
	}
	depth--;
	WRITE_ONCE(nested_runs, nested_runs + 1);
}

KTEST(nmi, one_waits_for_another)
{
	u64 deadline = ktime_get_ns() + PATIENCE_NS;

	kt_one_cpu(t);
	depth = most_deep = nested_runs = 0;
	nmi_set_hook(fault_and_send);
	nmi_send(0, NMI_HOOK);
	while (READ_ONCE(nested_runs) < 2 && ktime_get_ns() < deadline)
		arch_cpu_relax();
	nmi_set_hook(NULL);
	KT_EXPECT_EQ(t, nested_runs, 2);
	KT_EXPECT_EQ(t, most_deep, 1);
}

/* Callbacks of each kind see each call exactly once, on both sides. */
KTEST(nmi, while_traced_functions_run)
{
	u64 deadline = ktime_get_ns() + PATIENCE_NS;

	kt_one_cpu(t);
	if (nmi_attach_all(t, true)) {
		struct task_struct *task = start_storm(t);

		while (storm_goes_on(deadline))
			nmi_call_targets_below();
		stop_storm(task);
		KT_EXPECT(t, nmi_calls.in_nmi >= NR_NMIS_LEAST);
		nmi_expect_calls(t);
	}
	nmi_detach_all(t);
}

/*
 * Consume the tracer's events. Returns in @noted how many calls it noted outside NMIs, and in NMIs.
 */
static void drain_tracer(struct ktest *t, unsigned long noted[2])
{
	const unsigned int flag = arch_has_nmi() ? TRACE_FLAG_NMI : TRACE_FLAG_HARDIRQ;
	struct ring_buffer_event *event;

	while ((event = ring_buffer_consume(global_trace.buffer, 0, NULL, NULL))) {
		const struct ftrace_entry *entry = ring_buffer_event_data(event);

		KT_EXPECT_EQ(t, entry->ent.type, TRACE_FN);
		noted[!!(entry->ent.flags & flag)]++;
	}
}

/* The function tracer knows which calls were made in NMIs, and loses none. */
KTEST(nmi, function_tracer)
{
	u64 deadline = ktime_get_ns() + PATIENCE_NS;
	unsigned long noted[2] = { 0, 0 };
	struct trace_buffer *buffer = global_trace.buffer;
	struct task_struct *task;

	KT_ASSERT(t, !file_write(T "set_ftrace_filter", "kt_sum kt_product kt_many", 0));
	KT_ASSERT(t, !file_write(T "current_tracer", "function", 0));
	kt_one_cpu(t);
	memset(&nmi_calls, 0, sizeof(nmi_calls));
	tracing_reset(&global_trace);
	task = start_storm(t);
	while (storm_goes_on(deadline)) {
		nmi_call_targets_below();
		drain_tracer(t, noted);
	}
	stop_storm(task);
	drain_tracer(t, noted);
	KT_EXPECT(t, nmi_calls.in_nmi >= NR_NMIS_LEAST);
	KT_EXPECT_EQ(t, noted[0], NR_TARGETS * nmi_calls.below);
	KT_EXPECT_EQ(t, noted[1], NR_TARGETS * nmi_calls.in_nmi);
	KT_EXPECT_EQ(t, ring_buffer_overrun_cpu(buffer, 0) +
		     ring_buffer_dropped_events_cpu(buffer, 0), 0);
	KT_EXPECT_EQ(t, file_write(T "current_tracer", "nop", 0), 0);
	KT_EXPECT_EQ(t, file_write(T "set_ftrace_filter", "", 0), 0);
}

/*
 * An NMI comes at each instruction. The callbacks write no events here: a writer that is
 * interrupted by another one has to start again, and would not come to an end.
 * tests/host/ring_step.c steps through the ring buffer.
 */
void nmi_step_through(struct ktest *t, void (*body)(void), void (*hook)(struct pt_regs *regs))
{
	kt_one_cpu(t);
	if (nmi_attach_all(t, false)) {
		ktest_single_step(body, hook);
		nmi_expect_calls(t);
	}
	nmi_detach_all(t);
}

static void act_as_nmi(struct pt_regs *regs)
{
	nmi_enter();
	nmi_call_targets(regs);
	nmi_exit();
}

KTEST(nmi, at_each_instruction)
{
	nmi_step_through(t, nmi_call_targets_below, act_as_nmi);
	KT_EXPECT_EQ(t, nmi_calls.below, 1);
	KT_EXPECT(t, nmi_calls.in_nmi > 400);
}

/*
 * The patcher is interrupted, also between its rounds, and the NMI calls functions that are half
 * patched.
 */
KTEST(nmi, while_sites_change)
{
	u64 deadline = ktime_get_ns() + PATIENCE_NS;
	unsigned int n = 0;

	kt_one_cpu(t);
	if (nmi_attach_all(t, true)) {
		struct task_struct *task = start_storm(t);

		while ((storm_goes_on(deadline) || n < 60) && !t->failures) {
			nmi_toggle(t, 1 + n++ % 3);
			nmi_call_targets_below();
		}
		stop_storm(task);
		KT_EXPECT(t, nmi_calls.in_nmi >= NR_NMIS_LEAST);
		nmi_expect_calls(t);
	}
	nmi_detach_all(t);
}
