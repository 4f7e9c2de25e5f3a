/* SPDX-License-Identifier: MIT */
/*
 * The interrupt controller: GICv2, reached through memory, or GICv3, whose CPU
 * side is system registers. Interrupt numbers are the GIC's own: 0-15 come from other
 * CPUs (SGIs), 16-31 belong to this CPU (PPIs), 32 and up are shared (SPIs), and all go to the
 * boot CPU. All of them are group 1 where groups exist, level triggered unless the firmware said
 * otherwise, and equal in priority; with pseudo-NMIs (nmi.c) two SGIs come before all others.
 */
#define PREEMPTIRQ_HOOKS 1			/* as irq_enter() and its kin do */
#include <asm/arch.h>
#include "arch/arm64/arm64.h"
#include "arch/arm64/sysreg.h"
#include "arch/common/sequence.h"
#include "kernel/arch.h"
#include "kernel/boot_info.h"
#include "kernel/bug.h"
#include "kernel/irq.h"
#include "kernel/lib/string.h"
#include "kernel/lockdep.h"
#include "kernel/nmi.h"
#include "kernel/printk.h"
#include "kernel/sched/current.h"
#include "kernel/sched/percpu.h"
#include "kernel/smp.h"

BOOT_PARAM(pseudo_nmi);

/* The distributor, the same in both but for GICv3's affinity routing. */
#define GICD_CTLR 0x000
#define GICD_TYPER 0x004
#define GICD_IGROUPR 0x080
#define GICD_ISENABLER 0x100
#define GICD_ICENABLER 0x180
#define GICD_IPRIORITYR 0x400
#define GICD_ITARGETSR 0x800
#define GICD_SGIR 0xf00			/* GICv2 */
#define GICD_SGIR_TARGETS 16
#define GICD_IROUTER 0x6000
#define GICV2_PIDR2 0xfe8
#define GICV3_PIDR2 0xffe8
#define GICD_CTLR_ENABLE 1u
#define GICD_CTLR_ENABLE_G1A 2u
#define GICD_CTLR_ARE_NS 0x10u
#define GICD_CTLR_DS 0x40u		/* one security state: priorities are what they seem */
#define GICD_CTLR_RWP (1u << 31)

/* GICv2's CPU interface. */
#define GICC_CTLR 0x00
#define GICC_PMR 0x04
#define GICC_IAR 0x0c
#define GICC_EOIR 0x10

/* GICv3's redistributor: one frame pair a CPU. */
#define GICR_WAKER 0x0014
#define GICR_TYPER 0x0008
#define GICR_WAKER_PROCESSOR_SLEEP 2u
#define GICR_WAKER_CHILDREN_ASLEEP 4u
#define GICR_SGI_FRAME 0x10000		/* the second frame; registers named as the distributor's */
#define GICR_TYPER_VLPIS 2u
#define GICR_TYPER_LAST 0x10u

/* GICv3's CPU interface. An SGI goes to CPUs of one Aff3.Aff2.Aff1, a bit for each Aff0 % 16. */
#define ICC_PMR_EL1 S3_0_C4_C6_0
#define ICC_IAR1_EL1 S3_0_C12_C12_0
#define ICC_EOIR1_EL1 S3_0_C12_C12_1
#define ICC_BPR1_EL1 S3_0_C12_C12_3
#define ICC_CTLR_EL1 S3_0_C12_C12_4
#define ICC_SGI1R_EL1 S3_0_C12_C11_5
#define SGI1R_AFF3 48
#define SGI1R_RANGE 44			/* Aff0 / 16 */
#define SGI1R_AFF2 32
#define SGI1R_ID 24
#define SGI1R_AFF1 16
#define ICC_SRE_EL1 S3_0_C12_C12_5
#define ICC_IGRPEN1_EL1 S3_0_C12_C12_7
#define read_icc(reg) read_sysreg_named(reg)
#define read_sysreg_named(reg) read_sysreg(reg)
#define write_icc(val, reg) write_sysreg_named(val, reg)
#define write_sysreg_named(val, reg) write_sysreg(val, reg)

#define NR_PRIVATE 32u
#define SPURIOUS 1020u			/* and up: not an interrupt */
#define PRIORITY 0xa0a0a0a0u
#define NMI_PRIORITY 0x20u
#define PRIORITY_MASK IRQ_PMR_ON
#define PATIENCE 1000000u		/* reads of a register */

static struct {
	void *dist, *cpu;		/* cpu: GICv2 only, each CPU sees its own there */
	char *redists;			/* GICv3 only */
	u64 redists_size;
	unsigned int version, nr_irqs;	/* version 0: no interrupts */
} gic __ro_after_init;
static bool use_pseudo_nmi __ro_after_init;

