/* SPDX-License-Identifier: MIT */
/*
 * function_graph's trampolines of i386, for sites that nobody else has anything attached to: they
 * do what graph_entry() and ftrace_return_to_handler() (trace/tracers/fgraph.c) do with that
 * tracer, and write the events themselves. What they cannot do they leave to those, with nothing
 * changed. Read ftrace_macros.h and ftrace_sequence.h with it.
 */
#include "arch/i386/ftrace_sequence.h"

/*
 * Kept: everything but flags, which are dead at a function's entry.
 *
 * First the frame on the shadow stack, in the order that fgraph_stack.h asks for; then the
 * sequence, in which the event is written; then the return address is hidden.
 *
 *   +0 flags | +4 si bx cx dx ax | +24 resume ip (site + 5) | +28 parent ip
 *
 * esi: the frame
 */
SYM_TRAMPOLINE_START(graph_trace_caller)
	at_distance 0
	push_word %eax
	push_word %edx
	push_word %ecx
	push_word %ebx
	push_word %esi
	push_flags
	.set	distance_of_flags, distance
	mov	%fs:CPU_CURRENT, %ecx
	testb	$GRAPH_RECURSION_BIT, TASK_TRACE_RECURSION(%ecx)
	jne	3f
	mov	TASK_GRAPH_STACK(%ecx), %ecx
	test	%ecx, %ecx
	je	3f
	mov	(distance_of_flags + 4)(%esp), %edx
	mov	GRAPH_TOP(%ecx), %esi
	cmpl	$GRAPH_LAST_DEPTH, FRAME_DEPTH(%esi)
	je	3f				/* no room */
	movzwl	FRAME_DATA_END(%esi), %eax
	add	$FRAME_SIZE, %esi
	mov	%ax, FRAME_DATA_END(%esi)
	mov	%esi, GRAPH_TOP(%ecx)
	mov	%ax, FRAME_DATA_END(%esi)	/* again: an interrupt may have changed it */
	mov	%edx, FRAME_RET(%esi)
	mov	distance_of_flags(%esp), %eax
	sub	$SITE_SIZE, %eax		/* resume address -> site */
	mov	%eax, FRAME_FUNC(%esi)
	lea	(distance_of_flags + 4)(%esp), %eax
	mov	%eax, FRAME_PLACE(%esi)
SYM_INNER(graph_trace_restart)
	sequence_begin CPU_GRAPH_BUFFER
	sequence_head TRACE_GRAPH_ENT
	/* In the sequence: the mark is that of the time for which the buffer is open. */
	mov	graph_trace_mark, %eax
	mov	graph_trace_mark + 4, %edx
	mov	%eax, FRAME_FIRST(%esi)
	mov	%dx, FRAME_USERS(%esi)
	mov	FRAME_FUNC(%esi), %eax
	mov	FRAME_DEPTH(%esi), %edx
	mov	%eax, EVENT_ENTRY_FUNC(%ebx)
	mov	%edx, EVENT_ENTRY_DEPTH(%ebx)
	sequence_time CPU_GRAPH_BUFFER
	sequence_header RB_SEQUENCE_ENTRY_SIZE, counted=1
	sequence_now CPU_GRAPH_BUFFER
	mov	%eax, FRAME_CALLTIME(%esi)
	mov	%edx, (FRAME_CALLTIME + 4)(%esi)
	sequence_commit RB_SEQUENCE_ENTRY_SIZE
SYM_INNER(graph_trace_committed)
	sequence_is graph_trace_restart, graph_trace_committed
	movl	$graph_trace_return, (distance_of_flags + 4)(%esp)
	pop_word %ebx				/* the flags */
	pop_word %esi
	pop_word %ebx
	pop_word %ecx
	pop_word %edx
	pop_word %eax
	ret
	at_distance distance_of_flags
2:	mov	%fs:CPU_GRAPH_BUFFER, %ecx
	movl	$1, RB_SEQUENCE_WANTED(%ecx)
	mov	%fs:CPU_CURRENT, %ecx
	mov	TASK_GRAPH_STACK(%ecx), %ecx
	movl	$0, FRAME_PLACE(%esi)
	sub	$FRAME_SIZE, %esi
	mov	%esi, GRAPH_TOP(%ecx)
3:	pop_word %ebx
	pop_word %esi
	pop_word %ebx
	pop_word %ecx
	pop_word %edx
	pop_word %eax
	enter_ftrace_caller graph_trace_ops+GRAPH_OPS_OPS
SYM_FUNC_END(graph_trace_caller)
