/* SPDX-License-Identifier: MIT */
/* A traced function in assembly, as GCC makes it and boot finds it, in each mode of site_mode.h. */
#pragma once
#include <asm/asm-offsets.h>
#include <asm/linkage.h>
#include <asm/site_mode.h>

.macro NOP5_INSN
	.byte	0x0f, 0x1f, 0x44, 0, 0		/* nopl 0(%eax,%eax,1) */
.endm

/*
 * What is before the site: a literal's room before the function, NOPs of what was a counter, or a
 * frame. The frame is gone before the body, which finds everything as the caller left it, in all
 * modes alike. A site in a frame that is made by hand needs no counter. .Lentry is what the table
 * lists.
 */
.macro TRACED_FUNC_START name
.if SITES_HAVE_LITERALS
	.balign	LITERAL_ALIGN
.Lentry\@:
	.skip	LITERAL_SIZE, 0x90
	.globl	\name
	.type	\name, @function
\name:
	LANDING_PAD
.else
SYM_FUNC_START(\name)
.if HOOK_MCOUNT
	push	%ebp
	mov	%esp, %ebp
.elseif SITES_ARE_COUNTED
	NOP5_INSN
.endif
.Lentry\@:
.endif
.if HOOK_PATCHABLE
	.skip	SITE_SIZE, 0x90
	.pushsection __patchable_function_entries, "awo", @progbits, \name
	.balign	4
.else
	NOP5_INSN
.if HOOK_MCOUNT
	pop	%ebp
.endif
	.pushsection __mcount_loc, "a", @progbits
.endif
	.long	.Lentry\@
	.popsection
.endm
