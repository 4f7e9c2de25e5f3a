/* SPDX-License-Identifier: MIT */
/*
 * The function tracer's trampoline of arm64, for sites that nobody else has anything attached to:
 * it writes the event itself. trace/ring_buffer/ring_buffer_sequence.c says why that may be done
 * like this, and irq.c and trap.c send who is interrupted in it back to its start. Read
 * ftrace_macros.h with it.
 */
#include "arch/arm64/ftrace_macros.h"
#include "arch/arm64/irq_mask.h"

/*
 * With pseudo-NMIs boot makes the sequence ask here whether interrupts are on (IRQ_MASK_SITE in
 * <asm/arch.h>). The priority mask's bit says the opposite of DAIF's, so it is turned round. These
 * instructions belong to the sequence.
 */
SYM_TRAMPOLINE_START function_trace_by_priority
SYM_INNER function_trace_sequence
	state	AT_ENTRY
	mrs	x15, IRQ_PMR
	eor	x15, x15, #0x80
	b	function_trace_mask_read
SYM_FUNC_END function_trace_by_priority

/*
 * In:   x9, x30 and x17 as the way in leaves them; x0-x8 the function's arguments.
 * Kept: x0-x8, x18-x29, sp; x10-x17 and flags are dead at a function's entry.
 *
 * The sequence is from function_trace_sequence to function_trace_committed. It counts on no
 * register but x9 and x30 when it is started again.
 *
 * x11: this CPU's struct ring_buffer_per_cpu. x12: the event, then its end.
 */
SYM_TRAMPOLINE_START function_trace_caller
SYM_INNER function_trace_restart
	mrs	x10, tpidr_el1
	ldr	x11, [x10, #CPU_SEQUENCE_BUFFER]
	mrs	x10, sp_el0
	ldp	x12, x13, [x11, #RB_COMMIT_TAIL]
	ldp	x14, x15, [x11, #RB_STATE_LIMIT]	/* context and record_disabled in one */
	orr	x13, x13, x14
	cbnz	x13, 2f
	cmp	x12, x15
	b.hi	2f
	ldr	w13, [x10, #TASK_PREEMPT_COUNT]
	cmp	w13, #FUNCTION_TRACE_MAX_DEPTH		/* more: too deep, or not in a thread */
	b.hi	2f
	ldrb	w14, [x10, #TASK_NEED_RESCHED]
	cbnz	w14, 2f
	ldr	w14, [x10, #TASK_PID]
1:	mrs	x15, daif
SYM_INNER function_trace_mask_read
	ubfx	x15, x15, #7, #1		/* TRACE_FLAG_IRQS_OFF, or none */
	lsl	w13, w13, #EVENT_DEPTH_SHIFT
	orr	w13, w13, w15, lsl #EVENT_FLAGS_SHIFT
	orr	w13, w13, #TRACE_FN
	sub	x15, x30, #SITE_SIZE		/* resume address -> site */
	stp	w13, w14, [x12, #EVENT_TYPE_PID]
	stur	x15, [x12, #EVENT_IP]
	stur	x9, [x12, #EVENT_PARENT_IP]
	isb					/* the counter is not read early */
	mrs	x15, cntvct_el0
	ldr	x16, [x11, #RB_BASE]
	ldr	w17, [x11, #RB_MAX_CYCLES]
	sub	x15, x15, x16
	cmp	x15, x17
	b.hs	2f
	ldr	x16, [x11, #RB_SEQUENCE_MULT]
	and	x17, x12, #4			/* which word of sequence_since */
	mul	x15, x15, x16
	add	x17, x17, x11
	lsr	x15, x15, #RB_SEQUENCE_SHIFT	/* ns since the base */
	ldr	w14, [x17, #RB_SEQUENCE_SINCE]
	subs	w14, w15, w14
	b.lo	2f				/* the clock went backwards */
	lsl	w14, w14, #5
	orr	w14, w14, #(RB_SEQUENCE_SIZE / 4 - 1)
	str	w14, [x12], #RB_SEQUENCE_SIZE
	eor	x17, x17, #4			/* the other word */
	str	w15, [x17, #RB_SEQUENCE_SINCE]
	stlr	x12, [x11]			/* commit */
SYM_INNER function_trace_committed
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
