/* SPDX-License-Identifier: MIT */
/*
 * The function tracer's trampoline of i386, for sites that nobody else has anything attached to: it
 * writes the event itself. Read ftrace_macros.h and ftrace_sequence.h with it.
 */
#include "arch/i386/ftrace_sequence.h"

/*
 * Kept: everything but flags, which are dead at a function's entry.
 *
 * The flags are pushed before the sequence, for the event.
 *
 *   +0 flags | +4 bx cx dx ax | +20 resume ip (site + 5) | +24 parent ip
 */
SYM_TRAMPOLINE_START(function_trace_caller)
	at_distance 0
	push_word %eax
	push_word %edx
	push_word %ecx
	push_word %ebx
	push_flags
	.set	distance_of_flags, distance
SYM_INNER(function_trace_restart)
	sequence_begin CPU_SEQUENCE_BUFFER
	sequence_head TRACE_FN
	mov	distance_of_flags(%esp), %eax
	mov	(distance_of_flags + 4)(%esp), %edx
	sub	$SITE_SIZE, %eax		/* resume address -> site */
	mov	%edx, EVENT_PARENT_IP(%ebx)
	mov	%eax, EVENT_IP(%ebx)
	sequence_time CPU_SEQUENCE_BUFFER
	sequence_header RB_SEQUENCE_SIZE
	mov	%fs:CPU_SEQUENCE_BUFFER, %ecx
	sequence_commit RB_SEQUENCE_SIZE
SYM_INNER(function_trace_committed)
	sequence_is function_trace_restart, function_trace_committed
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
