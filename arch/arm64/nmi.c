/* SPDX-License-Identifier: MIT */
/*
 * Pseudo-NMIs. A GICv3 lets a CPU mask by priority (ICC_PMR_EL1) instead of masking all interrupts
 * (DAIF.I): then one of a higher priority comes where interrupts are "off", anywhere but in the
 * first and last instructions of an exception, and in fault handlers. Which of the two
 * arch_irq_save() and its kin do is decided here, once, at boot: each place where they were inlined
 * is one branch away from doing the other (IRQ_MASK_SITE in <asm/arch.h>), so that a machine
 * without pseudo-NMIs pays nothing. How the GIC is set up for it is in irq.c. Untraced.
 *
 * With pseudo-NMIs the priority mask is the only one that kernel code owns. DAIF.I is the exception
 * code's: the processor sets it on the way in, and it is set in an exception's first and last
 * instructions, and all through what the exception does unless that may switch threads.
 *
 *			DAIF.I	mask
 *	first, last	set	as where it came
 *	handler		set	off		an NMI, a fixup, a single step, a report
 *	may switch	clear	off		other interrupts, and page faults that bring a page
 *	elsewhere	clear	on or off
 *
 * So whoever asks for the mask gets an answer that is true in every handler, and a thread that is
 * switched away or to has DAIF.I clear and the mask off, always: arch_may_switch() says so at each
 * switch. With DAIF.I left set, the next thread would take no interrupt; with it cleared under a
 * thread that was in its last instructions, its ELR and SPSR would be lost.
 */
#include <asm/arch.h>
#include "arch/arm64/arm64.h"
#include "kernel/arch.h"
#include "kernel/bug.h"
#include "kernel/lib/errno.h"
#include "kernel/module/module_elf.h"
#include <asm/ptrace.h>

#define INSN_B 0x14000000u
#define B_REACH (128l << 20)

/* Each field holds the distance from itself to what it names. */
struct irq_site {
	s32 site, by_priority;
};
extern const struct irq_site __start_irq_sites[], __stop_irq_sites[];

bool arm64_pseudo_nmi __ro_after_init;

bool arch_has_nmi(void)
{
	return arm64_pseudo_nmi;
}

/* The instruction at @from that branches to @to; 0 if that is out of reach. */
static u32 branch(unsigned long from, unsigned long to)
{
	long distance = (long)(to - from);

	if (distance % 4 || distance >= B_REACH || distance < -B_REACH)
		return 0;
	return INSN_B | ((u32)(distance >> 2) & 0x3ffffff);
}

/*
 * Boot CPU, DAIF.I set and the priority mask open. A site may change between a save and its restore
 * inside here: then what was saved is a DAIF, or a mask, in the wrong register. As a mask a DAIF
 * lets all through, as a DAIF that mask has the I bit: DAIF.I stays set, and in the end
 * arm64_irqs_off() makes both right.
 */
void arm64_use_pseudo_nmi(void)
{
	u64 daif = read_sysreg(daif);
	const struct irq_site *s;

	for (s = __start_irq_sites; s < __stop_irq_sites; s++) {
		unsigned long from = (unsigned long)&s->site + s->site;
		u32 insn = branch(from, (unsigned long)&s->by_priority + s->by_priority);

		if (!insn || arch_text_write((void *)from, &insn, sizeof(insn)))
			panic("pseudo-NMIs: cannot write to %pS", (void *)from);
	}
	arm64_pseudo_nmi = true;
	/* Whatever the restores above wrote to it, DAIF is as it was, and the mask is closed. */
	write_sysreg(daif, daif);
	arm64_irqs_off();
}

void arm64_irqs_off(void)
{
	write_sysreg(IRQ_PMR_OFF, S3_0_C4_C6_0);
	__asm__ volatile("msr daifclr, #2" : : : "memory");
}

bool arm64_irqs_were_on(const struct pt_regs *regs)
{
	return !(regs->pstate & PSR_I_BIT) &&
	       (!arm64_pseudo_nmi || read_sysreg(S3_0_C4_C6_0) == IRQ_PMR_ON);
}

u64 arm64_exception_enter(void)
{
	u64 mask = 0;

	if (arm64_pseudo_nmi) {
		mask = read_sysreg(S3_0_C4_C6_0);
		write_sysreg(IRQ_PMR_OFF, S3_0_C4_C6_0);
	}
	return mask;
}

void arm64_exception_may_switch(void)
{
	if (arm64_pseudo_nmi)
		arm64_irqs_off();
}

void arm64_exception_exit(u64 mask)
{
	if (!arm64_pseudo_nmi)
		return;
	/* In this order: with the mask open first, an interrupt could still come in between. */
	__asm__ volatile("msr daifset, #2" : : : "memory");
	write_sysreg(mask, S3_0_C4_C6_0);
}

/* The same for a module's sites, in the buffer in which the module is put together. */
int arch_module_finish(struct module_elf *elf)
{
	struct module_elf_table table;
	const struct irq_site *s;

	if (!arm64_pseudo_nmi || !module_elf_find(elf, ".irq_sites", &table))
		return 0;
	s = module_elf_at(elf, table.va, table.size);
	for (size_t n = s ? table.size / sizeof(*s) : 0; n; n--, s++, table.va += sizeof(*s)) {
		unsigned long from = table.va + (unsigned long)(long)s->site;
		unsigned long to = table.va + offsetof(struct irq_site, by_priority) +
				   (unsigned long)(long)s->by_priority;
		u32 *insn = module_elf_at(elf, from, sizeof(*insn));

		/* What is written is an instruction, and leads to one: neither may be data. */
		if (!insn || from % 4 || to % 4 || !branch(from, to) ||
		    !module_elf_in_code(elf, from) || !module_elf_in_code(elf, to))
			return -ENOEXEC;
		*insn = branch(from, to);
	}
	return 0;
}
