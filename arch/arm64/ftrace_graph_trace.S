/* SPDX-License-Identifier: MIT */
/*
 * function_graph's trampolines of arm64, for sites that nobody else has anything attached to: they
 * do what graph_entry() and ftrace_return_to_handler() (trace/tracers/fgraph.c) do with that
 * tracer, and write the events themselves. What they cannot do they leave to those, with nothing
 * changed. Read ftrace_macros.h and ftrace_sequence.h with it.
 */
#include "arch/arm64/ftrace_sequence.h"

SYM_TRAMPOLINE_START graph_trace_by_priority
	state	AT_ENTRY
	sequence_asks_priority graph_trace_mask_read
SYM_FUNC_END graph_trace_by_priority

/*
 * In:   x9, x30 and x17 as the way in leaves them; x0-x8 the function's arguments.
 * Kept: x0-x8, x18-x29, sp; x10-x17 and flags are dead at a function's entry.
 *
 * First the frame on the shadow stack, in the order that fgraph_stack.h asks for; then the
 * sequence, in which the event is written; then the return address is hidden.
 *
 * x16: the frame
 */
SYM_TRAMPOLINE_START graph_trace_caller
	mrs	x10, sp_el0
	ldr	x11, [x10, #TASK_GRAPH_STACK]
	ldr	w12, [x10, #TASK_TRACE_RECURSION]
	cbz	x11, 3f
	tbnz	w12, #GRAPH_RECURSION_SHIFT, 3f
	ldr	x16, [x11, #GRAPH_TOP]
	ldr	w12, [x16, #FRAME_DEPTH]
	cmp	w12, #GRAPH_LAST_DEPTH
	b.eq	3f				/* no room */
	ldrh	w12, [x16, #FRAME_DATA_END]
	add	x16, x16, #FRAME_SIZE
	strh	w12, [x16, #FRAME_DATA_END]
	str	x16, [x11, #GRAPH_TOP]
	mov	x10, sp
	strh	w12, [x16, #FRAME_DATA_END]	/* again: an interrupt may have changed it */
	sub	x14, x30, #SITE_SIZE		/* resume address -> site */
	stp	x9, x10, [x16, #FRAME_RET_PLACE]
	stp	x29, x14, [x16, #FRAME_FP]
SYM_INNER graph_trace_restart
	sequence_begin CPU_GRAPH_BUFFER
1:	mrs	x15, daif
SYM_INNER graph_trace_mask_read
	sequence_head TRACE_GRAPH_ENT
	/* In the sequence: the mark is that of the time for which the buffer is open. */
	adrp	x13, graph_trace_mark
	ldr	x13, [x13, #:lo12:graph_trace_mark]
	lsr	x14, x13, #32
	str	w13, [x16, #FRAME_FIRST]
	strh	w14, [x16, #FRAME_USERS]
	ldr	x13, [x16, #FRAME_FUNC]
	ldrsw	x14, [x16, #FRAME_DEPTH]
	stur	x13, [x12, #EVENT_ENTRY_FUNC]
	stur	x14, [x12, #EVENT_ENTRY_DEPTH]
	sequence_time x14
	sequence_header RB_SEQUENCE_ENTRY_SIZE, counted=1
	sequence_now x14
	str	x14, [x16, #FRAME_CALLTIME]
	sequence_commit
SYM_INNER graph_trace_committed
	sequence_is graph_trace_restart, graph_trace_committed, graph_trace_restart
	sequence_is graph_trace_by_priority, graph_trace_caller, graph_trace_restart
	mov	x16, x30
	adr	x9, graph_trace_return
	mov	x30, x9
	state	SWAPPING
	ret	x16
	state	AT_ENTRY
2:	mrs	x10, sp_el0
	mov	w13, #1
	ldr	x10, [x10, #TASK_GRAPH_STACK]
	stp	xzr, xzr, [x16, #FRAME_PLACE]
	sub	x16, x16, #FRAME_SIZE
	str	w13, [x11, #RB_SEQUENCE_WANTED]
	str	x16, [x10, #GRAPH_TOP]
3:	enter_ftrace_caller graph_trace_ops+GRAPH_OPS_OPS
SYM_FUNC_END graph_trace_caller
	irq_mask_site 1b, graph_trace_by_priority
