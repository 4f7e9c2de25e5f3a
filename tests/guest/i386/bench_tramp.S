/* SPDX-License-Identifier: MIT */
/*
 * What ./bench attaches: a callback and a direct function that consist of one instruction, as a
 * compiler without frame pointers would make them, and a direct trampoline that does the least that
 * a real one must do. They are entered with the resume address at 0(%esp) and the parent's return
 * address at 4(%esp).
 */
#include <asm/linkage.h>

	.text
SYM_FUNC_START(bench_callback)
	ret
SYM_FUNC_END(bench_callback)

SYM_FUNC_START(bench_direct_func)
	ret
SYM_FUNC_END(bench_direct_func)

/*
 * void bench_spin(unsigned int turns): executes two instructions a turn, to see what the clock
 * counts.
 */
SYM_FUNC_START(bench_spin)
	dec	%eax
	jnz	bench_spin
	ret
SYM_FUNC_END(bench_spin)

SYM_FUNC_START(bench_direct_tramp)
	push	%eax
	push	%edx
	push	%ecx
	call	bench_direct_func
	pop	%ecx
	pop	%edx
	pop	%eax
	ret
SYM_FUNC_END(bench_direct_tramp)
