/* SPDX-License-Identifier: MIT */
/*
 * The function tracer: an ftrace_ops whose callback writes a TRACE_FN event for each call. There is
 * a callback for each combination of options, so that the plain one need not test any. They need no
 * recursion protection, because nothing that they call is traced and the ring buffer allows nested
 * writers. Untraced.
 */
#include "kernel/lib/errno.h"
#include "kernel/lockdep.h"
#include "kernel/mm/mm.h"
#include "kernel/sched/percpu.h"
#include "kernel/smp.h"
#include "trace/core/filter.h"
#include "trace/core/ops_list.h"
#include "trace/ftrace.h"
#include "trace/output/trace.h"
#include "trace/output/trace_event.h"
#include "trace/ring_buffer/ring_buffer_write.h"
#include "trace/tracers/fgraph.h"
#include "trace/tracers/trace_args_record.h"
#include "trace/tracers/trace_functions.h"

static __always_inline void fill_entry(struct ftrace_entry *entry, unsigned long ip,
				       unsigned long parent_ip, u32 ctx,
				       const struct task_struct *task)
{
	trace_entry_init_task(&entry->ent, TRACE_FN, ctx, task);
	entry->ip = ip;
	entry->parent_ip = parent_ip;
}

static void record_call(struct trace_array *tr, unsigned long ip, unsigned long parent_ip, u32 ctx)
{
	struct ring_buffer_event *event;

	event = ring_buffer_lock_reserve(tr->buffer, sizeof(struct ftrace_entry));
	if (unlikely(!event))
		return;
	fill_entry(ring_buffer_event_data(event), ip, parent_ip, ctx, current);
	ring_buffer_unlock_commit(tr->buffer);
}

void trace_function(struct trace_array *tr, unsigned long ip, unsigned long parent_ip, u32 ctx)
{
	record_call(tr, ip, parent_ip, ctx);
}

/* The cases that the fast path leaves out, such as interrupts or the end of a sub-buffer. */
static noinline void function_trace_slow(unsigned long ip, unsigned long parent_ip)
{
	record_call(&global_trace, ip, parent_ip, trace_gen_ctx());
	if (ring_buffer_wants_sequence(global_trace.buffer))
		ring_buffer_open_sequence(global_trace.buffer, false);
}

/*
 * Traced calls come here if function_trace_caller could not write the event, or if others have
 * something attached to the function as well. Slow functions are called last, so that GCC makes
 * these calls jumps and saves no registers for them.
 */
static void function_trace_call(unsigned long ip, unsigned long parent_ip, struct ftrace_ops *op,
				struct ftrace_regs *fregs)
{
	struct ring_buffer_writer writer;

	if (unlikely(!ring_buffer_reserve_fast(global_trace.buffer, sizeof(struct ftrace_entry),
					       &writer))) {
		function_trace_slow(ip, parent_ip);
		return;
	}
	/* The event is short, so its payload begins right behind its header. */
	fill_entry((struct ftrace_entry *)writer.event->array, ip, parent_ip,
		   trace_ctx_of(writer.task, writer.preempt_count), writer.task);
	ring_buffer_commit_fast(&writer, sizeof(struct ftrace_entry));
	if (unlikely(ring_buffer_wants_sequence(global_trace.buffer)))
		ring_buffer_open_sequence(global_trace.buffer, false);
}

/* The same while return addresses may be hidden: this one asks for the true caller. */
static void function_trace_hidden_call(unsigned long ip, unsigned long parent_ip,
				       struct ftrace_ops *op, struct ftrace_regs *fregs)
{
	function_trace_call(ip, fgraph_true_parent(parent_ip, fregs), op, fregs);
}

/* The plain one of other instances than global_trace, which has all that is done for speed. */
static void function_instance_trace_call(unsigned long ip, unsigned long parent_ip,
					 struct ftrace_ops *op, struct ftrace_regs *fregs)
{
	record_call(op->private, ip, fgraph_true_parent(parent_ip, fregs), trace_gen_ctx());
}

static void function_stack_trace_call(unsigned long ip, unsigned long parent_ip,
				      struct ftrace_ops *op, struct ftrace_regs *fregs)
{
	struct trace_array *tr = op->private;

	record_call(tr, ip, fgraph_true_parent(parent_ip, fregs), trace_gen_ctx());
	trace_record_stack(tr, ip);
}

/* --- func-no-repeats: a call that is the same as the one before it is only counted --- */

