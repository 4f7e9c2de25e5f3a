/* SPDX-License-Identifier: MIT */
/*
 * The PL011: received bytes come by interrupt and go to console_input(); bytes
 * are sent by waiting for room. The line's speed is left as the firmware set it.
 */
#include <asm/arch.h>
#include "arch/arm64/arm64.h"
#include "kernel/arch.h"
#include "kernel/boot_info.h"
#include "kernel/console.h"
#include "kernel/irq.h"
#include "kernel/printk.h"

#define UART_DR 0x00
#define UART_FR 0x18
#define UART_LCRH 0x2c
#define UART_CR 0x30
#define UART_IMSC 0x38
#define UART_ICR 0x44
#define FR_RX_EMPTY (1u << 4)
#define FR_TX_FULL (1u << 5)
#define LCRH_8BIT_FIFO 0x70u
#define CR_ON 0x301u			/* UART, transmit, receive */
#define INT_RX (1u << 4)
#define INT_RX_TIMEOUT (1u << 6)
#define DR_ERRORS 0xf00u		/* break, parity, framing, overrun */

static void *uart __ro_after_init;

void arm64_uart_init(const struct boot_info *info)
{
	uart = arm64_map_device(info->dev.uart_base, 0x1000);
	if (!uart)
		return;
	mmio_write(uart, UART_IMSC, 0);
	mmio_write(uart, UART_LCRH, LCRH_8BIT_FIFO);
	mmio_write(uart, UART_CR, CR_ON);
}

void arm64_uart_putc(char c)
{
	if (!uart)
		return;
	while (mmio_read(uart, UART_FR) & FR_TX_FULL)
		arch_cpu_relax();
	mmio_write(uart, UART_DR, (u8)c);
}

void arch_console_putc(char c)
{
	arm64_uart_putc(c);
}

static void uart_interrupt(unsigned int irq, void *dev)
{
	(void)irq;
	(void)dev;
	/* First: cleared after the loop, a byte that came meanwhile would never be announced. */
	mmio_write(uart, UART_ICR, INT_RX | INT_RX_TIMEOUT);
	while (!(mmio_read(uart, UART_FR) & FR_RX_EMPTY)) {
		u32 data = mmio_read(uart, UART_DR);

		if (!(data & DR_ERRORS & ~0x800u))	/* an overrun does not spoil this byte */
			console_input((char)data);
	}
}

void arch_console_init(const struct boot_info *info)
{
	int err;

	if (!uart)
		return;
	err = irq_register(info->dev.uart_irq, uart_interrupt, NULL, "uart-pl011");
	if (err) {
		pr_err("uart: interrupt %u: error %d: no input\n", info->dev.uart_irq, err);
		return;
	}
	mmio_write(uart, UART_IMSC, INT_RX | INT_RX_TIMEOUT);
}
