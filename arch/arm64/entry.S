/* SPDX-License-Identifier: MIT */
/*
 * The exception vectors (Arm ARM D1.3.1) and the way into and out of C. Only synchronous
 * exceptions and interrupts of EL1 on SP_EL1 are expected. The other fourteen vectors mean that
 * something is badly wrong, and end in arm64_bad_exception().
 *
 * The frame is struct pt_regs (<asm/ptrace.h>), and x29 points at the record in
 * it while C runs. Return addresses into [__entry_text_start, __entry_text_end)
 * tell the unwinder that the caller's frame is such a record.
 */
#include "arch/arm64/ptrace_macros.h"
#include <asm/asm-offsets.h>
#include <asm/linkage.h>

	.section .entry.text, "ax"

/* Save all registers. Out: sp and x0 = the frame, x29 = the record in it. x1, x2 changed. */
.macro save_regs
	sub	sp, sp, #PT_SIZE
	stp	x0, x1, [sp, #PT_X0_X1]
	add	x0, sp, #PT_SIZE		/* the interrupted sp */
	save_rest
.endm

/* In: x0 = the interrupted sp, sp = the frame, with x0 and x1 already in it. */
.macro save_rest
	store_x2_to_x29 sp
	stp	x30, x0, [sp, #PT_LR_SP]
	mrs	x1, elr_el1
	mrs	x2, spsr_el1
	stp	x1, x2, [sp, #PT_PC_PSTATE]
	stp	x29, x1, [sp, #PT_RECORD]
	add	x29, sp, #PT_RECORD
	mov	x0, sp
.endm

SYM_CODE_START restore_regs
	ldp	x1, x2, [sp, #PT_PC_PSTATE]
	msr	elr_el1, x1
	msr	spsr_el1, x2
	load_x2_to_x29 sp
	ldr	x30, [sp, #PT_LR_SP]
	ldp	x0, x1, [sp, #PT_X0_X1]
	add	sp, sp, #PT_SIZE
	eret
SYM_CODE_END restore_regs

SYM_CODE_START irq_entry
	save_regs
	bl	arm64_irq
	b	restore_regs
SYM_CODE_END irq_entry

/*
 * The cause of a fault may be that the stack is at its end. So the MMU is asked whether both ends
 * of the frame can be written, before anything is. Meanwhile x0 and x1 are in the two thread
 * registers that EL0 would use.
 */
SYM_CODE_START sync_entry
	msr	tpidr_el0, x0
	msr	tpidrro_el0, x1
	mov	x0, sp
	tst	x0, #15
	b.ne	1f
	sub	x1, x0, #PT_SIZE
	at	s1e1w, x1
	isb
	mrs	x1, par_el1
	tbnz	x1, #0, 1f
	sub	x1, x0, #8
	at	s1e1w, x1
	isb
	mrs	x1, par_el1
	tbnz	x1, #0, 1f

	mrs	x0, tpidr_el0
	mrs	x1, tpidrro_el0
	save_regs
	mrs	x1, esr_el1
	mrs	x2, far_el1
	bl	arm64_sync
	b	restore_regs

	/* There is no stack: the report uses this CPU's spare one. x0 = the sp that is bad. */
1:	mrs	x1, tpidr_el1
	ldr	x1, [x1, #CPU_OVERFLOW_STACK]
	sub	sp, x1, #PT_SIZE
	mrs	x1, tpidr_el0
	str	x1, [sp, #PT_X0_X1]
	mrs	x1, tpidrro_el0
	str	x1, [sp, #PT_X0_X1 + 8]
	save_rest
	mrs	x1, esr_el1
	mrs	x2, far_el1
	bl	arm64_bad_stack
SYM_CODE_END sync_entry

/* A vector that nothing should come to: its number goes to C, in x1. */
.macro bad_vector number
	.balign	128
	save_regs
	mov	x1, #\number
	b	bad_entry
.endm

SYM_CODE_START bad_entry
	mrs	x2, esr_el1
	bl	arm64_bad_exception
SYM_CODE_END bad_entry

.macro vector target
	.balign	128
	b	\target
.endm

	.balign	2048
	.globl	vectors
	.type	vectors, %function
vectors:
	bad_vector 0		/* EL1 on SP_EL0: sync, irq, fiq, SError */
	bad_vector 1
	bad_vector 2
	bad_vector 3
	vector sync_entry	/* EL1 on SP_EL1 */
	vector irq_entry
	bad_vector 6
	bad_vector 7
	bad_vector 8		/* EL0, AArch64 */
	bad_vector 9
	bad_vector 10
	bad_vector 11
	bad_vector 12		/* EL0, AArch32 */
	bad_vector 13
	bad_vector 14
	bad_vector 15
	.balign	128
	.size	vectors, . - vectors
