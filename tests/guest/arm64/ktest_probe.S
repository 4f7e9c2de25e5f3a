/* SPDX-License-Identifier: MIT */
/*
 * Register probes for tests/guest/ktest: a caller that loads every register with a
 * known value, a traced function with a hand-made site that records every
 * register when its body starts, and direct trampolines that do the same.
 * Buffers are arrays of words, indexed as <asm/ktest_probe.h> says.
 */
#include "arch/arm64/site_asm.h"
#include <asm/ktest_probe.h>
#include <asm/linkage.h>

	.text

/* Changes x16 and x17, which need not be kept at a function's entry or return. */
.macro RECORD_REGS buffer
	adr_l	x16, \buffer
	stp	x0, x1, [x16, #8 * PROBE_X(0)]
	stp	x2, x3, [x16, #8 * PROBE_X(2)]
	stp	x4, x5, [x16, #8 * PROBE_X(4)]
	stp	x6, x7, [x16, #8 * PROBE_X(6)]
	stp	x8, x18, [x16, #8 * PROBE_X(8)]
	stp	x19, x20, [x16, #8 * PROBE_HIGH(19)]
	stp	x21, x22, [x16, #8 * PROBE_HIGH(21)]
	stp	x23, x24, [x16, #8 * PROBE_HIGH(23)]
	stp	x25, x26, [x16, #8 * PROBE_HIGH(25)]
	stp	x27, x28, [x16, #8 * PROBE_HIGH(27)]
	mrs	x17, nzcv
	stp	x29, x17, [x16, #8 * PROBE_FP]
	mov	x17, sp
	str	x17, [x16, #8 * PROBE_SP]
.endm

#if PROBE_X18 != PROBE_X(8) + 1 || PROBE_FLAGS != PROBE_FP + 1 || PROBE_RET != PROBE_SP + 1
#error "pair stores need adjacent words"
#endif

/*
 * void probe_call(unsigned long fn)
 * In: x0 = fn; the registers, flags and stack words to load in probe_in. Calls fn and stores the
 * registers that it leaves in probe_out. Keeps: x19-x29, sp, whatever fn did to them.
 */
SYM_FUNC_START probe_call
	stp	x29, x30, [sp, #-96]!
	mov	x29, sp
	stp	x19, x20, [sp, #16]
	stp	x21, x22, [sp, #32]
	stp	x23, x24, [sp, #48]
	stp	x25, x26, [sp, #64]
	stp	x27, x28, [sp, #80]
	mov	x17, x0
	adr_l	x16, probe_in
	ldp	x10, x11, [x16, #8 * PROBE_STACK]
	stp	x10, x11, [sp, #-8 * PROBE_NR_STACK]!
	mov	x10, sp
	str	x10, [x16, #8 * PROBE_SP]
	ldp	x29, x10, [x16, #8 * PROBE_FP]
	msr	nzcv, x10
	ldp	x0, x1, [x16, #8 * PROBE_X(0)]
	ldp	x2, x3, [x16, #8 * PROBE_X(2)]
	ldp	x4, x5, [x16, #8 * PROBE_X(4)]
	ldp	x6, x7, [x16, #8 * PROBE_X(6)]
	ldp	x8, x18, [x16, #8 * PROBE_X(8)]
	ldp	x19, x20, [x16, #8 * PROBE_HIGH(19)]
	ldp	x21, x22, [x16, #8 * PROBE_HIGH(21)]
	ldp	x23, x24, [x16, #8 * PROBE_HIGH(23)]
	ldp	x25, x26, [x16, #8 * PROBE_HIGH(25)]
	ldp	x27, x28, [x16, #8 * PROBE_HIGH(27)]
	blr	x17
SYM_INNER probe_return_site
	RECORD_REGS probe_out
	adr_l	x16, probe_in
	ldr	x10, [x16, #8 * PROBE_SP]
	add	sp, x10, #8 * PROBE_NR_STACK
	ldp	x19, x20, [sp, #16]
	ldp	x21, x22, [sp, #32]
	ldp	x23, x24, [sp, #48]
	ldp	x25, x26, [sp, #64]
	ldp	x27, x28, [sp, #80]
	ldp	x29, x30, [sp], #96
	ret
SYM_FUNC_END probe_call

/*
 * Traced. Records the registers and stack words that it is entered with in probe_body; returns
 * the 128 bits of probe_result in x0 and x1.
 */
.macro PROBE_BODY counter
	RECORD_REGS probe_body
	str	x30, [x16, #8 * PROBE_RET]
	ldp	x10, x11, [sp]
	stp	x10, x11, [x16, #8 * PROBE_STACK]
	adr_l	x16, \counter
	ldr	x10, [x16]
	add	x10, x10, #1
	str	x10, [x16]
	adr_l	x16, probe_result
	ldp	x0, x1, [x16]
	ret
.endm

TRACED_FUNC_START probe_target
	PROBE_BODY probe_bodies
SYM_FUNC_END probe_target

/*
 * FTRACE_OPS_FL_IPMODIFY callbacks send a call here. It does the same, and is counted separately.
 * Untraced.
 */
SYM_FUNC_START probe_replacement
	PROBE_BODY probe_replaced
SYM_FUNC_END probe_replacement

/*
 * A direct trampoline: records in probe_direct, then calls probe_direct_hit(which). Contract:
 * entered with x30 = resume address, x9 = the traced function's return address; x0-x8, x18-x29
 * and sp are kept; leaves for the resume address with x30 = return address. Two frame records
 * make the traced function and its caller visible.
 *
 *   sp -> +0 x0 .. +64 x8 | +72 x18 | +80 nzcv | +96 to next record | +104 resume
 *         | +112 caller's x29 | +120 return address | +128 = sp at entry
 */
.macro PROBE_DIRECT name, which
SYM_FUNC_START \name
	RECORD_REGS probe_direct
	str	x9, [x16, #8 * PROBE_RET]
	str	x30, [x16, #8 * PROBE_RESUME]
	mrs	x17, nzcv
	stp	x29, x9, [sp, #-16]!
	mov	x29, sp
	stp	x29, x30, [sp, #-16]!
	mov	x29, sp
	stp	x0, x1, [sp, #-96]!
	stp	x2, x3, [sp, #16]
	stp	x4, x5, [sp, #32]
	stp	x6, x7, [sp, #48]
	stp	x8, x18, [sp, #64]
	str	x17, [sp, #80]
	mov	w0, #\which
	bl	probe_direct_hit
	ldr	x17, [sp, #80]
	msr	nzcv, x17
	ldp	x8, x18, [sp, #64]
	ldp	x6, x7, [sp, #48]
	ldp	x4, x5, [sp, #32]
	ldp	x2, x3, [sp, #16]
	ldp	x0, x1, [sp], #96
	ldr	x10, [sp, #8]
	ldp	x29, x30, [sp, #16]
	add	sp, sp, #32
	ret	x10
SYM_FUNC_END \name
.endm

PROBE_DIRECT probe_direct_a, 0
PROBE_DIRECT probe_direct_b, 1

.macro PROBE_BUFFER name, words
	.globl \name
	.type \name, @object
	.size \name, 8 * (\words)
\name:	.skip	8 * (\words)
.endm

	.bss
	.p2align 4
PROBE_BUFFER probe_in, PROBE_NR_WORDS
PROBE_BUFFER probe_body, PROBE_NR_WORDS
PROBE_BUFFER probe_direct, PROBE_NR_WORDS
PROBE_BUFFER probe_out, PROBE_NR_WORDS
	.p2align 4
PROBE_BUFFER probe_result, 2
PROBE_BUFFER probe_bodies, 1
PROBE_BUFFER probe_replaced, 1
