/* SPDX-License-Identifier: MIT */
/*
 * Symbols of assembly code: every routine has a type and a size, so that
 * the symbol table, backtraces and gdb know it.
 */
#pragma once

#ifdef __CET__
#define LANDING_PAD endbr32
#else
#define LANDING_PAD
#endif

#define SYM_FUNC_START(name) \
	SYM_TRAMPOLINE_START(name) \
	LANDING_PAD

/* What no pointer leads to, only calls and jumps in text. */
#define SYM_TRAMPOLINE_START(name) \
	.globl name; \
	.type name, @function; \
	.p2align 4; \
name:

#define SYM_FUNC_END(name) \
	.size name, . - name

/* A label inside or at the end of routines that C refers to. */
#define SYM_INNER(name) \
	.globl name; \
name:
