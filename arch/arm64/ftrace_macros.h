/* SPDX-License-Identifier: MIT */
/*
 * What the trampolines of arm64 share: their section, the table that tells the unwinder
 * where things are, the frame, and the way out. Where the callable comes from is told
 * by reach_literal.h or reach_stub.h.
 *
 * Way in: the site does `mov x9, x30; bl ftrace_caller`. So x9 is the function's own return
 * address, x30 where it resumes (behind the BL), x0-x8 are its arguments; x10-x17 are free.
 */
#pragma once
#include <asm/site_mode.h>
#if SITES_HAVE_LITERALS
#include "arch/arm64/reach_literal.h"
#else
#include "arch/arm64/reach_stub.h"
#endif
#include <asm/linkage.h>
#include <asm/asm-offsets.h>

	.section .ftrace.text, "ax", %progbits

/*
 * For an interrupt inside a trampoline the unwinder must know where the resume
 * address, the parent and the caller's frame pointer are. `state S` says: from here on as in S.
 *
 *   AT_ENTRY    ip x30, parent x9, fp x29        IN_PARENT_RECORD  ip x30, parent x9, fp [x29]
 *   IN_RECORDS  ip [x29 + 8], and x29 points at the record {fp, parent}
 *   LEAVING     ip x9, parent x30, fp x29        SWAPPING          ip x16, parent x9, fp x29
 *   AT_MCOUNT   ip x30, and x29 points at the record {fp, parent}
 */
#define AT_ENTRY 0
#define IN_PARENT_RECORD 1
#define IN_RECORDS 2
#define LEAVING 3
#define SWAPPING 4
#define AT_MCOUNT 5
.macro state now
	.pushsection .rodata.ftrace_states, "a"
	.quad	.Lhere\@, \now
	.popsection
.Lhere\@:
.endm

/* The two frame records, then x0-x8: all of struct ftrace_regs. sp = fregs, x29 = its record. */
.macro save_arguments
	state AT_ENTRY
	stp	x29, x9, [sp, #-16]!		/* fp, lr */
	mov	x29, sp
	state IN_PARENT_RECORD
	stp	x29, x30, [sp, #-16]!		/* frame, pc */
	mov	x29, sp
	state IN_RECORDS
	stp	x0, x1, [sp, #-FREGS_FRAME]!
	stp	x2, x3, [sp, #FREGS_X0 + 16]
	stp	x4, x5, [sp, #FREGS_X0 + 32]
	stp	x6, x7, [sp, #FREGS_X0 + 48]
	stp	x8, xzr, [sp, #FREGS_X0 + 64]	/* x8, direct_tramp */
.endm

/* Back out of save_arguments, to pc, or to direct_tramp with the registers of a BL at the site. */
.macro leave
	ldp	x2, x3, [sp, #FREGS_X0 + 16]
	ldp	x4, x5, [sp, #FREGS_X0 + 32]
	ldp	x6, x7, [sp, #FREGS_X0 + 48]
	ldp	x8, x17, [sp, #FREGS_X0 + 64]
	ldr	x9, [sp, #FREGS_PC]
	ldp	x29, x30, [sp, #FREGS_FP]
	state LEAVING
	ldp	x0, x1, [sp], #FREGS_SIZE
	cbnz	x17, 1f
	ret	x9
1:	mov	x16, x9				/* pc: x30 for the direct trampoline, lr: x9 */
	mov	x9, x30
	state SWAPPING
	mov	x30, x16
	state AT_ENTRY
	br	x17
.endm
