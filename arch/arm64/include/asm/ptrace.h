/* SPDX-License-Identifier: MIT */
/*
 * struct pt_regs: what exception entry (entry.S) saves, lowest address first.
 * It ends in a frame record, so that a plain walk of frame pointers goes
 * through an exception: {x29, pc} of what was interrupted.
 */
#pragma once
#include "kernel/types.h"

struct pt_regs {
	unsigned long regs[31];		/* x0-x30 */
	unsigned long sp;
	unsigned long pc;
	unsigned long pstate;
	unsigned long record[2];	/* x29, pc; x29 points here in the handler */
};
_Static_assert(sizeof(struct pt_regs) % 16 == 0, "16-byte stack alignment");

#define PSR_MODE_EL1H 5u
#define PSR_I_BIT 0x80u
#define PSR_SS_BIT 0x200000u