/*
 * Record how often @last was repeated. The event holds the difference from the last repeat's time
 * to its own, because readers subtract it from the event's time.
 */
static void record_repeats(struct trace_array *tr, const struct trace_last_call *last, u32 ctx)
{
	struct ring_buffer_event *event;
	struct func_repeats_entry *entry;
	u64 delta;

	event = ring_buffer_lock_reserve(tr->buffer, sizeof(*entry));
	if (!event)
		return;
	delta = ring_buffer_event_time_stamp(tr->buffer, event) - last->ts;
	entry = ring_buffer_event_data(event);
	trace_entry_init(&entry->ent, TRACE_FUNC_REPEATS, ctx);
	/* The thread whose calls were counted; another one may be running now. */
	entry->ent.pid = last->pid;
	entry->ip = last->ip;
	entry->parent_ip = last->parent_ip;
	entry->count = last->repeats;
	entry->top_delta_ts = (u16)(delta >> 32);
	entry->bottom_delta_ts = (u32)delta;
	ring_buffer_unlock_commit(tr->buffer);
}

/* True if the call is a repeat and was only counted. Interrupts are off. */
static bool is_repeat(struct trace_array *tr, unsigned long ip, unsigned long parent_ip, u32 ctx)
{
	struct trace_last_call *last = &tr->last_calls[smp_processor_id()];
	unsigned int resets = READ_ONCE(tr->resets);

	assert_irqs_off();
	/*
	 * If the buffer was cleared since, forget the last call: it is not in the trace any more,
	 * and its time may be another clock's.
	 */
	if (last->resets != resets)
		*last = (struct trace_last_call){ .resets = resets };
	if (last->ip == ip && last->parent_ip == parent_ip && last->pid == current->pid &&
	    last->repeats < 0xffff) {
		last->repeats++;
		last->ts = ring_buffer_time_stamp(tr->buffer);
		return true;
	}
	if (last->repeats)
		record_repeats(tr, last, ctx);
	last->ip = ip;
	last->parent_ip = parent_ip;
	last->pid = current->pid;
	last->repeats = 0;
	return false;
}

/* Is the call a repeat that has been counted now, so that it needs no event? */
static __always_inline bool count_repeat(struct trace_array *tr, unsigned long ip,
					 unsigned long parent_ip, u32 ctx)
{
	unsigned long flags;
	bool repeat = false;

	/* An NMI may have interrupted the comparison, so calls in NMIs are always recorded. */
	if (!in_nmi()) {
		flags = arch_irq_save();
		repeat = is_repeat(tr, ip, parent_ip, ctx);
		arch_irq_restore(flags);
	}
	return repeat;
}

static __always_inline bool record_unless_repeat(struct trace_array *tr, unsigned long ip,
						 unsigned long parent_ip)
{
	u32 ctx = trace_gen_ctx();

	if (count_repeat(tr, ip, parent_ip, ctx))
		return false;
	record_call(tr, ip, parent_ip, ctx);
	return true;
}

static void function_no_repeats_trace_call(unsigned long ip, unsigned long parent_ip,
					   struct ftrace_ops *op, struct ftrace_regs *fregs)
{
	record_unless_repeat(op->private, ip, fgraph_true_parent(parent_ip, fregs));
}

static void function_stack_no_repeats_trace_call(unsigned long ip, unsigned long parent_ip,
						 struct ftrace_ops *op, struct ftrace_regs *fregs)
{
	if (record_unless_repeat(op->private, ip, fgraph_true_parent(parent_ip, fregs)))
		trace_record_stack(op->private, ip);
}

/* --- func-args: calls with their arguments --- */

static __always_inline void record_args(struct trace_array *tr, unsigned long ip,
					unsigned long parent_ip, struct ftrace_regs *fregs,
					bool no_repeats, bool stack)
{
	u32 ctx = trace_gen_ctx();

	parent_ip = fgraph_true_parent(parent_ip, fregs);
	/* Calls of the same function from the same place are repeats, whatever is passed. */
	if (no_repeats && count_repeat(tr, ip, parent_ip, ctx))
		return;
	trace_record_call_args(tr, ip, parent_ip, ctx, fregs);
	if (stack)
		trace_record_stack(tr, ip);
}

static void function_args_trace_call(unsigned long ip, unsigned long parent_ip,
				     struct ftrace_ops *op, struct ftrace_regs *fregs)
{
	record_args(op->private, ip, parent_ip, fregs, false, false);
}