/* Where @irq's enable bits are: private ones are in the redistributor on GICv3. */
static void *enable_base(unsigned int irq)
{
	if (gic.version == 3 && irq < NR_PRIVATE)
		return (char *)arm64_cpus[smp_processor_id()].redist + GICR_SGI_FRAME;
	return gic.dist;
}

/* Wait until @bit is clear, but not for ever: what answers there might be no GIC. */
static void wait_until_clear(const void *base, size_t offset, u32 bit)
{
	for (unsigned int i = 0; i < PATIENCE && (mmio_read(base, offset) & bit); i++)
		arch_cpu_relax();
}

static void wait_for_write(void)
{
	if (gic.version == 3)
		wait_until_clear(gic.dist, GICD_CTLR, GICD_CTLR_RWP);
}

void arch_irq_unmask(unsigned int irq)
{
	assert_irqs_off();
	if (irq < gic.nr_irqs)
		mmio_write(enable_base(irq), GICD_ISENABLER + irq / 32 * 4, 1u << irq % 32);
}

void arch_irq_mask(unsigned int irq)
{
	assert_irqs_off();
	if (irq < gic.nr_irqs) {
		mmio_write(enable_base(irq), GICD_ICENABLER + irq / 32 * 4, 1u << irq % 32);
		wait_for_write();
	}
}

/*
 * Switch interrupts [@first, @end) off, and give all of them one priority and one group. Of private
 * interrupts these are the running CPU's.
 */
static void reset_lines(void *base, unsigned int first, unsigned int end)
{
	for (unsigned int irq = first; irq < end; irq += 32) {
		mmio_write(base, GICD_ICENABLER + irq / 8, ~0u);
		if (gic.version == 3)
			mmio_write(base, GICD_IGROUPR + irq / 8, ~0u);
	}
	for (unsigned int irq = first; irq < end; irq += 4)
		mmio_write(base, GICD_IPRIORITYR + irq, PRIORITY);
}

static void gicv2_init_cpu(struct arm64_cpu *cpu)
{
	/* A private interrupt's target reads as this CPU's bit; as 0 if there is only one CPU. */
	u32 self = mmio_read(gic.dist, GICD_ITARGETSR) & 0xff;

	cpu->gic_target = self ? self : 1;
	reset_lines(gic.dist, 0, NR_PRIVATE);
	mmio_write(gic.cpu, GICC_PMR, PRIORITY_MASK);
	mmio_write(gic.cpu, GICC_CTLR, 1);
}

static void gicv2_init(struct arm64_cpu *cpu)
{
	mmio_write(gic.dist, GICD_CTLR, 0);
	gicv2_init_cpu(cpu);
	reset_lines(gic.dist, NR_PRIVATE, gic.nr_irqs);
	for (unsigned int irq = NR_PRIVATE; irq < gic.nr_irqs; irq += 4)
		mmio_write(gic.dist, GICD_ITARGETSR + irq, cpu->gic_target * 0x01010101u);
	mmio_write(gic.dist, GICD_CTLR, GICD_CTLR_ENABLE);
}

static u64 redist_typer(const char *frame)
{
	return mmio_read(frame, GICR_TYPER) | (u64)mmio_read(frame, GICR_TYPER + 4) << 32;
}

/* The redistributor whose TYPER names the CPU with these affinity fields; NULL if none does. */
static void *find_redist(u64 mpidr)
{
	u64 wanted = (mpidr >> 8 & 0xff000000) | (mpidr & 0xffffff);

	for (u64 at = 0; at + 2 * GICR_SGI_FRAME <= gic.redists_size; ) {
		u64 typer = redist_typer(gic.redists + at);

		if (typer >> 32 == wanted)
			return gic.redists + at;
		if (typer & GICR_TYPER_LAST)
			break;
		/* One that has virtual LPIs has two frames more, and the next one follows them. */
		at += GICR_SGI_FRAME * (typer & GICR_TYPER_VLPIS ? 4 : 2);
	}
	return NULL;
}

/* The priorities of SGIs 0-3, one byte each. */
static u32 sgi_priorities(void)
{
	const u32 nmis = 0xffu << 8 * IPI_STOP | 0xffu << 8 * IPI_NMI;

	if (!use_pseudo_nmi)
		return PRIORITY;
	return (PRIORITY & ~nmis) | (0x01010101u * NMI_PRIORITY & nmis);
}

