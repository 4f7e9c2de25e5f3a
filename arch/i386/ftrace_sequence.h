/* SPDX-License-Identifier: MIT */
/*
 * What the sequences of i386 are made of (trace/ring_buffer/ring_buffer_sequence.c says why that
 * may be done like this). trap.c sends who is interrupted in one back to its start, as the table
 * that sequence_is fills says. A sequence moves no esp, and counts on no register that it changes.
 * Where it cannot write it goes to the label 2, and has changed nothing then.
 *
 *   ebx: the event, then its end     ecx: this CPU's struct ring_buffer_per_cpu, or near it
 *   eax, edx: anything               (esp): the flags from before
 *
 * @buffer: CPU_SEQUENCE_BUFFER or CPU_GRAPH_BUFFER, the word that leads to the ring buffer.
 */
#pragma once
#include "arch/i386/ftrace_macros.h"

/*
 * From @start up to @end, where its last store is done. Whoever is interrupted there goes on at
 * @start. Both are labels that C knows.
 */
.macro sequence_is start, end
	.pushsection .rodata.ftrace_sequences, "a"
	.long	\start, \end, \start
	.popsection
.endm

/* Is there room, and is this a thread that may write? Out: eax: the thread, edx: preempt count. */
.macro sequence_begin buffer
	mov	%fs:\buffer, %ecx
	mov	RB_TAIL(%ecx), %ebx
	or	RB_RECORD_DISABLED(%ecx), %ebx
	jne	2f
	mov	RB_COMMIT(%ecx), %ebx
	cmp	RB_SEQUENCE_LIMIT(%ecx), %ebx
	ja	2f
	mov	%fs:CPU_CURRENT, %eax
	mov	TASK_PREEMPT_COUNT(%eax), %edx
	cmp	$FUNCTION_TRACE_MAX_DEPTH, %edx	/* more: too deep, or not in a thread */
	ja	2f
	cmpb	$0, TASK_NEED_RESCHED(%eax)
	jne	2f
.endm

/* struct trace_entry, as sequence_begin leaves eax and edx. */
.macro sequence_head type
	mov	TASK_PID(%eax), %eax
	movl	$\type, EVENT_TYPE(%ebx)	/* and no flags */
	mov	%dl, EVENT_PREEMPT_COUNT(%ebx)
	testl	$FLAGS_IF, (%esp)
	sete	EVENT_FLAGS(%ebx)		/* TRACE_FLAG_IRQS_OFF, or none */
	mov	%eax, EVENT_PID(%ebx)
.endm

/* Out: edx: ns since the base. ecx leads to the word of sequence_since that counts at ebx. */
.macro sequence_time buffer
	rdtsc
	sub	RB_BASE(%ecx), %eax
	sbb	(RB_BASE + 4)(%ecx), %edx
	jne	2f
	mull	RB_SEQUENCE_MULT(%ecx)
	mov	%ebx, %ecx
	shld	$(32 - RB_SEQUENCE_SHIFT), %eax, %edx
	and	$4, %ecx
	add	%fs:\buffer, %ecx
.endm

/* The event's header, for @size bytes with it, and the time behind it in the other word. */
.macro sequence_header size, counted=0
	mov	%edx, %eax
	sub	RB_SEQUENCE_SINCE(%ecx), %eax
	test	$(~0 << RB_DELTA_BITS), %eax	/* too much, or the clock went backwards */
	jne	2f
	shl	$5, %eax
	or	$(\size / 4 - 1), %eax
	mov	%eax, (%ebx)
	.if	\counted
	mov	RB_SEQUENCE_COUNT(%ecx), %eax
	inc	%eax
	.endif
	xor	$4, %ecx			/* the other word */
	mov	%edx, RB_SEQUENCE_SINCE(%ecx)
	.if	\counted
	mov	%eax, RB_SEQUENCE_COUNT(%ecx)
	.endif
.endm

/* Behind the header. Out: edx:eax: the time in ns; ecx: the buffer. */
.macro sequence_now buffer
	mov	%fs:\buffer, %ecx
	mov	RB_BASE_NS(%ecx), %eax
	add	%edx, %eax
	mov	(RB_BASE_NS + 4)(%ecx), %edx
	adc	$0, %edx
.endm

/* In: ecx: the buffer. The store is the last of the sequence. */
.macro sequence_commit size
	add	$\size, %ebx
	mov	%ebx, RB_COMMIT(%ecx)
.endm
