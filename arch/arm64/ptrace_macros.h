/* SPDX-License-Identifier: MIT */
/*
 * The part of struct pt_regs that is the same for all who fill it in: x2-x29, at @base. What x0,
 * x1, x30 and the rest are, each has to know.
 */
#pragma once
#include <asm/asm-offsets.h>

.macro store_x2_to_x29 base
	stp	x2, x3, [\base, #PT_X2_X3]
	stp	x4, x5, [\base, #PT_X4_X5]
	stp	x6, x7, [\base, #PT_X6_X7]
	stp	x8, x9, [\base, #PT_X8_X9]
	stp	x10, x11, [\base, #PT_X10_X11]
	stp	x12, x13, [\base, #PT_X12_X13]
	stp	x14, x15, [\base, #PT_X14_X15]
	stp	x16, x17, [\base, #PT_X16_X17]
	stp	x18, x19, [\base, #PT_X18_X19]
	stp	x20, x21, [\base, #PT_X20_X21]
	stp	x22, x23, [\base, #PT_X22_X23]
	stp	x24, x25, [\base, #PT_X24_X25]
	stp	x26, x27, [\base, #PT_X26_X27]
	stp	x28, x29, [\base, #PT_X28_X29]
.endm

.macro load_x2_to_x29 base
	ldp	x2, x3, [\base, #PT_X2_X3]
	ldp	x4, x5, [\base, #PT_X4_X5]
	ldp	x6, x7, [\base, #PT_X6_X7]
	ldp	x8, x9, [\base, #PT_X8_X9]
	ldp	x10, x11, [\base, #PT_X10_X11]
	ldp	x12, x13, [\base, #PT_X12_X13]
	ldp	x14, x15, [\base, #PT_X14_X15]
	ldp	x16, x17, [\base, #PT_X16_X17]
	ldp	x18, x19, [\base, #PT_X18_X19]
	ldp	x20, x21, [\base, #PT_X20_X21]
	ldp	x22, x23, [\base, #PT_X22_X23]
	ldp	x24, x25, [\base, #PT_X24_X25]
	ldp	x26, x27, [\base, #PT_X26_X27]
	ldp	x28, x29, [\base, #PT_X28_X29]
.endm