static void gicv3_init_cpu(const struct arm64_cpu *cpu)
{
	u32 waker = mmio_read(cpu->redist, GICR_WAKER) & ~GICR_WAKER_PROCESSOR_SLEEP;

	mmio_write(cpu->redist, GICR_WAKER, waker);
	wait_until_clear(cpu->redist, GICR_WAKER, GICR_WAKER_CHILDREN_ASLEEP);
	reset_lines((char *)cpu->redist + GICR_SGI_FRAME, 0, NR_PRIVATE);
	mmio_write(cpu->redist, GICR_SGI_FRAME + GICD_IPRIORITYR, sgi_priorities());

	write_icc(read_icc(ICC_SRE_EL1) | 1, ICC_SRE_EL1);
	isb();
	write_icc(PRIORITY_MASK, ICC_PMR_EL1);
	write_icc(0, ICC_BPR1_EL1);
	write_icc(0, ICC_CTLR_EL1);	/* the end of interrupt also deactivates */
	write_icc(1, ICC_IGRPEN1_EL1);
	isb();
}

static void gicv3_init(const struct arm64_cpu *cpu)
{
	/* Affinity routing may be switched on only while the distributor is off. */
	mmio_write(gic.dist, GICD_CTLR, 0);
	wait_for_write();
	mmio_write(gic.dist, GICD_CTLR, GICD_CTLR_ARE_NS);
	wait_for_write();
	reset_lines(gic.dist, NR_PRIVATE, gic.nr_irqs);
	for (unsigned int irq = NR_PRIVATE; irq < gic.nr_irqs; irq++) {
		mmio_write(gic.dist, GICD_IROUTER + 8 * irq, (u32)cpu->mpidr);
		mmio_write(gic.dist, GICD_IROUTER + 8 * irq + 4, (u32)(cpu->mpidr >> 32));
	}
	wait_for_write();
	mmio_write(gic.dist, GICD_CTLR, GICD_CTLR_ARE_NS | GICD_CTLR_ENABLE_G1A);
	gicv3_init_cpu(cpu);
}

bool arm64_irq_prepare_cpu(struct arm64_cpu *cpu)
{
	if (gic.version == 3)
		cpu->redist = find_redist(cpu->mpidr);
	return gic.version == 2 || (gic.version == 3 && cpu->redist);
}

void arm64_irq_init_cpu(void)
{
	struct arm64_cpu *cpu = &arm64_cpus[smp_processor_id()];

	if (gic.version == 3)
		gicv3_init_cpu(cpu);
	else
		gicv2_init_cpu(cpu);
	/* Until now the CPU's own mask kept all out: from here on it is that of the priorities. */
	if (arm64_pseudo_nmi)
		arm64_irqs_off();
	arch_irq_unmask(IPI_NMI);
}

/* What this CPU has written before becomes visible before the other one is told. */
void arm64_send_sgi(const struct arm64_cpu *cpu, unsigned int sgi)
{
	u64 mpidr = cpu->mpidr;

	dsb(ishst);
	if (gic.version == 2) {
		mmio_write(gic.dist, GICD_SGIR, cpu->gic_target << GICD_SGIR_TARGETS | sgi);
		return;
	}
	write_icc((mpidr >> 32 & 0xff) << SGI1R_AFF3 | (mpidr >> 4 & 0xf) << SGI1R_RANGE |
		  (mpidr >> 16 & 0xff) << SGI1R_AFF2 | (u64)sgi << SGI1R_ID |
		  (mpidr >> 8 & 0xff) << SGI1R_AFF1 | 1ul << (mpidr & 0xf), ICC_SGI1R_EL1);
	isb();
}

/* The architecture version that the distributor itself names: 1 or 2, 3 or 4. */
static bool is_gic(const void *dist, unsigned int version)
{
	size_t pidr2 = version == 3 ? GICV3_PIDR2 : GICV2_PIDR2;

	return arm64_device_answers(dist, pidr2) &&
	       ((mmio_read(dist, pidr2) >> 4 & 0xf) + 1) / 2 == (version + 1) / 2;
}

static const char *why_no_pseudo_nmi(void)
{
	bool wanted = true;

	boot_param_flag(boot_param_pseudo_nmi, &wanted);
	if (gic.version != 3)
		return "no NMIs (they need a GICv3)";
	if (!(mmio_read(gic.dist, GICD_CTLR) & GICD_CTLR_DS))
		return "no NMIs (the secure side has the priorities)";
	if (!wanted)
		return "no NMIs (pseudo_nmi=0)";
	return NULL;
}

