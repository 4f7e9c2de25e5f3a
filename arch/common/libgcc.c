/* SPDX-License-Identifier: MIT */
/*
 * Bit counts that GCC calls functions for where a machine has no instruction, or none that a kernel
 * may use. libgcc's own would not do: on i386 they take arguments from the stack, against
 * -mregparm=3, on arm64 they may use vector registers. What only one machine lacks is in
 * arch/ARCH/libgcc.c.
 */
#include "kernel/types.h"

int __popcountsi2(u32 x);
int __popcountdi2(u64 x);
int __paritydi2(u64 x);

int __popcountsi2(u32 x)
{
	x -= x >> 1 & 0x55555555;
	x = (x & 0x33333333) + (x >> 2 & 0x33333333);
	x = (x + (x >> 4)) & 0x0f0f0f0f;
	return (int)(x * 0x01010101 >> 24);
}

int __popcountdi2(u64 x)
{
	return __popcountsi2((u32)x) + __popcountsi2((u32)(x >> 32));
}

int __paritydi2(u64 x)
{
	return __popcountdi2(x) & 1;
}
