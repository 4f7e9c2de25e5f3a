/* SPDX-License-Identifier: MIT */
/*
 * The function tracer's trampoline of i386, for sites that nobody else has anything attached to: it
 * writes the event itself. trace/ring_buffer/ring_buffer_sequence.c says why that may be done like
 * this, and trap.c sends who is interrupted in it back to its start. Read ftrace_macros.h with it.
 */
#include "arch/i386/ftrace_macros.h"

/*
 * Kept: everything but flags, which are dead at a function's entry.
 *
 * The sequence is from function_trace_sequence to function_trace_committed. It moves no esp, and
 * counts on no register but esp when it is started again. The flags are pushed before it, for the
 * event.
 *
 *   +0 flags | +4 bx cx dx ax | +20 resume ip (site + 5) | +24 parent ip
 *
 * ebx: the event, then the end of it. ecx: this CPU's struct ring_buffer_per_cpu.
 */
SYM_TRAMPOLINE_START(function_trace_caller)
	at_distance 0
	push_word %eax
	push_word %edx
	push_word %ecx
	push_word %ebx
	push_flags
	.set	distance_of_flags, distance
SYM_INNER(function_trace_sequence)
SYM_INNER(function_trace_restart)
	mov	%fs:CPU_SEQUENCE_BUFFER, %ecx
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
	mov	TASK_PID(%eax), %eax
	movl	$TRACE_FN, EVENT_TYPE(%ebx)	/* and no flags */
	mov	%dl, EVENT_PREEMPT_COUNT(%ebx)
	testl	$FLAGS_IF, (%esp)
	sete	EVENT_FLAGS(%ebx)		/* TRACE_FLAG_IRQS_OFF, or none */
	mov	%eax, EVENT_PID(%ebx)
	mov	distance_of_flags(%esp), %eax
	mov	(distance_of_flags + 4)(%esp), %edx
	sub	$SITE_SIZE, %eax		/* resume address -> site */
	mov	%edx, EVENT_PARENT_IP(%ebx)
	mov	%eax, EVENT_IP(%ebx)
	rdtsc
	sub	RB_BASE(%ecx), %eax
	sbb	(RB_BASE + 4)(%ecx), %edx
	jne	2f
	mull	RB_SEQUENCE_MULT(%ecx)
	mov	%ebx, %ecx
	shld	$(32 - RB_SEQUENCE_SHIFT), %eax, %edx
	and	$4, %ecx			/* which word of sequence_since */
	add	%fs:CPU_SEQUENCE_BUFFER, %ecx
	mov	%edx, %eax			/* ns since the base */
	sub	RB_SEQUENCE_SINCE(%ecx), %eax
	test	$(~0 << RB_DELTA_BITS), %eax	/* too much, or the clock went backwards */
	jne	2f
	shl	$5, %eax
	or	$(RB_SEQUENCE_SIZE / 4 - 1), %eax
	mov	%eax, (%ebx)
	xor	$4, %ecx			/* the other word */
	add	$RB_SEQUENCE_SIZE, %ebx
	mov	%edx, RB_SEQUENCE_SINCE(%ecx)
	mov	%fs:CPU_SEQUENCE_BUFFER, %ecx
	mov	%ebx, RB_COMMIT(%ecx)
SYM_INNER(function_trace_committed)
3:	pop_word %ebx				/* the flags */
	pop_word %ebx
	pop_word %ecx
	pop_word %edx
	pop_word %eax
	ret
	at_distance distance_of_flags
2:	cmpl	$function_trace_off, function_trace_ops + CALLABLE_FUNC
	je	3b
	mov	%fs:CPU_SEQUENCE_BUFFER, %ecx
	movl	$1, RB_SEQUENCE_WANTED(%ecx)
	pop_word %ebx
	pop_word %ebx
	pop_word %ecx
	pop_word %edx
	pop_word %eax
	enter_ftrace_caller function_trace_ops
SYM_FUNC_END(function_trace_caller)
