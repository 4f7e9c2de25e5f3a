/* SPDX-License-Identifier: MIT */
/*
 * Compare-and-exchange on a word that only this CPU writes. An interrupt between
 * the two halves clears the monitor when it returns (ARM ARM, B2.9: ERET), so the
 * store fails and we look again. The contract is in trace/arch.h.
 */
#pragma once
#include "kernel/compiler.h"
#include "kernel/types.h"

static __always_inline bool arch_local_cmpxchg(unsigned long *ptr, unsigned long old,
					       unsigned long new)
{
	unsigned long found;
	bool done;

	/* Without acquire or release: no other CPU writes the word, and we see our own stores. */
	__asm__ volatile("1:	ldxr	%1, %2\n"
			 "	cmp	%1, %3\n"
			 "	b.ne	2f\n"
			 "	stxr	%w1, %4, %2\n"
			 "	cbnz	%w1, 1b\n"
			 "2:"
			 : "=@cceq"(done), "=&r"(found), "+Q"(*ptr)
			 : "r"(old), "r"(new) : "memory");
	return done;
}
