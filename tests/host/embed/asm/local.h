/* SPDX-License-Identifier: MIT */
/* trace/arch.h's compare-and-exchange, for a machine where nothing interrupts. */
#pragma once

static __always_inline bool arch_local_cmpxchg(unsigned long *ptr, unsigned long old,
					       unsigned long new)
{
	bool equal = *ptr == old;

	if (equal)
		*ptr = new;
	return equal;
}
