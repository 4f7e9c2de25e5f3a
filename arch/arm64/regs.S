/* SPDX-License-Identifier: MIT */
/* The registers of whoever asks, for reports that no exception has led to: panic(). Untraced. */
#include <asm/asm-offsets.h>
#include <asm/linkage.h>

	.text

#if PT_SP != PT_LR + 8 || PT_PSTATE != PT_PC + 8 || PT_X0 != 0
#error "pair stores need adjacent words"
#endif

/*
 * void arch_save_regs(struct pt_regs *regs)
 *
 * As the caller has them: pc and sp are where and with what it goes on. x0 is @regs, and x30, which
 * the call has set, is pc.
 */
SYM_FUNC_START arch_save_regs
	stp	x0, x1, [x0, #PT_X0]
	stp	x2, x3, [x0, #PT_X0 + 16]
	stp	x4, x5, [x0, #PT_X0 + 32]
	stp	x6, x7, [x0, #PT_X0 + 48]
	stp	x8, x9, [x0, #PT_X0 + 64]
	stp	x10, x11, [x0, #PT_X0 + 80]
	stp	x12, x13, [x0, #PT_X0 + 96]
	stp	x14, x15, [x0, #PT_X0 + 112]
	stp	x16, x17, [x0, #PT_X0 + 128]
	stp	x18, x19, [x0, #PT_X0 + 144]
	stp	x20, x21, [x0, #PT_X0 + 160]
	stp	x22, x23, [x0, #PT_X0 + 176]
	stp	x24, x25, [x0, #PT_X0 + 192]
	stp	x26, x27, [x0, #PT_X0 + 208]
	stp	x28, x29, [x0, #PT_X0 + 224]
	mov	x1, sp
	stp	x30, x1, [x0, #PT_LR]
	/* PSTATE in the places that SPSR_EL1 has for it: Arm ARM C5.2.18. */
	mrs	x1, nzcv
	mrs	x2, daif
	orr	x1, x1, x2
	mrs	x2, currentel
	orr	x1, x1, x2
	mrs	x2, spsel
	orr	x1, x1, x2
	stp	x30, x1, [x0, #PT_PC]
	stp	x29, x30, [x0, #PT_RECORD]
	ret
SYM_FUNC_END arch_save_regs
