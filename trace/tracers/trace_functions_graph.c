/* SPDX-License-Identifier: MIT */
/*
 * The tracer function_graph: a user of the function graph that writes an event at each end of a
 * call. What the files set_graph_function, set_graph_notrace and max_graph_depth and the option
 * funcgraph-irqs leave out is decided at the entry; a word of the thread's remembers inside which
 * function it is. Untraced.
 */
#include "trace/tracers/trace_functions_graph.h"
#include "kernel/lib/errno.h"
#include "kernel/lockdep.h"
#include "kernel/sched/current.h"
#include "trace/core/filter.h"
#include "trace/core/hash.h"
#include "trace/core/ops_list.h"
#include "trace/core/reclaim.h"
#include "trace/output/trace.h"
#include "trace/output/trace_event.h"
#include "trace/ring_buffer/ring_buffer_write.h"
#include "trace/tracers/fgraph.h"

/*
 * The word of a thread: what it is inside of, and at which depth that began. An interrupt leaves it
 * as it found it, except for calls that never return.
 */
#define IN_FUNCTION 0x1u		/* one of set_graph_function */
#define IN_NOTRACE 0x2u			/* one of set_graph_notrace */
#define IN_IRQ_FUNCTION 0x4u		/* the former, and it began in an interrupt */
#define FUNCTION_DEPTH_SHIFT 8
#define NOTRACE_DEPTH_SHIFT 16
#define DEPTH_MASK 0xffu

/* For its filters alone, which are what the two files show. It is never registered. */
struct ftrace_ops trace_graph_filters;
unsigned int trace_graph_max_depth;

/* Copies of these filters; NULL if they are empty. Whoever reads them may be in any context. */
static struct ftrace_hash *graph_functions, *graph_notrace;

static bool is_too_deep(int depth)
{
	return trace_graph_max_depth && (unsigned int)depth >= trace_graph_max_depth;
}

/* Does what set_graph_function says leave this call out? */
static bool is_elsewhere(const struct ftrace_graph_ent *trace, unsigned long *state)
{
	const struct ftrace_hash *functions = READ_ONCE(graph_functions);

	if (!functions || *state & IN_FUNCTION)
		return false;
	if (!ftrace_hash_contains(functions, trace->func))
		return true;
	*state &= ~(unsigned long)(DEPTH_MASK << FUNCTION_DEPTH_SHIFT);
	*state |= IN_FUNCTION | (unsigned long)trace->depth << FUNCTION_DEPTH_SHIFT;
	if (in_hardirq())
		*state |= IN_IRQ_FUNCTION;
	return false;
}

static bool is_ignored_irq(unsigned long state)
{
	return !(global_trace.func_flags & TRACE_GRAPH_PRINT_IRQS) && in_hardirq() &&
	       !(state & IN_IRQ_FUNCTION);
}

static void record_entry(const struct ftrace_graph_ent *trace, u32 ctx)
{
	struct trace_buffer *buffer = global_trace.buffer;
	struct ring_buffer_event *event;
	struct ftrace_graph_ent_entry *entry;

	event = ring_buffer_lock_reserve(buffer, sizeof(*entry));
	if (!event)
		return;
	entry = ring_buffer_event_data(event);
	trace_entry_init(&entry->ent, TRACE_GRAPH_ENT, ctx);
	entry->func = trace->func;
	entry->depth = trace->depth;
	ring_buffer_unlock_commit(buffer);
}

/* Returns whether the return is to be told, be it only because the state changes then. */
static int graph_trace_entry(struct ftrace_graph_ent *trace, struct fgraph_ops *gops,
			     struct ftrace_regs *fregs)
{
	unsigned long *state = fgraph_get_task_var(gops);
	const struct ftrace_hash *never = READ_ONCE(graph_notrace);
	u64 *calltime;

	if (*state & IN_NOTRACE || !tracer_tracing_is_on(&global_trace))
		return 0;
	if (unlikely(never && ftrace_hash_contains(never, trace->func))) {
		*state &= ~(unsigned long)(DEPTH_MASK << NOTRACE_DEPTH_SHIFT);
		*state |= IN_NOTRACE | (unsigned long)trace->depth << NOTRACE_DEPTH_SHIFT;
		return 1;
	}
	if (unlikely(is_elsewhere(trace, state) || is_ignored_irq(*state) ||
		     is_too_deep(trace->depth)))
		return 0;
	calltime = fgraph_reserve_data(gops->idx, sizeof(*calltime));
	if (unlikely(!calltime))
		return 0;
	record_entry(trace, trace_gen_ctx());
	/* Last, so that the duration has as little as possible of the tracer's own time. */
	*calltime = trace_clock_local();
	return 1;
}

