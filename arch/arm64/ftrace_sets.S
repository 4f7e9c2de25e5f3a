/* SPDX-License-Identifier: MIT */
/*
 * A trampoline that only stubs lead to: a stub hands over whichever word its trampoline wants,
 * while a literal must suit all trampolines at any moment. Read ftrace_macros.h with it.
 */
#include "arch/arm64/ftrace_macros.h"

/*
 * ftrace_caller for one callback with FTRACE_OPS_FL_RECURSION: ftrace_assist() in place. x17 is the
 * ops.
 *
 *   sp -> +0 x19 x20 | fregs -> +16 x0 .. x8 | +88 direct_tramp | x29 -> +96 frame pc
 *   | frame -> +112 fp lr | +128
 *
 * x19: the running thread; it stays that, whoever runs in between. x20: its preempt count, and its
 * recursion flags in the upper half. Any interrupt leaves both words as it found them, so what was
 * read before the callback still holds behind it. Then it looks whether a switch is due, as
 * preempt_enable_notrace() does.
 */
SYM_TRAMPOLINE_START ftrace_assist_caller
	save_arguments
	mov	x3, sp
	stp	x19, x20, [sp, #-16]!
	mrs	x19, sp_el0
	ldr	x20, [x19, #TASK_COUNT_RECURSION]
	tbnz	x20, #RECURSION_ASSIST_SHIFT, 2f
	add	x16, x20, #1
	orr	x16, x16, #1 << RECURSION_ASSIST_SHIFT
	str	x16, [x19, #TASK_COUNT_RECURSION]
	sub	x0, x30, #SITE_SIZE		/* resume address -> site */
	mov	x2, x17
	mov	x1, x9
	call_callable
	str	x20, [x19, #TASK_COUNT_RECURSION]
	ldrb	w16, [x19, #TASK_NEED_RESCHED]
	cbnz	w16, 4f
2:	ldp	x19, x20, [sp], #16
	restore_arguments
	leave_by_slot
	state	IN_RECORDS
4:	bl	preempt_schedule
	b	2b
SYM_FUNC_END ftrace_assist_caller
