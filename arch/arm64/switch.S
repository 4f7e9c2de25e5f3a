/* SPDX-License-Identifier: MIT */
/*
 * Switching threads. What a function must keep is pushed onto the old thread's
 * stack and popped from the new one's; thread.c makes the first such frame.
 *
 *   sp -> fp, lr | x19 .. x28	(struct switch_frame in arm64.h)
 */
#include <asm/asm-offsets.h>
#include <asm/linkage.h>

	.text

/*
 * struct task_struct *arch_switch_to(struct task_struct *prev, struct task_struct *next)
 * Interrupts off. x0 stays prev across the switch: that is the result.
 */
SYM_FUNC_START arch_switch_to
	stp	x29, x30, [sp, #-SWITCH_SIZE]!
	mov	x29, sp
	stp	x19, x20, [sp, #SWITCH_X19_X20]
	stp	x21, x22, [sp, #SWITCH_X21_X22]
	stp	x23, x24, [sp, #SWITCH_X23_X24]
	stp	x25, x26, [sp, #SWITCH_X25_X26]
	stp	x27, x28, [sp, #SWITCH_X27_X28]
	mov	x2, sp
	str	x2, [x0, #TASK_THREAD_SP]
	ldr	x2, [x1, #TASK_THREAD_SP]
	mov	sp, x2
	ldp	x19, x20, [sp, #SWITCH_X19_X20]
	ldp	x21, x22, [sp, #SWITCH_X21_X22]
	ldp	x23, x24, [sp, #SWITCH_X23_X24]
	ldp	x25, x26, [sp, #SWITCH_X25_X26]
	ldp	x27, x28, [sp, #SWITCH_X27_X28]
	ldp	x29, x30, [sp], #SWITCH_SIZE
	ret
SYM_FUNC_END arch_switch_to

/* Where a new thread's first switch returns to: x29 = 0, so that backtraces end here. */
SYM_FUNC_START arm64_thread_start
	bl	kthread_entry
	brk	#0
SYM_FUNC_END arm64_thread_start
