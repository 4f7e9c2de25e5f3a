/* SPDX-License-Identifier: MIT */
/*
 * The head of an event: type, state of the CPU, thread. Inline and short,
 * because every traced call makes one. Any context, untraced.
 */
#pragma once
#include "kernel/sched/current.h"
#include "trace/output/trace_entries.h"

#define TRACE_CTX_FLAGS_SHIFT 16	/* where struct trace_entry has flags and preempt_count, */
#define TRACE_CTX_DEPTH_SHIFT 24	/* when its first four bytes are one little-endian word */

/* Every thread here may be preempted in the kernel, so one flag of ours is two of Linux's. */
#define TRACE_FLAGS_RESCHED (TRACE_FLAG_NEED_RESCHED | TRACE_FLAG_PREEMPT_RESCHED)

/* The same for any preempt count: in interrupts and NMIs, or nested deeply. */
static __always_inline u32 trace_ctx_of_count(unsigned int count)
{
	u32 depth = min(count & PREEMPT_MASK, 15u);
	u32 flags = (count & NMI_MASK ? TRACE_FLAG_NMI : 0) |
		    (count & HARDIRQ_MASK ? TRACE_FLAG_HARDIRQ : 0) |
		    (count & SOFTIRQ_MASK ? TRACE_FLAG_SOFTIRQ : 0);

	return depth << TRACE_CTX_DEPTH_SHIFT | flags << TRACE_CTX_FLAGS_SHIFT;
}

/* For a preempt count that is nothing but a depth below 16. */
static __always_inline u32 trace_ctx_of(const struct task_struct *task, unsigned int count)
{
	u32 ctx = count << TRACE_CTX_DEPTH_SHIFT;

	if (arch_irqs_disabled())
		ctx |= TRACE_FLAG_IRQS_OFF << TRACE_CTX_FLAGS_SHIFT;
	if (unlikely(task->need_resched))
		ctx |= TRACE_FLAGS_RESCHED << TRACE_CTX_FLAGS_SHIFT;
	return ctx;
}

/*
 * The state of the CPU as it is now, to be taken before recording changes it (a reservation
 * disables preemption).
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
