/* SPDX-License-Identifier: MIT */
/* The exception table: instructions that may fault, and where to go on then. */
#pragma once

/* For inline assembly: an access at label @insn may fault, and goes on at label @fixup then. */
#define EX_TABLE(insn, fixup)				\
	".pushsection __ex_table, \"a\"\n\t"		\
	".balign 4\n\t"					\
	".long " #insn ", " #fixup "\n\t"		\
	".popsection\n\t"
