/* SPDX-License-Identifier: MIT */
/* The PL011. The line's speed is left as the firmware set it. Untraced. */
#include "arch/arm64/arm64.h"
#include "arch/arm64/uart.h"
#include "kernel/arch.h"
#include "kernel/boot_info.h"

#define UART_DR 0x00
#define UART_FR 0x18
#define UART_LCRH 0x2c
#define UART_CR 0x30
#define UART_IMSC 0x38
#define UART_ICR 0x44
#define UART_ID0 0xfe0
#define UART_ID1 0xfe4
#define FR_RX_EMPTY (1u << 4)
#define FR_TX_FULL (1u << 5)
#define LCRH_8BIT_FIFO 0x70u
#define CR_ON 0x301u			/* UART, transmit, receive */
#define INT_RX (1u << 4)
#define INT_RX_TIMEOUT (1u << 6)
#define DR_SPOILED 0x700u		/* break, parity, framing; an overrun spoils another byte */

#define TX_PATIENCE 200000		/* reads of a register: longer than any byte takes */

static void *uart __ro_after_init;

/* A PL011 knows its name (PrimeCell peripheral identification). */
static bool is_pl011(const void *base)
{
	return arm64_device_answers(base, UART_ID0) &&
	       (mmio_read(base, UART_ID0) & 0xff) == 0x11 &&
	       (mmio_read(base, UART_ID1) & 0x0f) == 0;
}

bool pl011_find(const struct boot_uart *where)
{
	void *base = arm64_map_device(where->base, 0x1000);

	if (!is_pl011(base))
		return false;
	uart = base;
	mmio_write(uart, UART_IMSC, 0);
	/*
	 * Switching the FIFO on empties the receiver, and reading the byte that waits there would
	 * let the next one in. So if something was sent before we started, the FIFO stays off.
	 */
	if (mmio_read(uart, UART_FR) & FR_RX_EMPTY)
		mmio_write(uart, UART_LCRH, LCRH_8BIT_FIFO);
	mmio_write(uart, UART_CR, CR_ON);
	return true;
}

void pl011_put(u8 byte)
{
	for (unsigned int i = 0; mmio_read(uart, UART_FR) & FR_TX_FULL; i++) {
		if (i == TX_PATIENCE)
			return;
	}
	mmio_write(uart, UART_DR, byte);
}

void pl011_acknowledge(void)
{
	mmio_write(uart, UART_ICR, INT_RX | INT_RX_TIMEOUT);
}

int pl011_take(void)
{
	u32 data;

	/* Bytes that the line has spoiled are dropped. */
	while (!(mmio_read(uart, UART_FR) & FR_RX_EMPTY)) {
		data = mmio_read(uart, UART_DR);
		if (!(data & DR_SPOILED))
			return (u8)data;
	}
	return -1;
}

void pl011_listen(bool on)
{
	mmio_write(uart, UART_IMSC, on ? INT_RX | INT_RX_TIMEOUT : 0);
}
