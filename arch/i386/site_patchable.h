/* SPDX-License-Identifier: MIT */
/* A traced function in assembly, as GCC makes it for -fpatchable-function-entry=5. */
#pragma once
#include <asm/linkage.h>

.macro TRACED_FUNC_START name
SYM_FUNC_START(\name)
.Lsite\@:
	.byte	0x90, 0x90, 0x90, 0x90, 0x90
	.pushsection __patchable_function_entries, "awo", @progbits, \name
	.balign	4
	.long	.Lsite\@
	.popsection
.endm
