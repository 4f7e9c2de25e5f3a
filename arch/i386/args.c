/* SPDX-License-Identifier: MIT */
/*
 * Where arguments are with -mregparm=3: in the words that ftrace_regs_get_argument() numbers. An
 * argument that fits into what is left of eax, edx and ecx is there, a structure too. Otherwise it
 * is on the stack as a whole, and so are all that follow. Untraced.
 */
#include "kernel/arch.h"
#include "trace/arch.h"

#define NR_REGISTERS 3u

void arch_ftrace_args_start(struct ftrace_arg_walk *walk, bool variadic, bool structure_result)
{
	/* A variadic function takes nothing in registers. */
	*walk = (struct ftrace_arg_walk){ .registers = variadic ? NR_REGISTERS : 0 };
	/* Where to store the result comes before all arguments, in the same way as these. */
	if (structure_result && variadic)
		walk->stack++;
	else if (structure_result)
		walk->registers++;
}

unsigned int arch_ftrace_arg_words(struct ftrace_arg_walk *walk, unsigned int size, bool structure,
				   unsigned int *nr)
{
	unsigned int first = walk->registers;

	*nr = (size + sizeof(long) - 1) / sizeof(long);
	if (walk->registers + *nr <= NR_REGISTERS) {
		walk->registers += *nr;
		return first;
	}
	walk->registers = NR_REGISTERS;
	first = NR_REGISTERS + walk->stack;
	walk->stack += *nr;
	return first;
}

void arch_ftrace_read_args(const struct ftrace_regs *fregs, unsigned long *words, unsigned int nr)
{
	for (unsigned int i = 0; i < nr; i++) {
		if (i < NR_REGISTERS)
			words[i] = ftrace_regs_get_argument(fregs, i);
		else if (arch_read_nofault(&words[i], &fregs->stack_args[i - NR_REGISTERS],
					   sizeof(words[i])))
			words[i] = 0;
	}
}
