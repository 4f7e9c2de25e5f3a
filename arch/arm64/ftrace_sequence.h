/* SPDX-License-Identifier: MIT */
/*
 * What the sequences of arm64 are made of (trace/ring_buffer/ring_buffer_sequence.c says why that
 * may be done like this). irq.c and trap.c send who is interrupted in one back to its start, as the
 * table that sequence_is fills says. A sequence counts on no register that it changes. Where it
 * cannot write it goes to the label 2, and has changed nothing then.
 *
 *   x11: this CPU's struct ring_buffer_per_cpu     x12: the event, then its end
 *   x10, x13-x15, x17: anything
 *
 * @buffer: CPU_SEQUENCE_BUFFER or CPU_GRAPH_BUFFER, the word that leads to the ring buffer.
 */
#pragma once
#include "arch/arm64/ftrace_macros.h"
#include "arch/arm64/irq_mask.h"

/* From @start up to @end whoever is interrupted goes on at @restart. */
.macro sequence_is start, end, restart
	.pushsection .rodata.ftrace_sequences, "a"
	.quad	\start, \end, \restart
	.popsection
.endm

/*
 * With pseudo-NMIs boot makes a sequence ask here whether interrupts are on (IRQ_MASK_SITE in
 * <asm/arch.h>). The bit that tells is that of DAIF, turned round.
 */
.macro sequence_asks_priority back
	mrs	x15, IRQ_PMR
	eor	x15, x15, #0x80
	b	\back
.endm

/* Is there room, and is this a thread that may write? Out: w13: preempt count, w14: pid. */
.macro sequence_begin buffer
	mrs	x10, tpidr_el1
	ldr	x11, [x10, #\buffer]
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
.endm

/* struct trace_entry, with x15 from DAIF. */
.macro sequence_head type
	ubfx	x15, x15, #7, #1		/* TRACE_FLAG_IRQS_OFF, or none */
	lsl	w13, w13, #EVENT_DEPTH_SHIFT
	orr	w13, w13, w15, lsl #EVENT_FLAGS_SHIFT
	add	w13, w13, #\type
	stp	w13, w14, [x12, #EVENT_TYPE_PID]
.endm

/* Out: x15: ns since the base; x17 leads to the word of sequence_since that counts at x12. */
.macro sequence_time mult
	isb					/* the counter is not read early */
	mrs	x15, cntvct_el0
	ldr	\mult, [x11, #RB_BASE]
	ldr	w17, [x11, #RB_MAX_CYCLES]
	sub	x15, x15, \mult
	cmp	x15, x17
	b.hs	2f
	ldr	\mult, [x11, #RB_SEQUENCE_MULT]
	and	x17, x12, #4
	mul	x15, x15, \mult
	add	x17, x17, x11
	lsr	x15, x15, #RB_SEQUENCE_SHIFT
.endm

/* In: x15 as above. Out: @to: the time in ns. */
.macro sequence_now to
	ldr	\to, [x11, #RB_BASE_NS]
	add	\to, \to, w15, uxtw
.endm

/* The event's header, for @size bytes with it; the other word gets the time behind it. */
.macro sequence_header size, counted=0
	ldr	w14, [x17, #RB_SEQUENCE_SINCE]
	subs	w14, w15, w14
	b.lo	2f				/* the clock went backwards */
	lsl	w14, w14, #5
	orr	w14, w14, #(\size / 4 - 1)
	str	w14, [x12], #\size
	.if	\counted
	ldr	w14, [x17, #RB_SEQUENCE_COUNT]
	add	w14, w14, #1
	.endif
	eor	x17, x17, #4			/* the other word */
	str	w15, [x17, #RB_SEQUENCE_SINCE]
	.if	\counted
	str	w14, [x17, #RB_SEQUENCE_COUNT]
	.endif
.endm

/* The last store. */
.macro sequence_commit
	stlr	x12, [x11]
.endm
