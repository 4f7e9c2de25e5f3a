/* SPDX-License-Identifier: MIT */
/* A traced function in assembly, as GCC makes it for -fpatchable-function-entry=4,2. */
#pragma once
#include <asm/linkage.h>

.macro TRACED_FUNC_START name
	.balign	8
.Lliteral\@:
	nop
	nop
SYM_FUNC_START \name
	nop
	nop
	.pushsection __patchable_function_entries, "awo", @progbits, \name
	.balign	8
	.quad	.Lliteral\@
	.popsection
.endm