static void function_args_stack_trace_call(unsigned long ip, unsigned long parent_ip,
					   struct ftrace_ops *op, struct ftrace_regs *fregs)
{
	record_args(op->private, ip, parent_ip, fregs, false, true);
}

static void function_args_no_repeats_trace_call(unsigned long ip, unsigned long parent_ip,
						struct ftrace_ops *op, struct ftrace_regs *fregs)
{
	record_args(op->private, ip, parent_ip, fregs, true, false);
}

static void function_args_stack_no_repeats_trace_call(unsigned long ip, unsigned long parent_ip,
						      struct ftrace_ops *op,
						      struct ftrace_regs *fregs)
{
	record_args(op->private, ip, parent_ip, fregs, true, true);
}

/* --- The tracer --- */

struct ftrace_ops function_trace_ops = {
	.func = function_trace_call,
	.private = &global_trace,
	.trampoline = FTRACE_HAVE_ARGS ? (unsigned long)function_trace_caller : 0,
};
_Static_assert(RB_HEADER_SIZE + sizeof(struct ftrace_entry) == RB_SEQUENCE_SIZE,
	       "function_trace_caller writes such an event");

int ftrace_set_global_filter(const char *buf, int len, int reset)
{
	return ftrace_set_filter(&function_trace_ops, buf, len, reset);
}

int ftrace_set_global_notrace(const char *buf, int len, int reset)
{
	return ftrace_set_notrace(&function_trace_ops, buf, len, reset);
}

void ftrace_ops_set_global_filter(struct ftrace_ops *ops)
{
	ftrace_ops_share_filters(ops, &function_trace_ops);
}

/* The callback while recording is off, so that a call then costs only the trampoline. */
void function_trace_off(unsigned long ip, unsigned long parent_ip, struct ftrace_ops *op,
			       struct ftrace_regs *fregs)
{
}

/* Where function_trace_caller writes events; NULL: nowhere, it goes to the callback each time. */
static void set_sequence_buffer(const struct trace_buffer *buffer)
{
	for (unsigned int cpu = 0; FTRACE_HAVE_ARGS && cpu < NR_CPUS; cpu++)
		arch_function_trace_buffer(cpu, ring_buffer_sequence_of(buffer, cpu));
}

/* The callback while calls of all threads are recorded. */
static ftrace_func_t callback_for_all(const struct trace_array *tr)
{
	/* The others ask for the true caller each time, because they cost much more anyway. */
	return tr->function == function_trace_call && READ_ONCE(fgraph_may_hide) ?
		function_trace_hidden_call : tr->function;
}

/* With a list of threads each call is asked about, in place of what would be called otherwise. */
static void function_pid_trace_call(unsigned long ip, unsigned long parent_ip,
				    struct ftrace_ops *op, struct ftrace_regs *fregs)
{
	const struct trace_array *tr = op->private;

	if (!trace_pids_ignore(&tr->function_pids, current->pid))
		callback_for_all(tr)(ip, parent_ip, op, fregs);
}

static ftrace_func_t callback_now(struct trace_array *tr)
{
	if (!tracer_tracing_is_on(tr))
		return function_trace_off;
	if (trace_pids_active(&tr->function_pids))
		return function_pid_trace_call;
	return callback_for_all(tr);
}

/*
 * Trampolines load ops->func for each call, so it may change while they run. What decides is read
 * again after the store: if several CPUs are here at the same time, the last one to store has then
 * seen the current state of the switch, so that callback and switch agree in the end.
 */
void function_trace_sync(struct trace_array *tr)
{
	bool sequence = tr == &global_trace;
	ftrace_func_t now;

	if (!tr->function)
		return;
	do {
		now = callback_now(tr);
		/* The sequence does what the plain callback does, and no other one. */
		if (sequence && now != function_trace_call)
			set_sequence_buffer(NULL);
		WRITE_ONCE(tr->ops->func, now);
		if (sequence && now == function_trace_call)
			set_sequence_buffer(tr->buffer);
		smp_mb();
	} while (now != callback_now(tr));
}

