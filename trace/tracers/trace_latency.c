/* SPDX-License-Identifier: MIT */
/*
 * What latency tracers share (trace_latency.h). A new maximum exchanges the buffers of the CPU on
 * which it was found: it comes with interrupts off, where no other CPU can be asked. Untraced.
 */
#include "trace/tracers/trace_latency.h"
#include "kernel/lib/errno.h"
#include "kernel/lockdep.h"
#include "kernel/sched/current.h"
#include "kernel/sched/percpu.h"
#include "kernel/sched/spinlock.h"
#include "kernel/sched/wait.h"
#include "trace/core/filter.h"
#include "trace/core/ops_list.h"
#include "trace/output/trace_event.h"
#include "trace/tracers/trace_functions_graph.h"

static DEFINE_SPINLOCK(max_lock);	/* guards max and max_latency; taken with interrupts off */

/* --- The longest time --- */

bool trace_reports_latency(const struct trace_array *tr, u64 delta)
{
	unsigned long threshold = READ_ONCE(tracing_thresh);

	/* Only a hint: trace_update_max() asks again. */
	return threshold ? delta >= threshold : delta > data_race(tr->max_latency);
}

bool trace_update_max(struct trace_array *tr, const struct task_struct *task,
		      const struct trace_max *seen)
{
	unsigned int cpu = smp_processor_id();
	bool kept;

	assert_irqs_off();
	spin_lock(&max_lock);
	/* Asked again with the lock: another CPU may have kept a longer time meanwhile. */
	kept = trace_reports_latency(tr, seen->latency) &&
	       !ring_buffer_swap_cpu(tr->buffer, tr->snapshot, cpu);
	if (kept) {
		tr->max_latency = seen->latency;
		tr->max = *seen;
		tr->max.cpu = (int)cpu;
		tr->max.pid = task->pid;
		tr->max.nice = (int)task->prio - DEFAULT_PRIO;
		__builtin_memcpy(tr->max.comm, task->comm, sizeof(tr->max.comm));
	}
	spin_unlock(&max_lock);
	return kept;
}

static void reset_max(struct trace_array *tr)
{
	unsigned long flags;

	spin_lock_irqsave(&max_lock, flags);
	tr->max_latency = 0;
	tr->max = (struct trace_max){ 0 };
	spin_unlock_irqrestore(&max_lock, flags);
}

void trace_read_max(struct trace_array *tr, struct trace_max *copy)
{
	unsigned long flags;

	spin_lock_irqsave(&max_lock, flags);
	*copy = tr->max;
	spin_unlock_irqrestore(&max_lock, flags);
}

u64 trace_max_latency(struct trace_array *tr)
{
	unsigned long flags;
	u64 ns;

	spin_lock_irqsave(&max_lock, flags);
	ns = tr->max_latency;
	spin_unlock_irqrestore(&max_lock, flags);
	return ns;
}

void trace_set_max_latency(struct trace_array *tr, u64 ns)
{
	unsigned long flags;

	spin_lock_irqsave(&max_lock, flags);
	tr->max_latency = ns;
	spin_unlock_irqrestore(&max_lock, flags);
}

/* --- What is called inside --- */

enum inside { INSIDE_NOTHING, INSIDE_FUNCTIONS, INSIDE_GRAPH };

static bool (*is_inside)(void);		/* of the current tracer; set before calls are recorded */

static int graph_entry(struct ftrace_graph_ent *trace, struct fgraph_ops *gops,
		       struct ftrace_regs *fregs)
{
	return is_inside() ? trace_graph_inside_entry(trace, gops) : 0;
}

static void graph_return(struct ftrace_graph_ret *trace, struct fgraph_ops *gops,
			 struct ftrace_regs *fregs)
{
	trace_graph_inside_return(trace, gops, fregs, is_inside());
}

static struct ftrace_ops latency_ops;	/* both share the function tracer's filters */
static struct fgraph_ops latency_graph_ops = {
	.entryfunc = graph_entry, .retfunc = graph_return,
};
static enum inside recorded;
static bool marks_graph;

