/* SPDX-License-Identifier: MIT */
/*
 * The 16550 on COM1: the console. What it receives goes to arch/common/receiver.c. Sending is
 * polled. The log shares the transmitter unless it has a channel of its own (log.c).
 */
#include "arch/common/receiver.h"
#include "arch/i386/i386.h"
#include "kernel/arch.h"
#include "kernel/printk.h"
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
	 * Switching the FIFO on empties the receiver, and reading the byte that waits there would
	 * let the next one in. So if something was sent before we started, the FIFO stays off.
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

void uart_acknowledge(void)
{
	inb(UART_IIR);
}

int uart_take(void)
{
	return inb(UART_LSR) & LSR_DATA_READY ? inb(UART_DATA) : -1;
}

void uart_listen(bool on)
{
	outb(UART_IER, on ? IER_RECEIVE : 0);
}

void arch_console_init(const struct boot_info *info)
{
	if (!uart_present) {
		pr_err("console: no UART on COM1\n");
		return;
	}
	if (receiver_start(COM1_IRQ, "uart"))
		pr_err("console: interrupt %u is taken, no input\n", COM1_IRQ);
}
