/* SPDX-License-Identifier: MIT */
/*
 * Where the boot loader enters, through the image's header (boot/arm64_image.S): the way down from
 * EL2 to EL1, and the way up into the higher half. Page tables are made by
 * arm64_boot_map() (boot_map.c); C proper starts in arm64_boot() (boot.c). Other CPUs, which
 * the firmware starts here later, go the same way with the tables that are there by then.
 *
 * In:   MMU off, interrupts masked, EL2 or EL1; x0 the device tree's physical address.
 * Kept throughout: x19 device tree, x20 the EL that we were entered at, x21 where the image lies.
 */
#include <asm/asm-offsets.h>
#include <asm/linkage.h>
#include <asm/memory.h>
#include "arch/arm64/sysreg.h"

	.section .head.text, "ax"

	.globl	boot_entry
SYM_CODE_START boot_entry
	mov	x19, x0
	adrp	x21, _text
	bl	drop_to_el1
	adr_l	x1, boot_stack_top
	mov	sp, x1
	mov	x29, xzr

	/* What is written with the caches off must not be hidden by stale lines later. */
	mov	x0, x19
	bl	arm64_boot_map		/* x0 = ttbr0, x1 = ttbr1 */
	adr_l	x2, __noinit_start
	adr_l	x3, boot_stack_guard
	mrs	x4, ctr_el0
	ubfx	x4, x4, #16, #4		/* log2 of the words in the smallest data cache line */
	mov	x5, #4
	lsl	x4, x5, x4
1:	dc	ivac, x2
	add	x2, x2, x4
	cmp	x2, x3
	b.lo	1b
	dsb	sy

	ldr	x2, =boot_virtual
	b	enable_mmu
	.ltorg
SYM_CODE_END boot_entry

/* Returns to the caller at EL1, with the EL before in x20. Changes nothing else but x1 and x2. */
SYM_CODE_START drop_to_el1
	mrs	x20, CurrentEL
	cmp	x20, #CURRENT_EL_EL2
	lsr	x20, x20, #2
	b.eq	1f
	mov_q	x1, SCTLR_RES1
	msr	sctlr_el1, x1
	isb
	ret

1:	mov_q	x1, HCR_RW
	msr	hcr_el2, x1
	mov	x1, #CNTHCTL_EL1_ACCESS
	msr	cnthctl_el2, x1
	msr	cntvoff_el2, xzr
	msr	hstr_el2, xzr
	msr	vttbr_el2, xzr
	mov	x1, #CPTR_NO_TRAPS
	msr	cptr_el2, x1
	mrs	x1, midr_el1
	msr	vpidr_el2, x1
	mrs	x1, mpidr_el1
	msr	vmpidr_el2, x1

	/* All event counters are EL1's, and neither they nor debug registers trap. */
	mrs	x1, id_aa64dfr0_el1
	sbfx	x1, x1, #8, #4		/* PMUVer: 0 and -1 mean none */
	cmp	x1, #1
	b.lt	2f
	mrs	x1, pmcr_el0
	ubfx	x1, x1, #11, #5
2:	csel	x1, xzr, x1, lt
	msr	mdcr_el2, x1

	mrs	x1, id_aa64pfr0_el1
	ubfx	x1, x1, #24, #4		/* GICv3 system registers */
	cbz	x1, .Lno_gicv3_registers
	/*
	 * The processor has them; the board's interrupt controller may not speak to them all the
	 * same (an A64FX beside a GICv2, in QEMU). Then the first access is undefined, and
	 * arrives at the vectors below.
	 */
	adr	x1, el2_vectors
	msr	vbar_el2, x1
	isb
	mrs	x1, S3_4_C12_C9_5	/* ICC_SRE_EL2 */
	mov	x2, #ICC_SRE_ENABLE
	orr	x1, x1, x2
	msr	S3_4_C12_C9_5, x1
	isb
	msr	S3_4_C12_C11_0, xzr	/* ICH_HCR_EL2 */

.Lno_gicv3_registers:
	mrs	x1, id_aa64mmfr0_el1
	ubfx	x1, x1, #56, #4		/* fine-grained traps */
	cbz	x1, 3f
	msr	S3_4_C1_C1_4, xzr	/* HFGRTR_EL2 */
	msr	S3_4_C1_C1_5, xzr	/* HFGWTR_EL2 */
	msr	S3_4_C1_C1_6, xzr	/* HFGITR_EL2 */
	msr	S3_4_C3_C1_4, xzr	/* HDFGRTR_EL2 */
	msr	S3_4_C3_C1_5, xzr	/* HDFGWTR_EL2 */

3:	mov_q	x1, SCTLR_RES1
	msr	sctlr_el1, x1
	mov	x1, #SPSR_EL1H_MASKED
	msr	spsr_el2, x1
	msr	elr_el2, lr
	eret

	/*
	 * Only an exception from this level itself, at +0x200, can come: interrupts are masked.
	 * It goes on where the registers are not used; nobody returns from it.
	 */
	.balign	2048
