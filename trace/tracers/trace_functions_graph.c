/* SPDX-License-Identifier: MIT */
/*
 * The tracer function_graph: a user of the function graph that writes an event at each end of a
 * call. What the files set_graph_function, set_graph_notrace and max_graph_depth and the option
 * funcgraph-irqs leave out is decided at the entry; a word of the thread's remembers inside which
 * function it is. In the common case nothing is left out, and the event fits where the last one
 * ended (ring_buffer_reserve_fast()): then the time of the event is also that of the call, so that
 * each end of a call reads the clock once. Untraced.
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
#include "trace/tracers/fgraph_stack.h"
#include "trace/tracers/trace_args_record.h"

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

/*
 * In the frame of a call: the ns at which it began. Or with this bit, because the thread's word
 * changes when the call is over, or something was kept for the option sleep-time; then 0 ns says
 * that the call itself is not traced.
 */
#define CALLTIME_CHANGES (1ull << 63)

/* For its filters alone, which are what the two files show. It is never registered. */
struct ftrace_ops trace_graph_filters;
unsigned int trace_graph_max_depth;
unsigned long tracing_thresh;
u64 graph_trace_mark;

/* Copies of these filters; NULL if they are empty. Whoever reads them may be in any context. */
static struct ftrace_hash *graph_functions, *graph_notrace;

/* Whether a file leaves some calls out, or their entries, as trace_graph_sync() has found. */
static bool leaves_out;

static bool files_leave_out(void)
{
	return (unsigned long)READ_ONCE(graph_functions) | (unsigned long)READ_ONCE(graph_notrace) |
	       trace_graph_max_depth | READ_ONCE(tracing_thresh) |
	       trace_pids_active(&global_trace.function_pids);
}

static bool is_too_deep(int depth)
{
	return trace_graph_max_depth && (unsigned int)depth >= trace_graph_max_depth;
}

