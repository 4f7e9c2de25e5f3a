/* SPDX-License-Identifier: MIT */
/*
 * The offsets and constants that the assembly of both ports needs under the same names. Each port's
 * asm-offsets.c calls this and adds its own.
 */
#pragma once
#include "kernel/module/kbuild.h"
#include "kernel/sched/sched.h"
#include "trace/ftrace.h"
#include "trace/tracers/trace_functions.h"

static __always_inline void common_offsets(void)
{
	OFFSET(TASK_THREAD_SP, struct task_struct, thread_sp);
	OFFSET(TASK_PID, struct task_struct, pid);
	OFFSET(TASK_PREEMPT_COUNT, struct task_struct, preempt_count);
	OFFSET(TASK_NEED_RESCHED, struct task_struct, need_resched);
	BLANK();
	DEFINE(SITE_SIZE, FTRACE_INSN_SIZE);
	OFFSET(CALLABLE_FUNC, struct ftrace_callable, func);
	BLANK();
	/* The function tracer's sequence. */
	OFFSET(RB_BASE, struct ring_buffer_per_cpu, base_low);
	_Static_assert(offsetof(struct ring_buffer_per_cpu, base_low) + sizeof(u32) ==
		       offsetof(struct ring_buffer_per_cpu, base_high),
		       "the two are one number of 64 bits");
	OFFSET(RB_SEQUENCE_SINCE, struct ring_buffer_per_cpu, sequence_since);
	_Static_assert(offsetof(struct ring_buffer_per_cpu, sequence_since) % 8 == 0,
		       "bit 2 of an address chooses between its words");
	OFFSET(RB_SEQUENCE_MULT, struct ring_buffer_per_cpu, sequence_mult);
	OFFSET(RB_SEQUENCE_WANTED, struct ring_buffer_per_cpu, sequence_wanted);
	DEFINE(RB_SEQUENCE_SIZE, RB_SEQUENCE_SIZE);
	DEFINE(RB_SEQUENCE_SHIFT, RB_SEQUENCE_SHIFT);
	DEFINE(RB_DELTA_BITS, RB_DELTA_BITS);
	DEFINE(TRACE_FN, TRACE_FN);
	DEFINE(EVENT_IP, RB_HEADER_SIZE + offsetof(struct ftrace_entry, ip));
	DEFINE(EVENT_PARENT_IP, RB_HEADER_SIZE + offsetof(struct ftrace_entry, parent_ip));
	DEFINE(FUNCTION_TRACE_MAX_DEPTH, FUNCTION_TRACE_MAX_DEPTH);
	_Static_assert(TRACE_FLAG_IRQS_OFF == 1, "the sequence makes it of one bit");
	BLANK();
}