el2_vectors:
	.skip	0x200
	b	.Lno_gicv3_registers
SYM_CODE_END drop_to_el1

/* Another CPU starts here, in the same state as at boot_entry, but with its number in x0. */
SYM_FUNC_START arm64_secondary_entry
	mov	x19, x0
	bl	drop_to_el1
	adr_l	x2, boot_tables		/* it was written with the caches off, as it is read */
	ldp	x0, x1, [x2]
	ldr	x2, =secondary_virtual
	b	enable_mmu
	.ltorg
SYM_FUNC_END arm64_secondary_entry

/*
 * A CPU that has waited in a spin table starts here: nobody has told it its number. One that is not
 * expected waits on, for good.
 */
SYM_FUNC_START arm64_spin_entry
	mrs	x1, mpidr_el1
	mov_q	x2, MPIDR_AFFINITY
	and	x1, x1, x2
	orr	x1, x1, #1 << SPIN_CPU_EXPECTED_BIT
	adr_l	x2, arm64_spin_cpus
	mov	x0, #0
1:	ldr	x3, [x2, x0, lsl #3]
	cmp	x3, x1
	b.eq	arm64_secondary_entry
	add	x0, x0, #1
	cmp	x0, #NR_CPUS
	b.lo	1b
2:	wfe
	b	2b
SYM_FUNC_END arm64_spin_entry

/* First thing at virtual addresses: the lower half goes, and a NULL pointer faults. */
.macro drop_identity
	mrs	x3, tcr_el1
	orr	x3, x3, #TCR_EPD0
	msr	tcr_el1, x3
	msr	ttbr0_el1, xzr
	isb
	tlbi	vmalle1
	dsb	nsh
	isb
.endm

/* In: x3 = this CPU's struct arm64_cpu, x4 = its first thread. x5 changed. */
.macro set_cpu_registers
	adr_l	x5, vectors
	msr	vbar_el1, x5
	msr	tpidr_el1, x3
	msr	sp_el0, x4
	isb
.endm

/* Not in .init.text, because a CPU may start when that is gone. In: x19 = the CPU's number. */
SYM_CODE_START secondary_virtual
	drop_identity
	adr_l	x3, arm64_cpus
	mov	x4, #CPU_SIZE
	madd	x3, x19, x4, x3
	ldr	x4, [x3, #CPU_IDLE_STACK]
	mov	sp, x4
	ldr	x4, [x3, #CPU_IDLE]
	set_cpu_registers
	mov	x0, x19
	mov	x29, xzr
	mov	x30, xzr		/* the end of every backtrace */
	b	arm64_secondary_main
SYM_CODE_END secondary_virtual

/*
 * Switches the MMU on and goes on at the virtual address in x2. It lies in the one page that is
 * mapped at its physical address too. In: x0, x1 = the tables of the lower and the upper half.
 */
	.section .idmap.text, "ax"
SYM_CODE_START enable_mmu
	mov	x3, #MAIR_NORMAL_DEVICE
	msr	mair_el1, x3
	mov_q	x3, TCR_HALF(VA_BITS) | (TCR_HALF(VA_BITS) << 16) | TCR_TG1_4K
	mrs	x4, id_aa64mmfr0_el1
	and	x4, x4, #0xf
	mov	x5, #5			/* 48 bits is all that these tables can name */
	cmp	x4, x5
	csel	x4, x4, x5, lo
	orr	x3, x3, x4, lsl #TCR_IPS_SHIFT
	msr	tcr_el1, x3
	msr	ttbr0_el1, x0
	msr	ttbr1_el1, x1
	isb
	tlbi	vmalle1
	ic	iallu
	dsb	nsh
	isb
	mov_q	x3, SCTLR_KERNEL
	msr	sctlr_el1, x3
	isb
	ret	x2			/* a return needs no landing pad */
SYM_CODE_END enable_mmu

	.section .init.text, "ax"

SYM_CODE_START boot_virtual
	drop_identity
	adr_l	x3, __bss_start
	adr_l	x4, __bss_stop
1:	cmp	x3, x4
	b.hs	2f
	stp	xzr, xzr, [x3], #16
	b	1b
2:
	adr_l	x3, boot_stack_top
	mov	sp, x3
	adr_l	x3, arm64_cpus
	adr_l	x4, overflow_stacks+OVERFLOW_STACK_SIZE
	str	x4, [x3, #CPU_OVERFLOW_STACK]
	adr_l	x4, init_task
	set_cpu_registers
	adr_l	x3, kernel_phys
	str	x21, [x3]

	mov	x0, x19
	mov	x1, x20
	mov	x29, xzr
	mov	x30, xzr		/* the end of every backtrace */
	b	arm64_boot
SYM_CODE_END boot_virtual
