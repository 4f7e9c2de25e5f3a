/* SPDX-License-Identifier: MIT */
/*
 * Loads that may fault, and then say so: the exception table has where to go on
 * (trap.c). Untraced.
 */
#include "arch/i386/i386.h"
#include "kernel/arch.h"
#include "kernel/lib/errno.h"

/* The copy ends where either side faults, with what is left in ecx. */
int arch_read_nofault(void *dst, const void *src, size_t len)
{
	__asm__ volatile(
		"1:	rep movsb\n"
		"2:\n\t"
		EX_TABLE(1b, 2b)
		: "+D"(dst), "+S"(src), "+c"(len) : : "memory");
	return len ? -EFAULT : 0;
}
