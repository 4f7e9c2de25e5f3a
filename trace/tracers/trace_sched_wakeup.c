/* SPDX-License-Identifier: MIT */
/*
 * The tracers wakeup and wakeup_rt: how long the most urgent thread waits from its wake-up until it
 * runs. Only one thread is followed at a time; a more urgent one takes its place. wakeup_rt follows
 * threads that are more urgent than DEFAULT_PRIO, which stand for Linux's real-time classes. Both
 * hang on the scheduler's tracepoints. Untraced.
 */
#include "kernel/events/sched.h"
#include "kernel/lib/errno.h"
#include "kernel/lockdep.h"
#include "kernel/sched/current.h"
#include "kernel/sched/percpu.h"
#include "kernel/sched/spinlock.h"
#include "trace/output/trace_event.h"
#include "trace/tracers/fgraph.h"
#include "trace/tracers/trace_latency.h"

static DEFINE_SPINLOCK(wakeup_lock);	/* guards what follows; taken with interrupts off */
static const struct task_struct *wakeup_task;	/* NULL: nobody is followed */
static unsigned int wakeup_prio = NR_PRIOS;	/* its priority */
static unsigned int wakeup_cpu;			/* where it waits */
static u64 wakeup_start;

static bool only_rt;

static void forget(void)
{
	lockdep_assert_held(&wakeup_lock);
	WRITE_ONCE(wakeup_task, NULL);
	WRITE_ONCE(wakeup_prio, NR_PRIOS);
}

/* --- Events --- */

/* The number of the state's letter in "RSDTtXZPI", as Linux stores it. */
static u8 state_index(unsigned int state)
{
	return state == TASK_DEAD ? 5 : (u8)min(state, 2u);
}

static void record_threads(enum trace_type type, const struct task_struct *prev,
			   unsigned int prev_state, const struct task_struct *next,
			   unsigned int cpu)
{
	u32 ctx = trace_gen_ctx();
	struct ring_buffer_event *event;
	struct ctx_switch_entry *entry;

	event = ring_buffer_lock_reserve(global_trace.buffer, sizeof(*entry));
	if (!event)
		return;
	entry = ring_buffer_event_data(event);
	trace_entry_init(&entry->ent, type, ctx);
	entry->prev_pid = (u32)prev->pid;
	entry->prev_prio = (u8)prev->prio;
	entry->prev_state = state_index(prev_state);
	entry->next_pid = (u32)next->pid;
	entry->next_prio = (u8)next->prio;
	/* Who was just woken, or is about to run, is ready whatever it was before. */
	entry->next_state = state_index(TASK_RUNNING);
	entry->next_cpu = cpu;
	ring_buffer_unlock_commit(global_trace.buffer);
}

/* --- The scheduler's tracepoints --- */

static bool is_followed(const struct task_struct *p)
{
	return p->prio < data_race(wakeup_prio) && p->prio < current->prio &&
	       (!only_rt || p->prio < DEFAULT_PRIO) && tracer_tracing_is_on(&global_trace);
}

static void probe_wakeup(void *data, struct task_struct *p)
{
	unsigned long flags;

	if (!is_followed(p))
		return;
	spin_lock_irqsave(&wakeup_lock, flags);
	if (p->prio < wakeup_prio) {
		/* The time is read before the event is recorded, which then lies behind it. */
		wakeup_start = ring_buffer_time_stamp(global_trace.buffer);
		WRITE_ONCE(wakeup_prio, p->prio);
		WRITE_ONCE(wakeup_cpu, p->cpu);
		WRITE_ONCE(wakeup_task, p);
		record_threads(TRACE_WAKE, current, TASK_RUNNING, p, p->cpu);
	}
	spin_unlock_irqrestore(&wakeup_lock, flags);
}

/* The thread that is followed runs at last. */
static void end_wait(const struct task_struct *prev, const struct task_struct *next,
		     unsigned int prev_state)
{
	struct trace_array *tr = &global_trace;
	u64 delta;

	lockdep_assert_held(&wakeup_lock);
	record_threads(TRACE_CTX, prev, prev_state, next, smp_processor_id());
	delta = ring_buffer_time_stamp(tr->buffer) - wakeup_start;
	if (trace_reports_latency(tr, delta) && tracer_tracing_is_on(tr))
		trace_update_max(tr, next, &(struct trace_max){ .latency = delta,
								.start = wakeup_start });
	forget();
}

