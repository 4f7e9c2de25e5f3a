/* SPDX-License-Identifier: MIT */
/*
 * The head of an event: its type, the state of the CPU, and the thread. Inline and short, because
 * every traced call makes one. Any context, untraced.
 */
#pragma once
#include "kernel/sched/current.h"
#include "trace/output/trace_entries.h"

/*
 * Positions of flags and preempt_count when struct trace_entry's first 4 bytes are taken as a u32.
 */
#define TRACE_CTX_FLAGS_SHIFT 16
#define TRACE_CTX_DEPTH_SHIFT 24

/* All threads can be preempted in the kernel, so need_resched stands for both of Linux's flags. */
#define TRACE_FLAGS_RESCHED (TRACE_FLAG_NEED_RESCHED | TRACE_FLAG_PREEMPT_RESCHED)

/* The context and depth of any preempt count, in the form of trace_gen_ctx(). */
static __always_inline u32 trace_ctx_of_count(unsigned int count)
{
	u32 depth = min(count & PREEMPT_MASK, 15u);
	u32 flags = (count & NMI_MASK ? TRACE_FLAG_NMI : 0) |
		    (count & HARDIRQ_MASK ? TRACE_FLAG_HARDIRQ : 0) |
		    (count & SOFTIRQ_MASK ? TRACE_FLAG_SOFTIRQ : 0);

	return depth << TRACE_CTX_DEPTH_SHIFT | flags << TRACE_CTX_FLAGS_SHIFT;
}

/* The state of the CPU for a preempt count that is only a depth, below 16. */
static __always_inline u32 trace_ctx_of(const struct task_struct *task, unsigned int count)
{
	u32 ctx = count << TRACE_CTX_DEPTH_SHIFT;

	if (arch_irqs_disabled())
		ctx |= TRACE_FLAG_IRQS_OFF << TRACE_CTX_FLAGS_SHIFT;
	/* Another CPU may be setting it: the event says what was the case before or after. */
	if (unlikely(data_race(task->need_resched)))
		ctx |= TRACE_FLAGS_RESCHED << TRACE_CTX_FLAGS_SHIFT;
	return ctx;
}

/*
 * The current state of the CPU, for trace_entry_init(). It is taken before a reservation, because
 * that disables preemption.
 */
static __always_inline u32 trace_gen_ctx(void)
{
	unsigned int count = preempt_count();

	if (likely(count <= 15))
		return trace_ctx_of(current, count);
	return trace_ctx_of_count(count) | trace_ctx_of(current, 0);
}

static __always_inline void trace_entry_init_task(struct trace_entry *entry, enum trace_type type,
						  u32 ctx, const struct task_struct *task)
{
	*(u32 *)(void *)entry = (u32)type | ctx;
	entry->pid = task->pid;
}

static __always_inline void trace_entry_init(struct trace_entry *entry, enum trace_type type,
					     u32 ctx)
{
	trace_entry_init_task(entry, type, ctx, current);
}
