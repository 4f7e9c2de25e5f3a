/* SPDX-License-Identifier: MIT */
/*
 * What ./bench attaches: a callback and a direct function that consist of one instruction, as a
 * compiler without frame pointers would make them, and a direct trampoline that does the least that
 * a real one must do. They are entered with the resume address in x30 and the parent's return
 * address in x9.
 */
#include <asm/linkage.h>

	.text
SYM_FUNC_START bench_callback
	ret
SYM_FUNC_END bench_callback

SYM_FUNC_START bench_direct_func
	ret
SYM_FUNC_END bench_direct_func

/*
 * void bench_spin(unsigned int turns): executes two instructions a turn, to see what the clock
 * counts.
 */
SYM_FUNC_START bench_spin
	subs	w0, w0, #1
	b.ne	bench_spin
	ret
SYM_FUNC_END bench_spin

SYM_FUNC_START bench_direct_tramp
	stp	x29, x30, [sp, #-96]!
	mov	x29, sp
	stp	x0, x1, [sp, #16]
	stp	x2, x3, [sp, #32]
	stp	x4, x5, [sp, #48]
	stp	x6, x7, [sp, #64]
	stp	x8, x9, [sp, #80]
	bl	bench_direct_func
	ldp	x0, x1, [sp, #16]
	ldp	x2, x3, [sp, #32]
	ldp	x4, x5, [sp, #48]
	ldp	x6, x7, [sp, #64]
	ldp	x8, x30, [sp, #80]
	ldp	x29, x10, [sp], #96
	ret	x10
SYM_FUNC_END bench_direct_tramp
