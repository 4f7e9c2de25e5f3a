/* SPDX-License-Identifier: MIT */
/*
 * Where arguments are by the procedure call standard AAPCS64, section 6.8.2, for a kernel without
 * floating point: in x0 to x7, which are words 0 to 7, then on the stack, from word 8 on. A
 * structure of up to 16 bytes is in registers as a whole or not at all; of a larger one only the
 * address is passed. The place for a large result is in x8, which is no argument. Untraced.
 */
#include "arch/common/args.h"

#define NR_REGISTERS 8u
#define STRUCTURE_MAX 16u

void arch_ftrace_args_start(struct ftrace_arg_walk *walk, bool variadic, bool structure_result)
{
	*walk = (struct ftrace_arg_walk){ 0 };
}

unsigned int arch_ftrace_arg_words(struct ftrace_arg_walk *walk, unsigned int size, bool structure,
				   unsigned int *nr)
{
	if (structure && size > STRUCTURE_MAX)
		size = sizeof(long);
	return place_arg(walk, size, NR_REGISTERS, nr);
}

void arch_ftrace_read_args(const struct ftrace_regs *fregs, unsigned long *words, unsigned int nr)
{
	read_arg_words(fregs, (const unsigned long *)ftrace_regs_get_stack_pointer(fregs),
		       NR_REGISTERS, words, nr);
}