static void record_return(const struct ftrace_graph_ret *trace, unsigned long retval, u64 calltime,
			  u64 rettime, u32 ctx)
{
	struct trace_buffer *buffer = global_trace.buffer;
	struct ring_buffer_event *event;
	struct ftrace_graph_ret_entry *entry;

	event = ring_buffer_lock_reserve(buffer, sizeof(*entry));
	if (!event)
		return;
	entry = ring_buffer_event_data(event);
	trace_entry_init(&entry->ent, TRACE_GRAPH_RET, ctx);
	entry->func = trace->func;
	entry->retval = retval;
	entry->depth = trace->depth;
	entry->overrun = trace->overrun;
	entry->calltime = calltime;
	entry->rettime = rettime;
	ring_buffer_unlock_commit(buffer);
}

static bool leaves(unsigned long state, unsigned int in, unsigned int shift, int depth)
{
	return state & in && (int)(state >> shift & DEPTH_MASK) == depth;
}

static void graph_trace_return(struct ftrace_graph_ret *trace, struct fgraph_ops *gops,
			       struct ftrace_regs *fregs)
{
	u64 rettime = trace_clock_local(), *calltime;
	unsigned long *state = fgraph_get_task_var(gops);

	if (unlikely(leaves(*state, IN_NOTRACE, NOTRACE_DEPTH_SHIFT, trace->depth))) {
		*state &= ~(unsigned long)IN_NOTRACE;
		return;
	}
	if (unlikely(leaves(*state, IN_FUNCTION, FUNCTION_DEPTH_SHIFT, trace->depth)))
		*state &= ~(unsigned long)(IN_FUNCTION | IN_IRQ_FUNCTION);
	calltime = fgraph_retrieve_data(gops->idx, NULL);
	if (calltime)
		record_return(trace, ftrace_regs_get_return_value(fregs), *calltime, rettime,
			      trace_gen_ctx());
}

static struct fgraph_ops graph_ops = {
	.entryfunc = graph_trace_entry,
	.retfunc = graph_trace_return,
};

/* --- set_graph_function, set_graph_notrace --- */

static void replace(struct ftrace_hash **hash, struct ftrace_hash *new)
{
	struct ftrace_hash *old = *hash;

	lockdep_assert_held(&trace_types_lock);
	WRITE_ONCE(*hash, new);
	/* Somebody may still be reading the old one. */
	if (old)
		fgraph_wait_until_left(graph_trace_entry);
	ftrace_hash_free(old);
}

int trace_graph_set_filter(bool exclude, struct ftrace_hash *hash)
{
	struct ftrace_hash *copy = NULL;
	int err = 0;

	mutex_lock(&trace_types_lock);
	if (!ftrace_hash_is_empty(hash)) {
		copy = ftrace_hash_copy(hash);
		err = copy ? 0 : -ENOMEM;
	}
	if (err)
		ftrace_hash_free(hash);
	else
		err = ftrace_hash_install(&trace_graph_filters, exclude, hash);
	if (err)
		ftrace_hash_free(copy);
	else
		replace(exclude ? &graph_notrace : &graph_functions, copy);
	mutex_unlock(&trace_types_lock);
	return err;
}

/* --- The tracer --- */

static int graph_trace_init(struct trace_array *tr)
{
	int err;

	/* What function_graph traces is what the function tracer would: they share the filters. */
	ftrace_ops_share_filters(&graph_ops.ops, tr->ops);
	err = register_ftrace_graph(&graph_ops);
	return err;
}

static int graph_trace_reset(struct trace_array *tr)
{
	return unregister_ftrace_graph(&graph_ops);
}

static const struct tracer_opt graph_opts[] = {
	{ "funcgraph-overrun", TRACE_GRAPH_PRINT_OVERRUN },
	{ "funcgraph-cpu", TRACE_GRAPH_PRINT_CPU },
	{ "funcgraph-overhead", TRACE_GRAPH_PRINT_OVERHEAD },
	{ "funcgraph-proc", TRACE_GRAPH_PRINT_PROC },
	{ "funcgraph-duration", TRACE_GRAPH_PRINT_DURATION },
	{ "funcgraph-abstime", TRACE_GRAPH_PRINT_ABS_TIME },
	{ "funcgraph-irqs", TRACE_GRAPH_PRINT_IRQS },
	{ "funcgraph-tail", TRACE_GRAPH_PRINT_TAIL },
	{ "funcgraph-retval", TRACE_GRAPH_PRINT_RETVAL },
	{ "funcgraph-retval-hex", TRACE_GRAPH_PRINT_RETVAL_HEX },
	{ NULL, 0 },
};

static struct tracer graph_trace = {
	.name = "function_graph",
	.init = graph_trace_init,
	.reset = graph_trace_reset,
	.prints_graph = true,
	.opts = graph_opts,
};

int init_graph_trace(void)
{
	ftrace_keep_filters(&trace_graph_filters);
	return register_tracer(&graph_trace);
}
