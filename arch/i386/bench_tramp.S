/* SPDX-License-Identifier: MIT */
/*
 * A direct trampoline around an empty function: the least that a real one
 * does. Entered with [esp] = resume address, [esp+4] = the parent's.
 */
#include <asm/linkage.h>

	.text
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
