/* SPDX-License-Identifier: MIT */
/*
 * Where arguments are with -mregparm=3: in the words that ftrace_regs_get_argument() numbers. An
 * argument that fits into what is left of eax, edx and ecx is there, a structure too. Otherwise it
 * is on the stack as a whole, and so are all that follow. Untraced.
 */
#include "arch/common/args.h"

#define NR_REGISTERS 3u

void arch_ftrace_args_start(struct ftrace_arg_walk *walk, bool variadic, bool structure_result)
{
	unsigned int nr;

	/* A variadic function takes nothing in registers. */
	*walk = (struct ftrace_arg_walk){ .registers = variadic ? NR_REGISTERS : 0 };
	/* Where to store the result comes before all arguments, in the same way as these. */
	if (structure_result)
		place_arg(walk, sizeof(long), NR_REGISTERS, &nr);
}

unsigned int arch_ftrace_arg_words(struct ftrace_arg_walk *walk, unsigned int size, bool structure,
				   unsigned int *nr)
{
	return place_arg(walk, size, NR_REGISTERS, nr);
}

void arch_ftrace_read_args(const struct ftrace_regs *fregs, unsigned long *words, unsigned int nr)
{
	read_arg_words(fregs, fregs->stack_args, NR_REGISTERS, words, nr);
}
