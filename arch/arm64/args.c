/* SPDX-License-Identifier: MIT */
/*
 * Where arguments are by the procedure call standard AAPCS64, section 6.8.2, for a kernel without
 * floating point: in x0 to x7, which are words 0 to 7, then on the stack, from word 8 on. A
 * structure of up to 16 bytes is in registers as a whole or not at all; of a larger one only the
 * address is passed. The place for a large result is in x8, which is no argument. Untraced.
 */
#include "kernel/arch.h"
#include "trace/arch.h"

#define NR_REGISTERS 8u
#define STRUCTURE_MAX 16u

void arch_ftrace_args_start(struct ftrace_arg_walk *walk, bool variadic, bool structure_result)
{
	*walk = (struct ftrace_arg_walk){ 0 };
}

unsigned int arch_ftrace_arg_words(struct ftrace_arg_walk *walk, unsigned int size, bool structure,
				   unsigned int *nr)
{
	unsigned int first = walk->registers;

	if (structure && size > STRUCTURE_MAX)
		size = sizeof(long);
	*nr = (size + sizeof(long) - 1) / sizeof(long);
	if (walk->registers + *nr <= NR_REGISTERS) {
		walk->registers += *nr;
		return first;
	}
	/* What does not fit ends the use of registers, even if a later argument would. */
	walk->registers = NR_REGISTERS;
	first = NR_REGISTERS + walk->stack;
	walk->stack += *nr;
	return first;
}

void arch_ftrace_read_args(const struct ftrace_regs *fregs, unsigned long *words, unsigned int nr)
{
	const unsigned long *stack = (const unsigned long *)ftrace_regs_get_stack_pointer(fregs);

	for (unsigned int i = 0; i < nr; i++) {
		if (i < NR_REGISTERS)
			words[i] = ftrace_regs_get_argument(fregs, i);
		else if (arch_read_nofault(&words[i], &stack[i - NR_REGISTERS], sizeof(words[i])))
			words[i] = 0;
	}
}