static ftrace_func_t select_callback(const struct trace_array *tr, u32 flags)
{
	/* One for each combination, so that none of them asks for an option at each call. */
	static const ftrace_func_t callbacks[] = {
		[0] = function_trace_call,
		[TRACE_FUNC_OPT_STACK] = function_stack_trace_call,
		[TRACE_FUNC_OPT_NO_REPEATS] = function_no_repeats_trace_call,
		[TRACE_FUNC_OPT_STACK | TRACE_FUNC_OPT_NO_REPEATS] =
			function_stack_no_repeats_trace_call,
		[TRACE_FUNC_OPT_ARGS] = function_args_trace_call,
		[TRACE_FUNC_OPT_ARGS | TRACE_FUNC_OPT_STACK] = function_args_stack_trace_call,
		[TRACE_FUNC_OPT_ARGS | TRACE_FUNC_OPT_NO_REPEATS] =
			function_args_no_repeats_trace_call,
		[TRACE_FUNC_OPT_ARGS | TRACE_FUNC_OPT_STACK | TRACE_FUNC_OPT_NO_REPEATS] =
			function_args_stack_no_repeats_trace_call,
	};

	flags &= TRACE_FUNC_OPT_STACK | TRACE_FUNC_OPT_NO_REPEATS | TRACE_FUNC_OPT_ARGS;
	return flags || tr == &global_trace ? callbacks[flags] : function_instance_trace_call;
}

static int start_function_trace(struct trace_array *tr, u32 flags)
{
	for (unsigned int cpu = 0; cpu < NR_CPUS; cpu++)
		tr->last_calls[cpu] = (struct trace_last_call){ 0 };
	tr->function = select_callback(tr, flags);
	function_trace_sync(tr);
	return register_ftrace_function(tr->ops);
}

static int function_trace_init(struct trace_array *tr)
{
	return start_function_trace(tr, tr->func_flags);
}

/* Record the repeats that were only counted so far. Called on each CPU, with interrupts off. */
static void end_repeats(void *arg)
{
	struct trace_array *tr = arg;
	struct trace_last_call *last = &tr->last_calls[smp_processor_id()];

	assert_irqs_off();
	if (last->repeats && last->resets == READ_ONCE(tr->resets))
		record_repeats(tr, last, trace_gen_ctx());
	last->repeats = 0;
}

/* It is not registered if function_set_flag() could not start it again. */
static int function_trace_reset(struct trace_array *tr)
{
	bool registered = tr->ops->flags & FTRACE_OPS_FL_ENABLED;
	int err = registered ? unregister_ftrace_function(tr->ops) : 0;

	if (!err && tr->func_flags & TRACE_FUNC_OPT_NO_REPEATS)
		on_each_cpu(end_repeats, tr);
	return err;
}

/* Stops the tracer, which records all counted repeats, and starts it with the new options. */
static int function_set_flag(struct trace_array *tr, u32 bit, bool set)
{
	u32 flags = set ? tr->func_flags | bit : tr->func_flags & ~bit;
	int err;

	if (bit == TRACE_FUNC_OPT_ARGS && set && !FTRACE_HAVE_ARGS)
		return -EOPNOTSUPP;
	if (tr->current_trace->init != function_trace_init)
		return 0;
	err = function_trace_reset(tr);
	if (err)
		return err;
	err = start_function_trace(tr, flags);
	if (err)
		start_function_trace(tr, tr->func_flags);
	return err;
}

static const struct tracer_opt function_opts[] = {
	{ "func_stack_trace", TRACE_FUNC_OPT_STACK },
	{ "func-no-repeats", TRACE_FUNC_OPT_NO_REPEATS },
	{ "func-args", TRACE_FUNC_OPT_ARGS },
	{ NULL, 0 },
};

static struct tracer function_trace = {
	.name = "function",
	.allow_instances = true,
	.init = function_trace_init,
	.reset = function_trace_reset,
	.set_flag = function_set_flag,
	.opts = function_opts,
};

int function_trace_add_instance(struct trace_array *tr)
{
	tr->ops = kzalloc(sizeof(*tr->ops), GFP_KERNEL);
	if (!tr->ops)
		return -ENOMEM;
	tr->ops->func = function_trace_off;
	tr->ops->private = tr;
	ftrace_keep_filters(tr->ops);
	return 0;
}

void function_trace_remove_instance(struct trace_array *tr)
{
	ftrace_drop_filters(tr->ops);
	kfree(tr->ops);
	tr->ops = NULL;
}

int init_function_trace(struct trace_array *tr)
{
	tr->ops = &function_trace_ops;
	ftrace_keep_filters(&function_trace_ops);
	return register_tracer(&function_trace);
}