static bool is_at(unsigned long state, unsigned int in, unsigned int shift, int depth)
{
	return state & in && (int)(state >> shift & DEPTH_MASK) == depth;
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

/* --- Entry --- */

static __always_inline void fill_entry(struct ftrace_graph_ent_entry *entry,
				       const struct ftrace_graph_ent *trace, u32 ctx,
				       const struct task_struct *task)
{
	trace_entry_init_task(&entry->ent, TRACE_GRAPH_ENT, ctx, task);
	entry->func = trace->func;
	entry->depth = (unsigned long)trace->depth;
}

static void record_entry(const struct ftrace_graph_ent *trace, u32 ctx)
{
	struct trace_buffer *buffer = global_trace.buffer;
	struct ring_buffer_event *event;

	event = ring_buffer_lock_reserve(buffer, sizeof(struct ftrace_graph_ent_entry));
	if (!event)
		return;
	fill_entry(ring_buffer_event_data(event), trace, ctx, current);
	ring_buffer_unlock_commit(buffer);
}

/* With what the options ask for that need more than the plain entry. */
static void record_details(const struct ftrace_graph_ent *trace, const struct ftrace_regs *fregs)
{
	u32 flags = global_trace.func_flags;

	trace_record_graph_entry(&global_trace, trace, trace_gen_ctx(),
				 flags & TRACE_GRAPH_ARGS ? fregs : NULL,
				 flags & TRACE_GRAPH_PRINT_RETADDR ? fgraph_return_address() : 0);
}

/* Forget functions that were left for good, as by longjmp(): this call lies outside of them. */
static void forget_outer_depths(unsigned long *state, int depth)
{
	if ((int)(*state >> NOTRACE_DEPTH_SHIFT & DEPTH_MASK) >= depth)
		*state &= ~(unsigned long)IN_NOTRACE;
	if ((int)(*state >> FUNCTION_DEPTH_SHIFT & DEPTH_MASK) >= depth)
		*state &= ~(unsigned long)(IN_FUNCTION | IN_IRQ_FUNCTION);
}

/*
 * For how long the thread was off the CPUs, and another number that stays the same. It does not
 * change while the thread runs.
 */
static u64 time_off_cpu(void)
{
	unsigned long flags = arch_irq_save();	/* a tick changes both fields */
	u64 off = current->switched_in_ns - current->runtime_ns;

	arch_irq_restore(flags);
	return off;
}

/*
 * Remember when the call began for the option sleep-time. Without room for it, the duration will
 * have the time that the thread sleeps.
 */
static bool keep_time_off_cpu(struct fgraph_ops *gops)
{
	u64 *kept;

	if (likely(global_trace.func_flags & TRACE_GRAPH_SLEEP_TIME))
		return false;
	kept = fgraph_reserve_data(gops->idx, sizeof(*kept));
	if (kept)
		*kept = time_off_cpu();
	return kept;
}

/*
 * What the fast path leaves out, which includes the arguments and the return address. Returns
 * whether the return is to be told, be it only because the state changes then.
 */
static __always_inline int trace_entry_slow(struct ftrace_graph_ent *trace, struct fgraph_ops *gops,
					    const struct ftrace_regs *fregs, bool details,
					    bool own_time, bool any_length)
{
	unsigned long *state = fgraph_get_task_var(gops), before;
	const struct ftrace_hash *never = READ_ONCE(graph_notrace);
	u64 *calltime = graph_calltime(trace);
	bool kept;

	forget_outer_depths(state, trace->depth);
	if (*state & IN_NOTRACE || !tracer_tracing_is_on(&global_trace) ||
	    trace_pids_ignore(&global_trace.function_pids, current->pid))
		return 0;
	if (unlikely(never && ftrace_hash_contains(never, trace->func))) {
		*state &= ~(unsigned long)(DEPTH_MASK << NOTRACE_DEPTH_SHIFT);
		*state |= IN_NOTRACE | (unsigned long)trace->depth << NOTRACE_DEPTH_SHIFT;
		*calltime = CALLTIME_CHANGES;
		return 1;
	}
	before = *state;
	if (unlikely(is_elsewhere(trace, state) || is_ignored_irq(*state) ||
		     is_too_deep(trace->depth)))
		return 0;
	kept = own_time && keep_time_off_cpu(gops);
	/* Whether the call is long enough will be known, on the slow path, when it returns. */
	if (!any_length && READ_ONCE(tracing_thresh)) {
		*calltime = trace_clock_local() | CALLTIME_CHANGES;
		return 1;
	}
	if (details)
		record_details(trace, fregs);
	else
		record_entry(trace, trace_gen_ctx());
	/* Last, so that the duration has as little as possible of the tracer's own time. */
	*calltime = trace_clock_local() | (*state != before || kept ? CALLTIME_CHANGES : 0);
	return 1;
}

static noinline int graph_trace_entry_slow(struct ftrace_graph_ent *trace, struct fgraph_ops *gops)
{
	return trace_entry_slow(trace, gops, NULL, false, false, false);
}

static int graph_trace_entry_details(struct ftrace_graph_ent *trace, struct fgraph_ops *gops,
				     struct ftrace_regs *fregs)
{
	return trace_entry_slow(trace, gops, fregs, true, true, false);
}

static int graph_trace_entry_own_time(struct ftrace_graph_ent *trace, struct fgraph_ops *gops,
				      struct ftrace_regs *fregs)
{
	return trace_entry_slow(trace, gops, NULL, false, true, false);
}

static int graph_trace_entry(struct ftrace_graph_ent *trace, struct fgraph_ops *gops,
			     struct ftrace_regs *fregs)
{
	struct ring_buffer_writer writer;

	/* If recording is off, or this is an interrupt, the reservation fails. */
	if (unlikely(READ_ONCE(leaves_out)) ||
	    unlikely(!ring_buffer_reserve_fast(global_trace.buffer,
					       sizeof(struct ftrace_graph_ent_entry), &writer)))
		return graph_trace_entry_slow(trace, gops);
	fill_entry((struct ftrace_graph_ent_entry *)writer.event->array, trace,
		   trace_ctx_of(writer.task, writer.preempt_count), writer.task);
	*graph_calltime(trace) = ring_buffer_writer_time(&writer);
	ring_buffer_commit_fast(&writer, sizeof(struct ftrace_graph_ent_entry));
	return 1;
}

/* --- Return --- */

static __always_inline void fill_return(struct ftrace_graph_ret_entry *entry,
					const struct ftrace_graph_ret *trace, unsigned long retval,
					u64 calltime, u64 rettime, u32 ctx,
					const struct task_struct *task)
{
	trace_entry_init_task(&entry->ent, TRACE_GRAPH_RET, ctx, task);
	entry->func = trace->func;
	entry->retval = retval;
	entry->depth = trace->depth;
	entry->overrun = trace->overrun;
	entry->calltime = calltime;
	entry->rettime = rettime;
}

static void record_return(const struct ftrace_graph_ret *trace, unsigned long retval, u64 calltime,
			  u64 rettime, u32 ctx)
{
	struct trace_buffer *buffer = global_trace.buffer;
	struct ring_buffer_event *event;

	event = ring_buffer_lock_reserve(buffer, sizeof(struct ftrace_graph_ret_entry));
	if (!event)
		return;
	fill_return(ring_buffer_event_data(event), trace, retval, calltime, rettime, ctx, current);
	ring_buffer_unlock_commit(buffer);
}

/* For how long the thread was off the CPUs in this call, if that is to be left out. */
static u64 time_slept(struct fgraph_ops *gops)
{
	u64 *kept;

	if (likely(global_trace.func_flags & TRACE_GRAPH_SLEEP_TIME))
		return 0;
	kept = fgraph_retrieve_data(gops->idx, NULL);
	return kept ? time_off_cpu() - *kept : 0;
}

/*
 * What the fast path leaves out, which includes results of two words; the thread's word may change.
 */
static __always_inline void trace_return_slow(struct ftrace_graph_ret *trace,
					      struct fgraph_ops *gops, struct ftrace_regs *fregs,
					      u64 calltime, bool wide, u64 shortest)
{
	unsigned long *state = fgraph_get_task_var(gops);
	u64 rettime = trace_clock_local();

	/* Only the state waits for this return: the call itself is not in the trace. */
	if (calltime == CALLTIME_CHANGES) {
		if (is_at(*state, IN_NOTRACE, NOTRACE_DEPTH_SHIFT, trace->depth))
			*state &= ~(unsigned long)IN_NOTRACE;
		return;
	}
	if (calltime & CALLTIME_CHANGES) {
		if (is_at(*state, IN_FUNCTION, FUNCTION_DEPTH_SHIFT, trace->depth))
			*state &= ~(unsigned long)(IN_FUNCTION | IN_IRQ_FUNCTION);
		calltime = (calltime & ~CALLTIME_CHANGES) + time_slept(gops);
	}
	if (rettime - calltime < shortest)
		return;
	if (wide)
		trace_record_graph_result(&global_trace, trace, calltime, rettime, trace_gen_ctx(),
					  fregs);
	else
		record_return(trace, ftrace_regs_get_return_value(fregs), calltime, rettime,
			      trace_gen_ctx());
}

/*
 * The trampolines could not write, and would like to: from now on they may. Not at an entry that
 * came to C, because its return comes to C as well, and would end that.
 */
static void open_sequence_if_wanted(void)
{
	if (unlikely(ring_buffer_wants_sequence(global_trace.buffer)))
		ring_buffer_open_sequence(global_trace.buffer, true);
}

static noinline void graph_trace_return_slow(struct ftrace_graph_ret *trace,
					     struct fgraph_ops *gops, struct ftrace_regs *fregs,
					     u64 calltime)
{
	trace_return_slow(trace, gops, fregs, calltime, false, READ_ONCE(tracing_thresh));
	open_sequence_if_wanted();
}

static void graph_trace_return_wide(struct ftrace_graph_ret *trace, struct fgraph_ops *gops,
				    struct ftrace_regs *fregs)
{
	u64 calltime = container_of(trace, struct graph_frame, trace)->calltime;

	trace_return_slow(trace, gops, fregs, calltime, true, READ_ONCE(tracing_thresh));
}

static void graph_trace_return_plain(struct ftrace_graph_ret *trace, struct fgraph_ops *gops,
				     struct ftrace_regs *fregs)
{
	unsigned long retval = ftrace_regs_get_return_value(fregs);
	u64 calltime = container_of(trace, struct graph_frame, trace)->calltime;
	struct ring_buffer_writer writer;

	if (unlikely(calltime & CALLTIME_CHANGES) ||
	    unlikely(!ring_buffer_reserve_fast(global_trace.buffer,
					       sizeof(struct ftrace_graph_ret_entry), &writer))) {
		graph_trace_return_slow(trace, gops, fregs, calltime);
		return;
	}
	fill_return((struct ftrace_graph_ret_entry *)writer.event->array, trace, retval, calltime,
		    ring_buffer_writer_time(&writer),
		    trace_ctx_of(writer.task, writer.preempt_count), writer.task);
	ring_buffer_commit_fast(&writer, sizeof(struct ftrace_graph_ret_entry));
	open_sequence_if_wanted();
}

struct fgraph_ops graph_trace_ops = {
	.entryfunc = graph_trace_entry,
	.retfunc = graph_trace_return_plain,
	.ops.trampoline = FTRACE_HAVE_ARGS ? (unsigned long)graph_trace_caller : 0,
};
_Static_assert(RB_HEADER_SIZE + sizeof(struct ftrace_graph_ent_entry) == RB_SEQUENCE_ENTRY_SIZE &&
	       RB_HEADER_SIZE + sizeof(struct ftrace_graph_ret_entry) == RB_SEQUENCE_RETURN_SIZE,
	       "graph_trace_caller and graph_trace_return write such events");

/* Where the trampolines write events; NULL: nowhere, they go to graph_entry() each time. */
static void set_sequence_buffer(const struct trace_buffer *buffer)
{
	for (unsigned int cpu = 0; FTRACE_HAVE_ARGS && cpu < NR_CPUS; cpu++)
		arch_graph_trace_buffer(cpu, ring_buffer_sequence_of(buffer, cpu));
}

/* Is the tracer on, and is all that it has to do what the trampolines do? */
static bool is_plain(void)
{
	return data_race(graph_trace_mark) &&
	       READ_ONCE(graph_trace_ops.entryfunc) == graph_trace_entry &&
	       READ_ONCE(graph_trace_ops.retfunc) == graph_trace_return_plain && !files_leave_out();
}

/*
 * What decides is read again after the stores: if several CPUs are here at the same time, the last
 * one to store has then seen the current state.
 */
void trace_graph_sync(void)
{
	bool plain, some;

	do {
		some = files_leave_out();
		WRITE_ONCE(leaves_out, some);
		plain = is_plain();
		set_sequence_buffer(plain ? global_trace.buffer : NULL);
		smp_mb();
	} while (plain != is_plain() || some != files_leave_out());
}

/* --- Inside of a latency tracer --- */

noinline int trace_graph_inside_entry(struct ftrace_graph_ent *trace, struct fgraph_ops *gops)
{
	return trace_entry_slow(trace, gops, NULL, false, false, true);
}

void trace_graph_inside_return(struct ftrace_graph_ret *trace, struct fgraph_ops *gops,
			       struct ftrace_regs *fregs, bool record)
{
	u64 calltime = container_of(trace, struct graph_frame, trace)->calltime;

	trace_return_slow(trace, gops, fregs, calltime, false, record ? 0 : ~0ull);
}

void trace_graph_mark(unsigned long ip, u32 ctx)
{
	const struct ftrace_graph_ent entry = { .func = ip };
	const struct ftrace_graph_ret ret = { .func = ip };
	u64 now = trace_clock_local();

	record_entry(&entry, ctx);
	record_return(&ret, 0, now, now, ctx);
}

/* --- set_graph_function, set_graph_notrace --- */

static void replace(struct ftrace_hash **hash, struct ftrace_hash *new)
{
	struct ftrace_hash *old = *hash;

	lockdep_assert_held(&trace_types_lock);
	WRITE_ONCE(*hash, new);
	trace_graph_sync();
	/* Somebody may still be reading the old one. */
	if (old) {
		fgraph_wait_until_left(graph_trace_entry_slow);
		fgraph_wait_until_left(graph_trace_entry_details);
		fgraph_wait_until_left(graph_trace_entry_own_time);
		fgraph_wait_until_left(trace_graph_inside_entry);
	}
	ftrace_hash_free(old);
}

int trace_graph_set_filter(bool exclude, struct ftrace_hash *hash)
{
	struct ftrace_hash *copy = NULL;
	int err = 0;

	/* The copy is made first, because installing the hash cannot be taken back. */
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

/* What these options ask for costs nothing while they are off: then other functions are called. */
static void choose_functions(u32 flags)
{
	trace_func_graph_ent_t entry = graph_trace_entry;

	if (!(flags & TRACE_GRAPH_SLEEP_TIME))
		entry = graph_trace_entry_own_time;
	if (flags & (TRACE_GRAPH_ARGS | TRACE_GRAPH_PRINT_RETADDR))
		entry = graph_trace_entry_details;
	WRITE_ONCE(graph_trace_ops.entryfunc, entry);
	WRITE_ONCE(graph_trace_ops.retfunc,
		   flags & TRACE_GRAPH_PRINT_RETVAL ? graph_trace_return_wide :
						      graph_trace_return_plain);
	trace_graph_sync();
}

static int graph_set_flag(struct trace_array *tr, u32 bit, bool set)
{
	if (bit == TRACE_GRAPH_ARGS && set && !FTRACE_HAVE_ARGS)
		return -EOPNOTSUPP;
	/* Whoever is in one of the functions may finish it, so nobody needs to be waited for. */
	choose_functions(set ? tr->func_flags | bit : tr->func_flags & ~bit);
	return 0;
}

static int graph_trace_init(struct trace_array *tr)
{
	int err;

	choose_functions(tr->func_flags);
	/* What function_graph traces is what the function tracer would: they share the filters. */
	ftrace_ops_share_filters(&graph_trace_ops.ops, tr->ops);
	err = register_ftrace_graph(&graph_trace_ops);
	if (err)
		return err;
	/* By this frames are known as those of this time that the tracer is on. */
	WRITE_ONCE(graph_trace_mark, graph_trace_ops.ops.sequence |
				     (u64)graph_trace_ops.user_bit << 32);
	trace_graph_sync();
	return 0;
}

static int graph_trace_reset(struct trace_array *tr)
{
	int err = unregister_ftrace_graph(&graph_trace_ops);

	if (err)
		return err;
	WRITE_ONCE(graph_trace_mark, 0);
	trace_graph_sync();
	return 0;
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
	{ "sleep-time", TRACE_GRAPH_SLEEP_TIME },
	{ "graph-time", TRACE_GRAPH_GRAPH_TIME },
	{ "funcgraph-retaddr", TRACE_GRAPH_PRINT_RETADDR },
	{ "funcgraph-args", TRACE_GRAPH_ARGS },
	{ NULL, 0 },
};

static struct tracer graph_trace = {
	.name = "function_graph",
	.init = graph_trace_init,
	.reset = graph_trace_reset,
	.set_flag = graph_set_flag,
	.prints_graph = true,
	.opts = graph_opts,
};

int init_graph_trace(void)
{
	ftrace_keep_filters(&trace_graph_filters);
	return register_tracer(&graph_trace);
}
