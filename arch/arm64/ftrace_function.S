/* SPDX-License-Identifier: MIT */
/*
 * The function tracer's trampoline of arm64, for sites that nobody else has anything attached to:
 * it writes the event itself. Read ftrace_macros.h and ftrace_sequence.h with it.
 */
#include "arch/arm64/ftrace_sequence.h"

SYM_TRAMPOLINE_START function_trace_by_priority
	state	AT_ENTRY
	sequence_asks_priority function_trace_mask_read
SYM_FUNC_END function_trace_by_priority

/*
 * In:   x9, x30 and x17 as the way in leaves them; x0-x8 the function's arguments.
 * Kept: x0-x8, x18-x29, sp; x10-x17 and flags are dead at a function's entry.
 */
SYM_TRAMPOLINE_START function_trace_caller
	sequence_begin CPU_SEQUENCE_BUFFER
1:	mrs	x15, daif
SYM_INNER function_trace_mask_read
	sequence_head TRACE_FN
	sub	x15, x30, #SITE_SIZE		/* resume address -> site */
	stur	x15, [x12, #EVENT_IP]
	stur	x9, [x12, #EVENT_PARENT_IP]
	sequence_time x16
	sequence_header RB_SEQUENCE_SIZE
	sequence_commit
SYM_INNER function_trace_committed
	sequence_is function_trace_by_priority, function_trace_committed, function_trace_caller
3:	mov	x16, x30
	mov	x30, x9
	state	SWAPPING
	ret	x16
	state	AT_ENTRY
2:	adrp	x10, function_trace_ops + CALLABLE_FUNC
	ldr	x10, [x10, #:lo12:function_trace_ops + CALLABLE_FUNC]
	adr_l	x12, function_trace_off
	cmp	x10, x12
	b.eq	3b
	mov	w10, #1
	str	w10, [x11, #RB_SEQUENCE_WANTED]
	enter_ftrace_caller function_trace_ops
SYM_FUNC_END function_trace_caller
	irq_mask_site 1b, function_trace_by_priority
