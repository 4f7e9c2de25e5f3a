/* SPDX-License-Identifier: MIT */
/*
 * The offsets and constants that the assembly of both ports needs under the same names. Each port's
 * asm-offsets.c calls this and adds its own.
 */
#pragma once
#include "kernel/module/kbuild.h"
#include "kernel/sched/sched.h"
#include "trace/core/recursion.h"
#include "trace/ftrace.h"
#include "trace/tracers/fgraph_stack.h"
#include "trace/tracers/trace_functions.h"

/* A field of an event of the ring buffer, behind the event's header. */
#define EVENT(name, entry, field) \
	DEFINE(name, RB_HEADER_SIZE + offsetof(struct entry, field))

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
	_Static_assert(offsetof(struct ring_buffer_per_cpu, sequence_since) % 8 == 0 &&
		       offsetof(struct ring_buffer_per_cpu, sequence_count) % 8 == 0,
		       "bit 2 of an address chooses between its words");
	OFFSET(RB_SEQUENCE_MULT, struct ring_buffer_per_cpu, sequence_mult);
	OFFSET(RB_SEQUENCE_WANTED, struct ring_buffer_per_cpu, sequence_wanted);
	DEFINE(RB_SEQUENCE_SIZE, RB_SEQUENCE_SIZE);
	DEFINE(RB_SEQUENCE_SHIFT, RB_SEQUENCE_SHIFT);
	DEFINE(RB_DELTA_BITS, RB_DELTA_BITS);
	DEFINE(TRACE_FN, TRACE_FN);
	EVENT(EVENT_IP, ftrace_entry, ip);
	EVENT(EVENT_PARENT_IP, ftrace_entry, parent_ip);
	DEFINE(FUNCTION_TRACE_MAX_DEPTH, FUNCTION_TRACE_MAX_DEPTH);
	_Static_assert(TRACE_FLAG_IRQS_OFF == 1, "the sequence makes it of one bit");
	BLANK();
	/* Those of function_graph. */
	OFFSET(TASK_GRAPH_STACK, struct task_struct, graph_stack);
	OFFSET(GRAPH_TOP, struct graph_stack, top);
	DEFINE(GRAPH_LAST_DEPTH, GRAPH_NR_FRAMES - 1);
	DEFINE(FRAME_SIZE, sizeof(struct graph_frame));
	OFFSET(FRAME_FUNC, struct graph_frame, trace.func);
	OFFSET(FRAME_DEPTH, struct graph_frame, trace.depth);
	OFFSET(FRAME_CALLTIME, struct graph_frame, calltime);
	OFFSET(FRAME_FIRST, struct graph_frame, first);
	OFFSET(FRAME_DATA_END, struct graph_frame, data_end);
	OFFSET(FRAME_RET, struct graph_frame, ret);
	OFFSET(FRAME_PLACE, struct graph_frame, place);
	OFFSET(GRAPH_OPS_OPS, struct fgraph_ops, ops);
	DEFINE(RETURN_SIZE, FTRACE_RETURN_SIZE);
	DEFINE(RETURN_OTHER, FTRACE_RETURN_OTHER);
	DEFINE(RB_SEQUENCE_ENTRY_SIZE, RB_SEQUENCE_ENTRY_SIZE);
	DEFINE(RB_SEQUENCE_RETURN_SIZE, RB_SEQUENCE_RETURN_SIZE);
	OFFSET(RB_BASE_NS, struct ring_buffer_per_cpu, base_ns);
	OFFSET(RB_SEQUENCE_COUNT, struct ring_buffer_per_cpu, sequence_count);
	DEFINE(TRACE_GRAPH_ENT, TRACE_GRAPH_ENT);
	DEFINE(TRACE_GRAPH_RET, TRACE_GRAPH_RET);
	EVENT(EVENT_ENTRY_FUNC, ftrace_graph_ent_entry, func);
	EVENT(EVENT_ENTRY_DEPTH, ftrace_graph_ent_entry, depth);
	EVENT(EVENT_RETURN_FUNC, ftrace_graph_ret_entry, func);
	EVENT(EVENT_RETURN_RETVAL, ftrace_graph_ret_entry, retval);
	EVENT(EVENT_RETURN_DEPTH, ftrace_graph_ret_entry, depth);
	EVENT(EVENT_RETURN_CALLTIME, ftrace_graph_ret_entry, calltime);
	EVENT(EVENT_RETURN_RETTIME, ftrace_graph_ret_entry, rettime);
	OFFSET(FRAME_USERS, struct graph_frame, users);
	BLANK();
}
