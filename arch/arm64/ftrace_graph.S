/* SPDX-License-Identifier: MIT */
/*
 * The return trampoline of arm64: where a function returns whose return address the graph's entry
 * hook (trace/tracers/fgraph.c) has replaced. It is never freed, because threads may sleep in such
 * functions for any time. Beside it is the one that function_graph's own entry
 * (ftrace_graph_trace.S) leads to. Read ftrace_macros.h and ftrace_sequence.h with it.
 */
#include "arch/arm64/ftrace_sequence.h"

/*
 * To where the function was to return. By `br`, because the `ret` that came here has used up the
 * call's entry in the processor's stack of return addresses; with landing pads only a `ret` may go
 * where there is none.
 */
.macro leave_returned
#ifdef __ARM_FEATURE_BTI_DEFAULT
	ret
#else
	br	x30
#endif
.endm

/*
 * void ftrace_return_to_handler(fregs: x0)
 *
 * In:   x0, x1 the function's result; x29, sp as at its entry.
 * Kept: x0, x1, x18-x29, sp. x30 becomes the true return address.
 *
 * Of struct ftrace_regs there are x0, x1, fp, lr, and pc, which C stores. lr is this trampoline
 * until C has stored the true address there, so that the unwinder asks the shadow stack.
 */
SYM_TRAMPOLINE_START return_to_handler
	state	AT_RETURN
	adr	x30, return_to_handler
	stp	x29, x30, [sp, #FREGS_FP_LR - FREGS_SIZE]!
	mov	x29, sp
	state	IN_RETURN
	stp	x0, x1, [sp, #FREGS_X0_X1 - FREGS_FP_LR]!
	mov	x0, sp
	bl	ftrace_return_to_handler
	ldp	x0, x1, [sp], #FREGS_FP_LR - FREGS_X0_X1
	ldp	x29, x30, [sp], #FREGS_SIZE - FREGS_FP_LR
	state	RETURNED
	leave_returned
SYM_FUNC_END return_to_handler

#if FTRACE_HAVE_ARGS
/*
 * Where functions return whose return address graph_trace_caller has hidden. If the frame is that
 * of the call, as it left it, this writes the event itself; else it goes on as return_to_handler.
 *
 * In, kept: as above; x2-x17 are dead behind a call.
 *
 * x16: the frame
 */
	.org	return_to_handler + RETURN_OTHER
SYM_TRAMPOLINE_START graph_trace_return
	state	AT_RETURN
	mrs	x10, sp_el0
	ldr	x10, [x10, #TASK_GRAPH_STACK]
	mov	x11, sp
	ldr	x16, [x10, #GRAPH_TOP]
	ldr	x12, [x16, #FRAME_PLACE]
	cmp	x11, x12
	b.ne	3f
SYM_INNER graph_trace_return_restart
	/* In the sequence, so that it is true of the tracer that runs at the end of it. */
	adrp	x13, graph_trace_mark
	ldr	x10, [x16, #FRAME_FIRST]
	ldr	x13, [x13, #:lo12:graph_trace_mark]
	ldr	x9, [x16, #FRAME_CALLTIME]
	eor	x10, x10, x13
	lsl	x10, x10, #16			/* not data_end */
	cbnz	x10, 3f
	sequence_begin CPU_GRAPH_BUFFER
1:	mrs	x15, daif
SYM_INNER graph_trace_return_mask_read
	sequence_head TRACE_GRAPH_RET
	ldr	x13, [x16, #FRAME_FUNC]
	ldr	x14, [x16, #FRAME_DEPTH]	/* and the overruns */
	stur	x13, [x12, #EVENT_RETURN_FUNC]
	stur	x0, [x12, #EVENT_RETURN_RETVAL]
	stur	x14, [x12, #EVENT_RETURN_DEPTH]
	stur	x9, [x12, #EVENT_RETURN_CALLTIME]
	sequence_time x14
	sequence_now x14
	stur	x14, [x12, #EVENT_RETURN_RETTIME]
	sequence_header RB_SEQUENCE_RETURN_SIZE, counted=1
	sequence_commit
SYM_INNER graph_trace_return_committed
	sequence_is graph_trace_return_restart, graph_trace_return_committed, \
		    graph_trace_return_restart
	sequence_is graph_trace_return_by_priority, graph_trace_return_asked, \
		    graph_trace_return_restart
	mrs	x10, sp_el0
	ldr	x10, [x10, #TASK_GRAPH_STACK]
	ldr	x30, [x16, #FRAME_RET]
	state	RETURNED
	stp	xzr, xzr, [x16, #FRAME_PLACE]	/* first, as fgraph_stack.h asks for */
	sub	x16, x16, #FRAME_SIZE
	str	x16, [x10, #GRAPH_TOP]
	leave_returned
	state	AT_RETURN
2:	mov	w13, #1
	str	w13, [x11, #RB_SEQUENCE_WANTED]
3:	b	return_to_handler
SYM_FUNC_END graph_trace_return

SYM_TRAMPOLINE_START graph_trace_return_by_priority
	sequence_asks_priority graph_trace_return_mask_read
	.set	graph_trace_return_asked, .
SYM_FUNC_END graph_trace_return_by_priority
	irq_mask_site 1b, graph_trace_return_by_priority
#endif
	.org	return_to_handler + RETURN_SIZE
