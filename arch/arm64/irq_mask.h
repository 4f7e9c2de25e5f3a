/* SPDX-License-Identifier: MIT */
/* For assembly: IRQ_MASK_SITE of <asm/arch.h>, with which pseudo-NMIs come (nmi.c). */
#pragma once

#define IRQ_PMR S3_0_C4_C6_0

/* Where there are pseudo-NMIs, the instruction at @daif becomes a branch to @pmr. */
.macro irq_mask_site daif, pmr
	.pushsection .irq_sites, "a"
	.balign	4
	.long	\daif - ., \pmr - .
	.popsection
.endm
