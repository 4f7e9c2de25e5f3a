/* SPDX-License-Identifier: MIT */
/*
 * The return trampoline of i386: where a function returns whose return address the graph's entry
 * hook (trace/tracers/fgraph.c) has replaced. It is never freed, because threads may sleep in such
 * functions for any time. Beside it is the one that function_graph's own entry
 * (ftrace_graph_trace.S) leads to. Read ftrace_macros.h and ftrace_sequence.h with it.
 */
#include "arch/i386/ftrace_sequence.h"

/*
 * void ftrace_return_to_handler(fregs: eax)
 *
 * In:   eax, or edx:eax, the function's result; esp as the function's `ret` leaves it, just above
 *       the word that held the return address.
 * Kept: all but ecx and the flags, which no caller counts on behind a call.
 *
 * What is built here is struct ftrace_regs, with parent_ip in the very word that held the return
 * address. It is 0 until C has stored the true address there. Leaves by a jump, because the `ret`
 * that came here has used up the entry of the call in the processor's stack of return addresses.
 *
 *   +0 bp cx dx ax | +16 direct_tramp | +20 ip | +24 parent_ip
 */
SYM_TRAMPOLINE_START(return_to_handler)
	at_distance -4				/* from esp to parent_ip; elsewhere it is to ip */
	push_word $0				/* parent_ip: not known yet */
	push_word $0				/* ip */
	push_word $0				/* direct_tramp */
	push_word %eax
	push_word %edx
	push_word %ecx
	push_word %ebp
	mov	%esp, %eax
	call	ftrace_return_to_handler
	drop_words 2				/* bp, which C kept, and cx */
	pop_word %edx
	pop_word %eax
	drop_words 2				/* direct_tramp and ip */
	pop_word %ecx				/* parent_ip */
	jmp	*%ecx
SYM_FUNC_END(return_to_handler)

#if FTRACE_HAVE_ARGS
/*
 * Where functions return whose return address graph_trace_caller has hidden. If the frame is that
 * of the call, as it left it, this writes the event itself; else it goes on as return_to_handler.
 *
 * In, kept: as above.
 *
 *   +0 flags | +4 si bx dx ax | +20 parent_ip, 0 until it is known
 *
 * esi: the frame
 */
	.org	return_to_handler + RETURN_OTHER
SYM_TRAMPOLINE_START(graph_trace_return)
	at_distance -4
	push_word $0
	push_word %eax
	push_word %edx
	push_word %ebx
	push_word %esi
	push_flags
	.set	distance_of_flags, distance
	mov	%fs:CPU_CURRENT, %eax
	mov	TASK_GRAPH_STACK(%eax), %eax
	lea	distance_of_flags(%esp), %edx
	mov	GRAPH_TOP(%eax), %esi
	cmp	%edx, FRAME_PLACE(%esi)
	jne	2f
SYM_INNER(graph_trace_return_restart)
	/* In the sequence, so that it is true of the tracer that runs at the end of it. */
	mov	graph_trace_mark, %eax
	mov	graph_trace_mark + 4, %edx
	cmp	%eax, FRAME_FIRST(%esi)
	jne	2f
	cmp	%dx, FRAME_USERS(%esi)
	jne	2f
	sequence_begin CPU_GRAPH_BUFFER
	sequence_head TRACE_GRAPH_RET
	mov	FRAME_FUNC(%esi), %eax
	mov	(distance_of_flags - 4)(%esp), %edx	/* the result */
	mov	%eax, EVENT_RETURN_FUNC(%ebx)
	mov	%edx, EVENT_RETURN_RETVAL(%ebx)
	mov	FRAME_DEPTH(%esi), %eax
	mov	FRAME_OVERRUN(%esi), %edx
	mov	%eax, EVENT_RETURN_DEPTH(%ebx)
	mov	%edx, EVENT_RETURN_OVERRUN(%ebx)
	mov	FRAME_CALLTIME(%esi), %eax
	mov	(FRAME_CALLTIME + 4)(%esi), %edx
	mov	%eax, EVENT_RETURN_CALLTIME(%ebx)
	mov	%edx, (EVENT_RETURN_CALLTIME + 4)(%ebx)
	sequence_time CPU_GRAPH_BUFFER
	sequence_header RB_SEQUENCE_RETURN_SIZE, counted=1
	sequence_now CPU_GRAPH_BUFFER
	mov	%eax, EVENT_RETURN_RETTIME(%ebx)
	mov	%edx, (EVENT_RETURN_RETTIME + 4)(%ebx)
	sequence_commit RB_SEQUENCE_RETURN_SIZE
SYM_INNER(graph_trace_return_committed)
	sequence_is graph_trace_return_restart, graph_trace_return_committed
	mov	FRAME_RET(%esi), %ecx
	mov	%fs:CPU_CURRENT, %eax
	mov	TASK_GRAPH_STACK(%eax), %eax
	mov	%ecx, distance_of_flags(%esp)	/* an unwinder needs it when the frame is gone */
	movl	$0, FRAME_PLACE(%esi)		/* first, as fgraph_stack.h asks for */
	sub	$FRAME_SIZE, %esi
	mov	%esi, GRAPH_TOP(%eax)
	pop_word %ebx				/* the flags */
	pop_word %esi
	pop_word %ebx
	pop_word %edx
	pop_word %eax
	drop_words 1				/* parent_ip, which is in ecx */
	jmp	*%ecx
	at_distance distance_of_flags
2:	mov	%fs:CPU_GRAPH_BUFFER, %ecx
	movl	$1, RB_SEQUENCE_WANTED(%ecx)
	pop_word %ebx
	pop_word %esi
	pop_word %ebx
	pop_word %edx
	pop_word %eax
	mov	$return_to_handler, %ecx	/* for an unwinder: it is not known */
	drop_words 1
	jmp	return_to_handler
SYM_FUNC_END(graph_trace_return)
#endif
	.org	return_to_handler + RETURN_SIZE
