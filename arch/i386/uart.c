/* SPDX-License-Identifier: MIT */
/*
 * The 16550 on COM1: the console. Received bytes come by interrupt and go to
 * console_input(), which may ask to be left alone for a while: then they stay in
 * the FIFO, and the sender waits. Sending is polled. The log shares the transmitter unless it has
 * a channel of its own (log.c).
 */
#include "arch/i386/i386.h"
#include "kernel/arch.h"
#include "kernel/irq.h"
#include "kernel/printk.h"
#include "kernel/sched/spinlock.h"
#include "kernel/shell/console.h"
#include <asm/io.h>

#define COM1 0x3f8
#define COM1_IRQ 4

#define UART_DATA (COM1 + 0)		/* divisor latch low with LCR_DLAB */
#define UART_IER (COM1 + 1)		/* divisor latch high with LCR_DLAB */
#define UART_IIR (COM1 + 2)
#define UART_FCR (COM1 + 2)
#define UART_LCR (COM1 + 3)
#define UART_MCR (COM1 + 4)
#define UART_LSR (COM1 + 5)
#define UART_SCRATCH (COM1 + 7)

#define IER_RECEIVE 0x01
#define FCR_ENABLE_AND_CLEAR 0x07
#define LCR_8N1 0x03
#define LCR_DLAB 0x80
#define MCR_DTR_RTS_OUT2 0x0b		/* OUT2 lets the interrupt through */
#define LSR_DATA_READY 0x01
#define LSR_THR_EMPTY 0x20
#define LSR_ALL_SENT 0x40

/* More than a byte takes at any speed; a port that is not there must not stop us. */
#define SEND_TIMEOUT 1000000

static bool uart_present __ro_after_init;
static bool held;		/* the console wants no more for now */
static DEFINE_SPINLOCK(receive_lock);

void i386_uart_init(void)
{
	outb(UART_SCRATCH, 0x5a);
	uart_present = inb(UART_SCRATCH) == 0x5a;
	if (!uart_present)
		return;
	outb(UART_IER, 0);
	outb(UART_LCR, LCR_DLAB);
	outb(UART_DATA, 1);		/* 115200 / 1 */
	outb(UART_IER, 0);
	outb(UART_LCR, LCR_8N1);
	/*
	 * To switch the FIFO on empties the receiver, and to read the byte that waits there lets
	 * the next one in: who has sent something before we started is heard without the FIFO.
	 */
	if (!(inb(UART_LSR) & LSR_DATA_READY))
		outb(UART_FCR, FCR_ENABLE_AND_CLEAR);
	outb(UART_MCR, MCR_DTR_RTS_OUT2);
}

static void wait_for(u8 status)
{
	unsigned int i;

	for (i = 0; i < SEND_TIMEOUT && !(inb(UART_LSR) & status); i++)
		arch_cpu_relax();
}

void i386_uart_putc(char c)
{
	if (!uart_present)
		return;
	wait_for(LSR_THR_EMPTY);
	outb(UART_DATA, (u8)c);
}

void i386_uart_drain(void)
{
	if (uart_present)
		wait_for(LSR_ALL_SENT);
}

void arch_console_putc(char c)
{
	i386_uart_putc(c);
}

/* Hand on what has come. The lock keeps the bytes in order when two CPUs do so. */
static void receive(void)
{
	/* Held: an interrupt that was on its way when it was masked may still come. */
	while (!held && (inb(UART_LSR) & LSR_DATA_READY))
		held = !console_input((char)inb(UART_DATA));
	if (held)
		outb(UART_IER, 0);
}

static void uart_interrupt(unsigned int irq, void *dev)
{
	(void)irq;
	(void)dev;
	spin_lock(&receive_lock);
	inb(UART_IIR);
	receive();
	spin_unlock(&receive_lock);
}

void arch_console_resume(void)
{
	unsigned long flags;

	spin_lock_irqsave(&receive_lock, flags);
	held = false;
	/*
	 * First the interrupt, then what is there: a byte between the two is seen twice, not never.
	 */
	outb(UART_IER, IER_RECEIVE);
	receive();
	spin_unlock_irqrestore(&receive_lock, flags);
}

void arch_console_init(const struct boot_info *info)
{
	(void)info;
	if (!uart_present) {
		pr_err("console: no UART on COM1\n");
		return;
	}
	if (irq_register(COM1_IRQ, uart_interrupt, NULL, "uart")) {
		pr_err("console: interrupt %u is taken, no input\n", COM1_IRQ);
		return;
	}
	arch_console_resume();
}
