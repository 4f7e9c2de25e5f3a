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
#include "trace/tracers/trace_functions_graph.h"

#define SAVED_FLAGS (TRACE_ITER_LATENCY_FMT | TRACE_ITER_OVERWRITE)

static DEFINE_SPINLOCK(max_lock);	/* guards max and max_latency; taken with interrupts off */

/* --- The longest time --- */

bool trace_reports_latency(const struct trace_array *tr, u64 delta)
{
	unsigned long threshold = READ_ONCE(tracing_thresh);

	/* Only a hint: trace_update_max() asks again. */
	return threshold ? delta >= threshold : delta > data_race(tr->max_latency);
}

bool trace_update_max(struct trace_array *tr, const struct task_struct *task, u64 start, u64 delta)
{
	unsigned int cpu = smp_processor_id();
	bool kept;

	assert_irqs_off();
	spin_lock(&max_lock);
	/* Asked again with the lock: another CPU may have kept a longer time meanwhile. */
	kept = trace_reports_latency(tr, delta) &&
	       !ring_buffer_swap_cpu(tr->buffer, tr->snapshot, cpu);
	if (kept) {
		tr->max_latency = delta;
		tr->max = (struct trace_max){
			.latency = delta, .start = start, .cpu = (int)cpu, .pid = task->pid,
			.nice = (int)task->prio - DEFAULT_PRIO,
		};
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

/* --- A tracer of them starts and stops --- */

static struct ftrace_ops latency_ops;	/* shares the function tracer's filters */
static u32 flags_before;

static int trace_functions(struct trace_array *tr, bool on)
{
	lockdep_assert_held(&trace_types_lock);
	if (on == !!(latency_ops.flags & FTRACE_OPS_FL_ENABLED))
		return 0;
	if (!on)
		return unregister_ftrace_function(&latency_ops);
	ftrace_ops_share_filters(&latency_ops, tr->ops);
	return register_ftrace_function(&latency_ops);
}

int trace_latency_start(struct trace_array *tr, ftrace_func_t func)
{
	int err = 0;

	lockdep_assert_held(&trace_types_lock);
	latency_ops.func = func;
	if (tr->trace_flags & TRACE_ITER_FUNCTION)
		err = trace_functions(tr, true);
	if (err)
		return err;
	reset_max(tr);
	flags_before = tr->trace_flags & SAVED_FLAGS;
	trace_change_flag(tr, TRACE_ITER_LATENCY_FMT, true);
	trace_change_flag(tr, TRACE_ITER_OVERWRITE, true);
	return 0;
}

int trace_latency_stop(struct trace_array *tr)
{
	int err = trace_functions(tr, false);

	if (err)
		return err;
	trace_change_flag(tr, TRACE_ITER_LATENCY_FMT, flags_before & TRACE_ITER_LATENCY_FMT);
	trace_change_flag(tr, TRACE_ITER_OVERWRITE, flags_before & TRACE_ITER_OVERWRITE);
	return 0;
}

int trace_latency_flag_changed(struct trace_array *tr, u32 flag, bool set)
{
	lockdep_assert_held(&trace_types_lock);
	return flag == TRACE_ITER_FUNCTION ? trace_functions(tr, set) : 0;
}