void arch_irq_init(const struct boot_info *info)
{
	const struct boot_devices *dev = &info->dev;
	struct arm64_cpu *cpu = &arm64_cpus[0];
	const char *no_nmi;
	bool ok;

	cpu->mpidr = read_sysreg(mpidr_el1) & MPIDR_AFFINITY;
	gic.dist = arm64_map_device(dev->gicd_base, 0x10000);
	/* The device tree may be wrong, so each part must answer before it is written to. */
	ok = is_gic(gic.dist, dev->gic_version);
	if (dev->gic_version == 3) {
		gic.redists = arm64_map_device(dev->gicr_base, dev->gicr_size);
		if (ok && arm64_device_answers(gic.redists, GICR_TYPER)) {
			gic.redists_size = dev->gicr_size;
			cpu->redist = find_redist(cpu->mpidr);
		}
		/* The board may have a GICv3 that the processor has no registers to speak to. */
		ok = cpu->redist && PFR0_GIC(read_sysreg(id_aa64pfr0_el1));
	} else {
		gic.cpu = arm64_map_device(dev->gicc_base, 0x2000);
		ok = ok && arm64_device_answers(gic.cpu, GICC_CTLR);
	}
	if (!ok)
		panic("no interrupt controller: no GICv%u answers at 0x%llx", dev->gic_version,
		      (unsigned long long)dev->gicd_base);
	gic.version = dev->gic_version;
	gic.nr_irqs = min(32 * ((mmio_read(gic.dist, GICD_TYPER) & 0x1f) + 1), (u32)NR_IRQS);
	/* Decided first, because the priorities that a CPU's part of the GIC gets depend on it. */
	no_nmi = why_no_pseudo_nmi();
	use_pseudo_nmi = !no_nmi;
	if (gic.version == 3)
		gicv3_init(cpu);
	else
		gicv2_init(cpu);
	arch_irq_unmask(IPI_NMI);
	if (use_pseudo_nmi)
		arm64_use_pseudo_nmi();
	pr_info("irq: GICv%u, %u interrupts, %s\n", gic.version, gic.nr_irqs,
		no_nmi ? no_nmi : "pseudo-NMIs");
}

static unsigned int acknowledge(u32 *ack)
{
	bool v3 = gic.version == 3;

	*ack = v3 ? (u32)read_icc(ICC_IAR1_EL1) : mmio_read(gic.cpu, GICC_IAR);
	isb();		/* the acknowledgement takes effect before the handler's accesses */
	return *ack & (v3 ? 0xffffff : 0x3ff);
}

static void end_of_interrupt(u32 ack)
{
	if (gic.version == 3)
		write_icc(ack, ICC_EOIR1_EL1);
	else
		mmio_write(gic.cpu, GICC_EOIR, ack);
}

/* Handle all that is pending, one after the other. There is a GIC, or no interrupt would come. */
static void handle_irqs(struct pt_regs *regs)
{
	unsigned int irq;
	u32 ack;

	while ((irq = acknowledge(&ack)) < SPURIOUS) {
		if (irq == IPI_NMI)
			nmi_handle(regs);
		else
			irq_dispatch(irq);
		end_of_interrupt(ack);
	}
}

static void handle_nmi(struct pt_regs *regs, unsigned int irq)
{
	nmi_enter();
	if (irq == IPI_STOP)
		smp_handle_ipi(IPI_STOP);
	nmi_handle(regs);
	nmi_exit();
}

/*
 * With pseudo-NMIs: nmi.c tells what is masked where. The controller is asked first, because what
 * it answers depends on the mask. One interrupt at a time, because the mask hides the next.
 */
static void irq_by_priority(struct pt_regs *regs)
{
	u32 ack;
	unsigned int irq = acknowledge(&ack);
	u64 mask;

	if (irq >= SPURIOUS)
		return;
	mask = arm64_exception_enter();
	if (irq == IPI_NMI || irq == IPI_STOP) {
		handle_nmi(regs, irq);
		end_of_interrupt(ack);
	} else {
		arm64_exception_may_switch();
		irq_enter();
		irq_dispatch(irq);
		/* Ended before threads may be switched: until then this CPU takes no other. */
		end_of_interrupt(ack);
		irq_exit();
		preempt_check_irq();
	}
	arm64_exception_exit(mask);
}

/* Called by entry.S with interrupts off. Where they were off before, only an NMI can come. */
void arm64_irq(struct pt_regs *regs)
{
	restart_sequence(&regs->pc);
	if (arm64_pseudo_nmi) {
		irq_by_priority(regs);
		return;
	}
	assert_irqs_off();
	irq_enter();
	handle_irqs(regs);
	irq_exit();
	preempt_check_irq();
}
