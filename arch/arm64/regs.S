/* SPDX-License-Identifier: MIT */
/* The registers of whoever asks, for reports that no exception has led to: panic(). Untraced. */
#include "arch/arm64/ptrace_macros.h"
#include <asm/asm-offsets.h>
#include <asm/linkage.h>

	.text

/*
 * void arch_save_regs(struct pt_regs *regs)
 *
 * As the caller has them: pc and sp are where and with what it goes on. x0 is @regs, and x30, which
 * the call has set, is pc.
 */
SYM_FUNC_START arch_save_regs
	stp	x0, x1, [x0, #PT_X0_X1]
	store_x2_to_x29 x0
	mov	x1, sp
	stp	x30, x1, [x0, #PT_LR_SP]
	/* PSTATE in the places that SPSR_EL1 has for it: Arm ARM C5.2.18. */
	mrs	x1, nzcv
	mrs	x2, daif
	orr	x1, x1, x2
	mrs	x2, currentel
	orr	x1, x1, x2
	mrs	x2, spsel
	orr	x1, x1, x2
	stp	x30, x1, [x0, #PT_PC_PSTATE]
	stp	x29, x30, [x0, #PT_RECORD]
	ret
SYM_FUNC_END arch_save_regs
