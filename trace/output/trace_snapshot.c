/* SPDX-License-Identifier: MIT */
/*
 * The snapshot (trace_snapshot.h). CPUs are asked one after the other to exchange their buffers, in
 * an interrupt; one whose writer or reader was interrupted is asked again. Untraced, so that taking
 * a snapshot is not in the trace.
 */
#include "trace/output/trace_snapshot.h"
#include "kernel/lib/errno.h"
#include "kernel/lockdep.h"
#include "kernel/sched/current.h"
#include "kernel/sched/percpu.h"
#include "kernel/sched/sched.h"
#include "kernel/sched/wait.h"
#include "kernel/smp.h"

/* Each CPU's part gets the size that it has in the first buffer. */
static int match_sizes(struct trace_array *tr)
{
	unsigned int cpu;
	int err = 0;

	lockdep_assert_held(&trace_types_lock);
	for_each_online_cpu(cpu) {
		if (!err)
			err = ring_buffer_resize(tr->snapshot,
						 ring_buffer_size(tr->buffer, (int)cpu), (int)cpu);
	}
	return err;
}

/* What was made first can grow furthest, so the first buffer keeps that. */
static void free_snapshot(struct trace_array *tr)
{
	unsigned int cpu;

	for_each_online_cpu(cpu) {
		if (tr->snapshot)
			ring_buffer_take_room(tr->buffer, tr->snapshot, cpu);
	}
	ring_buffer_free(tr->snapshot);
	tr->snapshot = NULL;
}

int trace_snapshot_make(struct trace_array *tr)
{
	int err;

	lockdep_assert_held(&trace_types_lock);
	if (tr->snapshot)
		return 0;
	/* As small as possible: then each CPU's part is made as large as its buffer is. */
	tr->snapshot = ring_buffer_alloc(1, tr->trace_flags & TRACE_ITER_OVERWRITE ?
						    RB_FL_OVERWRITE : 0);
	if (!tr->snapshot)
		return -ENOMEM;
	ring_buffer_set_clock(tr->snapshot, trace_clocks[tr->clock_id].read);
	tr->snapshot_start = tr->time_start;
	err = match_sizes(tr);
	if (err)
		free_snapshot(tr);
	return err;
}

int tracing_alloc_snapshot(struct trace_array *tr)
{
	int err;

	mutex_lock(&trace_types_lock);
	err = trace_snapshot_make(tr);
	mutex_unlock(&trace_types_lock);
	return err;
}

int tracing_free_snapshot(struct trace_array *tr)
{
	int err = 0;

	mutex_lock(&trace_types_lock);
	if (tr->snapshot_readers)
		err = -EBUSY;
	else
		free_snapshot(tr);
	mutex_unlock(&trace_types_lock);
	return err;
}

void trace_snapshot_drop(struct trace_array *tr)
{
	lockdep_assert_held(&trace_types_lock);
	if (!tr->snapshot_readers)
		free_snapshot(tr);
}

struct swap_request {
	struct trace_array *tr;
	int err;
};

/* On the CPU itself, with interrupts off. */
static void swap_this_cpu(void *arg)
{
	struct swap_request *request = arg;

	assert_irqs_off();
	request->err = ring_buffer_swap_cpu(request->tr->buffer, request->tr->snapshot,
					    smp_processor_id());
}

static void swap_cpu(struct trace_array *tr, unsigned int cpu)
{
	struct swap_request request = { tr, 0 };

	lockdep_assert_held(&trace_types_lock);
	/* What is exchanged is to be as large as before: see resize_buffer(). */
	WARN_ON_ONCE(ring_buffer_size(tr->buffer, (int)cpu) !=
		     ring_buffer_size(tr->snapshot, (int)cpu));
	/* Resizing is excluded by the mutex, so the writer or reader will soon have left. */
	do {
		smp_call_function_single(cpu, swap_this_cpu, &request);
		arch_cpu_relax();
	} while (request.err == -EBUSY);
	WARN_ON_ONCE(request.err);
}

int tracing_snapshot(struct trace_array *tr, int cpu)
{
	unsigned int n;
	int err;

	mutex_lock(&trace_types_lock);
	err = trace_snapshot_make(tr);
	for_each_online_cpu(n) {
		if (!err && (cpu == RING_BUFFER_ALL_CPUS || cpu == (int)n))
			swap_cpu(tr, n);
	}
	/* A tracer that counts repeats must not count on with a call that is here no longer. */
	WRITE_ONCE(tr->resets, tr->resets + 1);
	if (!err)
		tr->snapshot_start = tr->time_start;
	mutex_unlock(&trace_types_lock);
	return err;
}