static int stop_inside(void)
{
	if (recorded == INSIDE_FUNCTIONS)
		return unregister_ftrace_function(&latency_ops);
	return recorded == INSIDE_GRAPH ? unregister_ftrace_graph(&latency_graph_ops) : 0;
}

static int start_inside(struct trace_array *tr, enum inside what)
{
	if (what == INSIDE_FUNCTIONS) {
		ftrace_ops_share_filters(&latency_ops, tr->ops);
		return register_ftrace_function(&latency_ops);
	}
	if (what == INSIDE_GRAPH) {
		ftrace_ops_share_filters(&latency_graph_ops.ops, tr->ops);
		return register_ftrace_graph(&latency_graph_ops);
	}
	return 0;
}

static int record_inside(struct trace_array *tr, enum inside what)
{
	int err;

	lockdep_assert_held(&trace_types_lock);
	if (what == recorded)
		return 0;
	err = stop_inside();
	if (err)
		return err;
	err = start_inside(tr, what);
	/* Back to what was there; if that fails too, nothing is recorded inside. */
	if (err)
		recorded = start_inside(tr, recorded) ? INSIDE_NOTHING : recorded;
	else
		recorded = what;
	return err;
}

static int follow_flags(struct trace_array *tr, u32 flags)
{
	if (!(flags & TRACE_ITER_FUNCTION))
		return record_inside(tr, INSIDE_NOTHING);
	return record_inside(tr, flags & TRACE_ITER_DISPLAY_GRAPH ? INSIDE_GRAPH :
								    INSIDE_FUNCTIONS);
}

void trace_latency_mark(struct trace_array *tr, unsigned long ip, unsigned long parent_ip)
{
	if (READ_ONCE(marks_graph))
		trace_graph_mark(ip, trace_gen_ctx());
	else
		trace_function(tr, ip, parent_ip, trace_gen_ctx());
}

/* --- A tracer of them starts and stops --- */

#define COMMON_FLAGS (TRACE_ITER_LATENCY_FMT | TRACE_ITER_OVERWRITE)

static u32 set_flags, flags_before;

static void change_flags(struct trace_array *tr, u32 to)
{
	for (u32 rest = set_flags, flag; rest; rest &= ~flag) {
		flag = rest & -rest;
		trace_change_flag(tr, flag, to & flag);
	}
}

int trace_latency_start(struct trace_array *tr, const struct latency_inside *inside)
{
	int err;

	lockdep_assert_held(&trace_types_lock);
	latency_ops.func = inside->function;
	is_inside = inside->is_inside;
	WRITE_ONCE(marks_graph, tr->trace_flags & TRACE_ITER_DISPLAY_GRAPH);
	err = follow_flags(tr, tr->trace_flags);
	if (err)
		return err;
	reset_max(tr);
	set_flags = COMMON_FLAGS | inside->flags;
	flags_before = tr->trace_flags;
	change_flags(tr, set_flags);
	return 0;
}

int trace_latency_stop(struct trace_array *tr)
{
	int err = record_inside(tr, INSIDE_NOTHING);

	if (err)
		return err;
	change_flags(tr, flags_before);
	return 0;
}

int trace_latency_flag_changed(struct trace_array *tr, u32 flag, bool set)
{
	int err;

	lockdep_assert_held(&trace_types_lock);
	if (!(flag & (TRACE_ITER_FUNCTION | TRACE_ITER_DISPLAY_GRAPH)))
		return 0;
	err = follow_flags(tr, set ? tr->trace_flags | flag : tr->trace_flags & ~flag);
	if (err || flag != TRACE_ITER_DISPLAY_GRAPH)
		return err;
	/* What was recorded for the one form cannot be shown in the other one. */
	WRITE_ONCE(marks_graph, set);
	reset_max(tr);
	trace_reset_buffer(tr);
	return 0;
}
