/* SPDX-License-Identifier: MIT */
/*
 * A traced function in assembly, for hook=fentry with a GCC that counts calls: as boot leaves what
 * that makes, with a NOP where the counter was.
 */
#pragma once
#include <asm/linkage.h>

#define SITES_ARE_COUNTED

.macro TRACED_FUNC_START name
SYM_FUNC_START(\name)
	.byte	0x0f, 0x1f, 0x44, 0, 0		/* nopl 0(%eax,%eax,1) */
.Lsite\@:
	.byte	0x0f, 0x1f, 0x44, 0, 0
	.pushsection __mcount_loc, "a", @progbits
	.long	.Lsite\@
	.popsection
.endm
