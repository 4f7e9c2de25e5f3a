/* SPDX-License-Identifier: MIT */
/*
 * Compare-and-exchange on a word that only this CPU writes: whole against its
 * own interrupts, so it needs no lock prefix. The contract is in trace/arch.h.
 */
#pragma once
#include "kernel/compiler.h"
#include "kernel/types.h"

static __always_inline bool arch_local_cmpxchg(unsigned long *ptr, unsigned long old,
					       unsigned long new)
{
	bool done;

	__asm__ volatile("cmpxchgl %3, %1"
			 : "=@ccz"(done), "+m"(*ptr), "+a"(old) : "r"(new) : "memory");
	return done;
}