static void probe_switch(void *data, bool preempt, struct task_struct *prev,
			 struct task_struct *next, unsigned int prev_state)
{
	const struct task_struct *task = READ_ONCE(wakeup_task);
	unsigned long flags;

	if (!task || (next != task && prev != task))
		return;
	spin_lock_irqsave(&wakeup_lock, flags);
	/* Who was woken while it was still on its way to sleep has run on, and did not wait. */
	if (next == wakeup_task)
		end_wait(prev, next, preempt ? TASK_RUNNING : prev_state);
	else if (prev == wakeup_task)
		forget();
	spin_unlock_irqrestore(&wakeup_lock, flags);
}

static void probe_migrate(void *data, struct task_struct *p, int dest_cpu)
{
	if (p == READ_ONCE(wakeup_task))
		WRITE_ONCE(wakeup_cpu, (unsigned int)dest_cpu);
}

/* --- Functions inside: what is called on the CPU on which the thread waits --- */

static void wakeup_function_call(unsigned long ip, unsigned long parent_ip, struct ftrace_ops *op,
				 struct ftrace_regs *fregs)
{
	u32 ctx;

	if (!READ_ONCE(wakeup_task))
		return;
	ctx = trace_gen_ctx();
	preempt_disable_notrace();
	if (smp_processor_id() == READ_ONCE(wakeup_cpu))
		trace_function(&global_trace, ip, fgraph_true_parent(parent_ip, fregs), ctx);
	preempt_enable_notrace();
}

/* It does not matter if the thread moves meanwhile: the event is then of the other CPU. */
static bool is_inside(void)
{
	return READ_ONCE(wakeup_task) && smp_processor_id() == READ_ONCE(wakeup_cpu);
}

static const struct latency_inside wakeup_inside = {
	.function = wakeup_function_call,
	.is_inside = is_inside,
};

/* --- The tracers --- */

static void unregister_probes(void)
{
	unregister_trace_sched_wakeup(probe_wakeup, NULL);
	unregister_trace_sched_wakeup_new(probe_wakeup, NULL);
	unregister_trace_sched_switch(probe_switch, NULL);
	unregister_trace_sched_migrate_task(probe_migrate, NULL);
}

static int register_probes(void)
{
	int err = register_trace_sched_wakeup(probe_wakeup, NULL);

	if (!err)
		err = register_trace_sched_wakeup_new(probe_wakeup, NULL);
	if (!err)
		err = register_trace_sched_switch(probe_switch, NULL);
	if (!err)
		err = register_trace_sched_migrate_task(probe_migrate, NULL);
	/* Of a probe that is not registered this finds nothing, which does no harm. */
	if (err)
		unregister_probes();
	return err;
}

static int start(struct trace_array *tr, bool rt)
{
	int err = trace_latency_start(tr, &wakeup_inside);

	if (err)
		return err;
	only_rt = rt;
	err = register_probes();
	if (err)
		trace_latency_stop(tr);
	return err;
}

static int wakeup_init(struct trace_array *tr)
{
	return start(tr, false);
}

static int wakeup_rt_init(struct trace_array *tr)
{
	return start(tr, true);
}

static int wakeup_reset(struct trace_array *tr)
{
	int err = trace_latency_stop(tr);
	unsigned long flags;

	if (err)
		return err;
	unregister_probes();
	spin_lock_irqsave(&wakeup_lock, flags);
	forget();
	spin_unlock_irqrestore(&wakeup_lock, flags);
	return 0;
}

static struct tracer wakeup_trace = {
	.name = "wakeup",
	.init = wakeup_init,
	.reset = wakeup_reset,
	.flag_changed = trace_latency_flag_changed,
	.use_max = true,
	.graph_flags = TRACE_GRAPH_WAKEUP_FLAGS,
};

static struct tracer wakeup_rt_trace = {
	.name = "wakeup_rt",
	.init = wakeup_rt_init,
	.reset = wakeup_reset,
	.flag_changed = trace_latency_flag_changed,
	.use_max = true,
	.graph_flags = TRACE_GRAPH_WAKEUP_FLAGS,
};

int init_wakeup_trace(void)
{
	int err = register_tracer(&wakeup_trace);

	return err ? err : register_tracer(&wakeup_rt_trace);
}