void tracing_reset_snapshot(struct trace_array *tr, int cpu)
{
	mutex_lock(&trace_types_lock);
	if (tr->snapshot && cpu == RING_BUFFER_ALL_CPUS)
		ring_buffer_reset(tr->snapshot);
	else if (tr->snapshot)
		ring_buffer_reset_cpu(tr->snapshot, cpu);
	mutex_unlock(&trace_types_lock);
}

bool tracing_hold_snapshot(struct trace_array *tr)
{
	bool there;

	mutex_lock(&trace_types_lock);
	there = tr->snapshot;
	tr->snapshot_readers += there;
	mutex_unlock(&trace_types_lock);
	return there;
}

void tracing_release_snapshot(struct trace_array *tr)
{
	mutex_lock(&trace_types_lock);
	if (!WARN_ON_ONCE(!tr->snapshot_readers))
		tr->snapshot_readers--;
	mutex_unlock(&trace_types_lock);
}

/* --- Snapshots that are asked for in any context --- */

#define POLL_MS 10			/* how much later those of other CPUs are, at most */

bool tracing_may_snapshot(const struct trace_array *tr)
{
	return !data_race(tr->pipe_readers) && !READ_ONCE(tr->current_trace)->use_max;
}

void tracing_snapshot_from(struct trace_array *tr)
{
	unsigned int all = (1u << nr_cpus_online) - 1, none = 0;
	unsigned long flags;
	unsigned int cpu;

	if (!tracing_may_snapshot(tr) ||
	    !__atomic_compare_exchange_n(&tr->snapshot_wanted, &none, all, false, __ATOMIC_ACQ_REL,
					 __ATOMIC_RELAXED))
		return;
	/* An NMI may have come upon what exchanges buffers itself. */
	if (in_nmi())
		return;
	flags = arch_irq_save();
	cpu = smp_processor_id();
	if (!ring_buffer_swap_cpu(tr->buffer, tr->snapshot, cpu))
		__atomic_fetch_and(&tr->snapshot_wanted, ~(1u << cpu), __ATOMIC_RELEASE);
	arch_irq_restore(flags);
}

static void take_wanted(struct trace_array *tr)
{
	unsigned int cpu;

	mutex_lock(&trace_types_lock);
	for_each_online_cpu(cpu) {
		if (READ_ONCE(tr->snapshot_wanted) & 1u << cpu && tracing_may_snapshot(tr))
			swap_cpu(tr, cpu);
	}
	WRITE_ONCE(tr->resets, tr->resets + 1);
	tr->snapshot_start = tr->time_start;
	smp_store_release(&tr->snapshot_wanted, 0);
	mutex_unlock(&trace_types_lock);
}

static int take_snapshots(void *data)
{
	struct trace_array *tr = data;

	/*
	 * Who asks for one cannot wake this thread: it may hold the locks of the scheduler. So the
	 * thread looks, and is there only as long as somebody may ask.
	 */
	while (!kthread_should_stop()) {
		if (READ_ONCE(tr->snapshot_wanted))
			take_wanted(tr);
		msleep(POLL_MS);
	}
	return 0;
}

int tracing_arm_snapshot(struct trace_array *tr)
{
	int err = 0;

	mutex_lock(&trace_types_lock);
	if (!tr->snapshot_users) {
		err = trace_snapshot_make(tr);
		if (!err)
			tr->snapshot_taker = kthread_run(take_snapshots, tr, "snapshot");
		if (!err && IS_ERR(tr->snapshot_taker))
			err = (int)PTR_ERR(tr->snapshot_taker);
	}
	if (!err) {
		/* It is not freed while somebody may exchange it. */
		tr->snapshot_users++;
		tr->snapshot_readers++;
	}
	mutex_unlock(&trace_types_lock);
	return err;
}

void tracing_disarm_snapshot(struct trace_array *tr)
{
	struct task_struct *last = NULL;

	mutex_lock(&trace_types_lock);
	tr->snapshot_readers--;
	if (!--tr->snapshot_users)
		last = tr->snapshot_taker;
	mutex_unlock(&trace_types_lock);
	/* Without the lock, for which the thread may wait. One that is wanted is still taken. */
	if (!last)
		return;
	kthread_stop(last);
	if (READ_ONCE(tr->snapshot_wanted))
		take_wanted(tr);
}
