/* SPDX-License-Identifier: MIT */
/* A traced function in assembly, as GCC makes it for -fpatchable-function-entry=2. */
#pragma once
#include <asm/linkage.h>

.macro TRACED_FUNC_START name
SYM_FUNC_START \name
.Lsite\@:
	nop
	nop
	.pushsection __patchable_function_entries, "awo", @progbits, \name
	.balign	8
	.quad	.Lsite\@
	.popsection
.endm
