/* SPDX-License-Identifier: MIT */
/*
 * The two 8259A interrupt controllers: lines 0-15 on vectors VECTOR_PIC and up.
 * trap.c asks i386_irq_ack() and nothing else of the controller, so that a local
 * APIC can take this file's place. Register names follow Intel's 8259A data sheet.
 */
#include "arch/i386/i386.h"
#include "kernel/arch.h"
#include "kernel/lockdep.h"
#include <asm/io.h>
#include <asm/vectors.h>

#define MASTER_COMMAND 0x20
#define MASTER_DATA 0x21
#define SLAVE_COMMAND 0xa0
#define SLAVE_DATA 0xa1

#define ICW1_INIT 0x11			/* edge triggered, cascaded, ICW4 follows */
#define ICW4_8086 0x01
#define OCW2_EOI 0x20
#define OCW3_READ_ISR 0x0b

#define NR_LINES 16
#define CASCADE_LINE 2
#define MASTER_SPURIOUS 7
#define SLAVE_SPURIOUS 15

/* A set bit masks its line. The cascade is open: the slave's lines have masks of their own. */
static u16 irq_mask = 0xffff & ~(1u << CASCADE_LINE);

static void write_mask(unsigned int irq)
{
	if (irq < 8)
		outb(MASTER_DATA, (u8)irq_mask);
	else
		outb(SLAVE_DATA, (u8)(irq_mask >> 8));
}

void arch_irq_init(const struct boot_info *info)
{
	outb(MASTER_COMMAND, ICW1_INIT);
	outb(MASTER_DATA, VECTOR_PIC);
	outb(MASTER_DATA, 1u << CASCADE_LINE);
	outb(MASTER_DATA, ICW4_8086);
	outb(SLAVE_COMMAND, ICW1_INIT);
	outb(SLAVE_DATA, VECTOR_PIC + 8);
	outb(SLAVE_DATA, CASCADE_LINE);
	outb(SLAVE_DATA, ICW4_8086);
	write_mask(0);
	write_mask(8);
}

void arch_irq_unmask(unsigned int irq)
{
	assert_irqs_off();
	if (irq >= NR_LINES)
		return;
	irq_mask &= (u16)~(1u << irq);
	write_mask(irq);
}

void arch_irq_mask(unsigned int irq)
{
	assert_irqs_off();
	if (irq >= NR_LINES || irq == CASCADE_LINE)
		return;
	irq_mask |= (u16)(1u << irq);
	write_mask(irq);
}

static bool in_service(u16 command_port)
{
	outb(command_port, OCW3_READ_ISR);
	return inb(command_port) & 0x80;
}

/*
 * A controller whose request went away answers with its last line, and does not put it in service.
 * Then there is no EOI, except to the master for a spurious interrupt of the slave. Interrupts are
 * acknowledged before they are handled, because the handler's end may switch threads; until then
 * interrupts stay off.
 */
bool i386_irq_ack(unsigned int irq)
{
	if (irq == MASTER_SPURIOUS && !in_service(MASTER_COMMAND))
		return false;
	if (irq >= 8) {
		bool spurious = irq == SLAVE_SPURIOUS && !in_service(SLAVE_COMMAND);

		if (!spurious)
			outb(SLAVE_COMMAND, OCW2_EOI);
		/* The master has its cascade line in service, be the request spurious or not. */
		outb(MASTER_COMMAND, OCW2_EOI);
		return !spurious;
	}
	outb(MASTER_COMMAND, OCW2_EOI);
	return true;
}
