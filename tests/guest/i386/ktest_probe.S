/* SPDX-License-Identifier: MIT */
/*
 * Register probes for tests/guest/ktest: a caller that loads every register with a
 * known value, a traced function with a hand-made site that records every
 * register when its body starts, and direct trampolines that do the same.
 * Buffers are arrays of words, indexed as <asm/ktest_probe.h> says.
 */
#include "arch/i386/site_asm.h"
#include <asm/ktest_probe.h>
#include <asm/linkage.h>

	.text

/* Uses the stack below esp for a moment. Changes no register and no flag. */
.macro RECORD_REGS buffer
	movl	%eax, \buffer + 4 * PROBE_AX
	movl	%edx, \buffer + 4 * PROBE_DX
	movl	%ecx, \buffer + 4 * PROBE_CX
	movl	%ebx, \buffer + 4 * PROBE_BX
	movl	%esi, \buffer + 4 * PROBE_SI
	movl	%edi, \buffer + 4 * PROBE_DI
	movl	%ebp, \buffer + 4 * PROBE_BP
	movl	%esp, \buffer + 4 * PROBE_SP
	pushfl
	popl	\buffer + 4 * PROBE_FLAGS
.endm

.macro RECORD_STACK buffer, offset, word
	pushl	\offset(%esp)
	popl	\buffer + 4 * (\word)
.endm

/*
 * void probe_call(unsigned long fn)
 * In: eax = fn; the registers, flags and stack words to load in probe_in. Calls fn and stores the
 * registers that it leaves in probe_out. Keeps: ebx, esi, edi, ebp, esp, whatever fn did to them.
 */
SYM_FUNC_START(probe_call)
	pushl	%ebp
	movl	%esp, %ebp
	pushl	%ebx
	pushl	%esi
	pushl	%edi
	movl	%eax, probe_fn
	.set	.Lword, PROBE_NR_STACK
	.rept	PROBE_NR_STACK
	.set	.Lword, .Lword - 1
	pushl	probe_in + 4 * (PROBE_STACK + .Lword)
	.endr
	movl	%esp, probe_in + 4 * PROBE_SP
	pushfl
	popl	%eax
	movl	probe_in + 4 * PROBE_FLAGS, %edx
	xorl	%eax, %edx
	andl	$PROBE_FLAGS_MASK, %edx
	xorl	%edx, %eax
	pushl	%eax			/* the present flags with the probe's arithmetic ones */
	movl	probe_in + 4 * PROBE_AX, %eax
	movl	probe_in + 4 * PROBE_DX, %edx
	movl	probe_in + 4 * PROBE_CX, %ecx
	movl	probe_in + 4 * PROBE_BX, %ebx
	movl	probe_in + 4 * PROBE_SI, %esi
	movl	probe_in + 4 * PROBE_DI, %edi
	movl	probe_in + 4 * PROBE_BP, %ebp
	popfl
	call	*probe_fn
SYM_INNER(probe_return_site)
	RECORD_REGS probe_out
	movl	probe_in + 4 * PROBE_SP, %esp
	addl	$4 * PROBE_NR_STACK, %esp
	popl	%edi
	popl	%esi
	popl	%ebx
	popl	%ebp
	ret
SYM_FUNC_END(probe_call)

/*
 * Traced. Records the registers and stack words that it is entered with in probe_body; returns
 * the 64 bits of probe_result.
 */
.macro PROBE_BODY counter
	RECORD_REGS probe_body
	RECORD_STACK probe_body, 0, PROBE_RET
	.set	.Lword, 0
	.rept	PROBE_NR_STACK
	RECORD_STACK probe_body, (4 + 4 * .Lword), PROBE_STACK + .Lword
	.set	.Lword, .Lword + 1
	.endr
	incl	\counter
	movl	probe_result, %eax
	movl	probe_result + 4, %edx
	ret
.endm

TRACED_FUNC_START probe_target
	PROBE_BODY probe_bodies
SYM_FUNC_END(probe_target)

/*
 * FTRACE_OPS_FL_IPMODIFY callbacks send a call here. It does the same, and is counted separately.
 * Untraced.
 */
SYM_FUNC_START(probe_replacement)
	PROBE_BODY probe_replaced
SYM_FUNC_END(probe_replacement)

/*
 * Direct trampolines: record in probe_direct, then call probe_direct_hit(which). Contract:
 * entered with 0(%esp) = resume address, 4(%esp) = the traced function's return address; every
 * register is kept. The first has the usual frame record, before anything else, so that an
 * interrupt finds the traced function; the second makes one for the traced function's caller, too:
 *
 *   ebp -> +0 to next record | +4 resume | +8 caller's ebp | +12 return address | resume | ...
 */
.macro RECORD_DIRECT depth, bp
	RECORD_REGS probe_direct
	RECORD_STACK probe_direct, (\depth), PROBE_RESUME
	RECORD_STACK probe_direct, (\depth + 4), PROBE_RET
	RECORD_STACK probe_direct, (\bp), PROBE_BP
	pushfl
	addl	$\depth, probe_direct + 4 * PROBE_SP
.endm

.macro CALL_HIT which
	pushl	%eax
	pushl	%edx
	pushl	%ecx
	movl	$\which, %eax
	call	probe_direct_hit
	popl	%ecx
	popl	%edx
	popl	%eax
	popfl
.endm

SYM_FUNC_START(probe_direct_a)
	pushl	%ebp
	movl	%esp, %ebp
	RECORD_DIRECT 4, 0
	CALL_HIT 0
	popl	%ebp
	ret
SYM_FUNC_END(probe_direct_a)

SYM_FUNC_START(probe_direct_b)
	pushl	4(%esp)			/* return address */
	pushl	%ebp
	movl	%esp, %ebp
	pushl	8(%esp)			/* resume address */
	pushl	%ebp
	movl	%esp, %ebp
	RECORD_DIRECT 16, 8
	CALL_HIT 1
	movl	8(%esp), %ebp
	leal	16(%esp), %esp
	ret
SYM_FUNC_END(probe_direct_b)

.macro PROBE_BUFFER name, words
	.globl \name
	.type \name, @object
	.size \name, 4 * (\words)
\name:	.skip	4 * (\words)
.endm

	.bss
	.p2align 2
PROBE_BUFFER probe_in, PROBE_NR_WORDS
PROBE_BUFFER probe_body, PROBE_NR_WORDS
PROBE_BUFFER probe_direct, PROBE_NR_WORDS
PROBE_BUFFER probe_out, PROBE_NR_WORDS
PROBE_BUFFER probe_result, 2
PROBE_BUFFER probe_bodies, 1
PROBE_BUFFER probe_replaced, 1
PROBE_BUFFER probe_fn, 1
