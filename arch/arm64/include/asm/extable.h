/* SPDX-License-Identifier: MIT */
/* The exception table: instructions that may fault, and where to go on then. */
#pragma once

/* For inline assembly: when the instruction at label @insn faults, go on at label @fixup. */
#define EX_TABLE(insn, fixup)					\
	"	.pushsection __ex_table, \"a\"\n"		\
	"	.balign	4\n"					\
	"	.long	" insn " - ., " fixup " - .\n"		\
	"	.popsection\n"
