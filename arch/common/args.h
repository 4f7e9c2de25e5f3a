/* SPDX-License-Identifier: MIT */
/*
 * Placing arguments, for args.c of each port, by the rule that both calling conventions share: an
 * argument is in registers as a whole, or on the stack as a whole.
 */
#pragma once
#include "kernel/arch.h"
#include "trace/arch.h"

/* Place an argument of @size bytes, where the first @registers words are registers. */
static inline unsigned int place_arg(struct ftrace_arg_walk *walk, unsigned int size,
				     unsigned int registers, unsigned int *nr)
{
	unsigned int first = walk->registers;

	*nr = (size + sizeof(long) - 1) / sizeof(long);
	if (walk->registers + *nr <= registers) {
		walk->registers += *nr;
		return first;
	}
	/* What does not fit ends the use of registers, even if a later argument would. */
	walk->registers = registers;
	first = registers + walk->stack;
	walk->stack += *nr;
	return first;
}

/* Read the first @nr words, of which @registers are in @fregs, and the others at @stack. */
static inline void read_arg_words(const struct ftrace_regs *fregs, const unsigned long *stack,
				  unsigned int registers, unsigned long *words, unsigned int nr)
{
	for (unsigned int i = 0; i < nr; i++) {
		if (i < registers)
			words[i] = ftrace_regs_get_argument(fregs, i);
		else if (arch_read_nofault(&words[i], &stack[i - registers], sizeof(words[i])))
			words[i] = 0;
	}
}
