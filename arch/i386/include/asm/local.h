/* SPDX-License-Identifier: MIT */
/*
 * Compare-and-exchange on a word that only this CPU writes: whole against its
 * own interrupts, so it needs no lock prefix. The contract is in trace/arch.h.
 */
#pragma once
#include "kernel/compiler.h"

static __always_inline unsigned long arch_local_cmpxchg(unsigned long *ptr, unsigned long old,
							unsigned long new)
{
	unsigned long found;

	__asm__ volatile("cmpxchgl %3, %1"
			 : "=a"(found), "+m"(*ptr) : "0"(old), "r"(new) : "memory", "cc");
	return found;
}
