/* SPDX-License-Identifier: MIT */
/*
 * Bits of system registers (Arm ARM D17), for assembly and C. Only what the
 * port writes; identification registers are decoded where they are read.
 */
#pragma once

#define CURRENT_EL_EL2 (2 << 2)
/* EL1 with its own stack pointer, all of DAIF masked. */
#define SPSR_EL1H_MASKED 0x3c5

/* HCR_EL2: EL1 is AArch64, nothing is trapped. */
#define HCR_RW (1 << 31)
/* MPIDR_EL1: Aff3, Aff2, Aff1, Aff0. */
#define MPIDR_AFFINITY 0xff00ffffff
/* Beside these fields in arm64_spin_cpus: the CPU may come. MPIDR_EL1 itself has 0 there. */
#define SPIN_CPU_EXPECTED_BIT 63
#define SPIN_CPU_EXPECTED (1ull << SPIN_CPU_EXPECTED_BIT)

/* CNTHCTL_EL2: EL1 reads the counters and has the physical timer. */
#define CNTHCTL_EL1_ACCESS 3
/* CPTR_EL2 with every bit set that must be one, and no trap. */
#define CPTR_NO_TRAPS 0x33ff
/* ICC_SRE_EL2: EL1 may use the GICv3 system registers. */
#define ICC_SRE_ENABLE 9

/*
 * SCTLR_EL1: MMU, caches, stack alignment checks, and WXN: what is writable is never
 * executable, whatever a table entry says. The rest must be one (SPAN, EIS, EOS, ...).
 */
#define SCTLR_M (1 << 0)
#define SCTLR_C (1 << 2)
#define SCTLR_SA (1 << 3)
#define SCTLR_I (1 << 12)
#define SCTLR_WXN (1 << 19)
#define SCTLR_RES1 0x30d00800
#define SCTLR_KERNEL (SCTLR_RES1 | SCTLR_M | SCTLR_C | SCTLR_SA | SCTLR_I | SCTLR_WXN)

/* TCR_EL1: 39-bit halves, 4 KiB granules, tables cached and inner shareable. IPS is added. */
#define TCR_HALF(vabits) ((64 - (vabits)) | (1 << 8) | (1 << 10) | (3 << 12))
#define TCR_EPD0 (1 << 7)
#define TCR_TG1_4K (2 << 30)
#define TCR_IPS_SHIFT 32

/* MAIR_EL1: attribute 0 is normal write-back memory, attribute 1 Device-nGnRE. */
#define MAIR_NORMAL_DEVICE 0x04ff

/* ID_AA64PFR0_EL1: the GIC's CPU interface is system registers (GICv3). */
#define PFR0_GIC(pfr0) ((pfr0) >> 24 & 0xf)
