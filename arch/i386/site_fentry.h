/* SPDX-License-Identifier: MIT */
/* A traced function in assembly, as GCC makes it for hook=fentry. */
#pragma once
#include <asm/linkage.h>

.macro TRACED_FUNC_START name
SYM_FUNC_START(\name)
.Lsite\@:
	.byte	0x0f, 0x1f, 0x44, 0, 0		/* nopl 0(%eax,%eax,1) */
	.pushsection __mcount_loc, "a", @progbits
	.long	.Lsite\@
	.popsection
.endm
