/* SPDX-License-Identifier: MIT */
/*
 * A traced function in assembly, as GCC makes it for hook=mcount: the site is in a frame. That is
 * gone before the body, which finds everything as the caller left it, in all modes alike.
 */
#pragma once
#include <asm/linkage.h>

.macro TRACED_FUNC_START name
SYM_FUNC_START(\name)
	push	%ebp
	mov	%esp, %ebp
.Lsite\@:
	.byte	0x0f, 0x1f, 0x44, 0, 0		/* nopl 0(%eax,%eax,1) */
	pop	%ebp
	.pushsection __mcount_loc, "a", @progbits
	.long	.Lsite\@
	.popsection
.endm
