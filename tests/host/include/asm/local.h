/* SPDX-License-Identifier: MIT */
/*
 * trace/arch.h's local compare-and-exchange on the host: plain C between two places where a test
 * can interrupt. It is atomic as on a real CPU if interrupts come only at these places (hooks), or
 * if it is one instruction (ring_step.c, which interrupts between any two, compiles it so).
 */
#pragma once
#include "kernel/compiler.h"
#include "kernel/types.h"

void host_interrupt_point(void);

static __always_inline bool arch_local_cmpxchg(unsigned long *ptr, unsigned long old,
					       unsigned long new)
{
	bool done;

	host_interrupt_point();
	done = __atomic_compare_exchange_n(ptr, &old, new, false, __ATOMIC_RELAXED,
					   __ATOMIC_RELAXED);
	host_interrupt_point();
	return done;
}
