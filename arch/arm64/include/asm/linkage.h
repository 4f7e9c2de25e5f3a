/* SPDX-License-Identifier: MIT */
/*
 * How assembly declares its symbols, and the shorthands that all arm64 assembly
 * shares. SYM_FUNC is for code that C calls; SYM_CODE for code with an entry
 * state of its own (vectors, boot), which is local to its file unless declared.
 */
#pragma once

.macro SYM_FUNC_START name
	SYM_TRAMPOLINE_START \name
#ifdef __ARM_FEATURE_BTI_DEFAULT
	hint	#34			/* bti c */
#endif
.endm

/* What no pointer leads to, only branches in text. */
.macro SYM_TRAMPOLINE_START name
	.globl	\name
	.balign	8
	.type	\name, %function
\name:
.endm

.macro SYM_FUNC_END name
	.size	\name, . - \name
.endm

/* A place inside a function that C knows. */
.macro SYM_INNER name
	.globl	\name
\name:
.endm

.macro SYM_CODE_START name
	.balign	8
	.type	\name, %function
\name:
.endm

.macro SYM_CODE_END name
	.size	\name, . - \name
.endm

/* Address of @symbol in @reg, relative to the program counter: within 4 GiB. */
.macro adr_l reg, symbol
	adrp	\reg, \symbol
	add	\reg, \reg, :lo12:\symbol
.endm

/* A linear address as a constant, for values that no ADR reaches. */
.macro mov_q reg, value
	movz	\reg, #(((\value) >> 48) & 0xffff), lsl #48
	movk	\reg, #(((\value) >> 32) & 0xffff), lsl #32
	movk	\reg, #(((\value) >> 16) & 0xffff), lsl #16
	movk	\reg, #((\value) & 0xffff)
.endm
