/* SPDX-License-Identifier: MIT */
/* A traced function in assembly, as GCC makes it for -fpatchable-function-entry=9,4. */
#pragma once
#include <asm/linkage.h>

.macro TRACED_FUNC_START name
	.p2align 4
.Lliteral\@:
	.byte	0x90, 0x90, 0x90, 0x90
	.globl	\name
	.type	\name, @function
\name:
	LANDING_PAD
	.byte	0x90, 0x90, 0x90, 0x90, 0x90
	.pushsection __patchable_function_entries, "awo", @progbits, \name
	.balign	4
	.long	.Lliteral\@
	.popsection
.endm
