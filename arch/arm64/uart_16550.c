/* SPDX-License-Identifier: MIT */
/*
 * A 16550 and its many relatives, with registers in memory, whose distance and width the loader's
 * data tells. The line's speed is left as the firmware set it: only that knows the UART's clock.
 */
#include "arch/arm64/arm64.h"
#include "arch/arm64/uart.h"
#include "kernel/arch.h"
#include "kernel/boot_info.h"

/* Numbers of registers. */
#define UART_DATA 0
#define UART_IER 1
#define UART_IIR 2
#define UART_FCR 2
#define UART_LCR 3
#define UART_MCR 4
#define UART_LSR 5
#define IER_RECEIVE 0x01
#define FCR_ENABLE_AND_CLEAR 0x07
#define LCR_8N1 0x03
#define MCR_DTR_RTS_OUT2 0x0b		/* OUT2 lets the interrupt through on some */
#define LSR_DATA_READY 0x01
#define LSR_SPOILED 0x1c		/* break, parity, framing: of the byte that is read next */
#define LSR_THR_EMPTY 0x20
#define LSR_ALL_SENT 0x40
#define LSR_NOTHING 0xff		/* what is read where there is no UART */

#define TX_PATIENCE 200000		/* reads of a register: longer than any byte takes */

static void *registers __ro_after_init;
static unsigned int shift __ro_after_init, width __ro_after_init;

static u8 read_register(unsigned int number)
{
	const volatile char *at = (const char *)registers + ((size_t)number << shift);
	u32 value;

	/* A bus may refuse accesses that are narrower or wider than it wants them. */
	switch (width) {
	case 1:
		__asm__ volatile("ldrb %w0, [%1]" : "=r"(value) : "r"(at) : "memory");
		break;
	case 2:
		__asm__ volatile("ldrh %w0, [%1]" : "=r"(value) : "r"(at) : "memory");
		break;
	default:
		value = mmio_read(at, 0);
		break;
	}
	return (u8)value;
}

static void write_register(unsigned int number, u8 value)
{
	volatile char *at = (char *)registers + ((size_t)number << shift);

	switch (width) {
	case 1:
		__asm__ volatile("strb %w0, [%1]" : : "rZ"((u32)value), "r"(at) : "memory");
		break;
	case 2:
		__asm__ volatile("strh %w0, [%1]" : : "rZ"((u32)value), "r"(at) : "memory");
		break;
	default:
		mmio_write(at, 0, value);
		break;
	}
}

static void wait_for(u8 status)
{
	for (unsigned int i = 0; i < TX_PATIENCE && !(read_register(UART_LSR) & status); i++)
		arch_cpu_relax();
}

bool ns16550_find(const struct boot_uart *where)
{
	const size_t last = (size_t)UART_LSR << where->shift;

	registers = arm64_map_device(where->base, last + where->width);
	if (!arm64_device_answers(registers, ALIGN_DOWN(last, sizeof(u32))))
		return false;
	shift = where->shift;
	width = where->width;
	if (read_register(UART_LSR) == LSR_NOTHING)
		return false;
	write_register(UART_IER, 0);
	/* Synopsys' takes no new line settings while it is busy. */
	wait_for(LSR_ALL_SENT);
	write_register(UART_LCR, LCR_8N1);
	/* Switching the FIFO on empties the receiver: see uart_pl011.c. */
	if (!(read_register(UART_LSR) & LSR_DATA_READY))
		write_register(UART_FCR, FCR_ENABLE_AND_CLEAR);
	write_register(UART_MCR, MCR_DTR_RTS_OUT2);
	return true;
}

void ns16550_put(u8 byte)
{
	wait_for(LSR_THR_EMPTY);
	write_register(UART_DATA, byte);
}

void ns16550_acknowledge(void)
{
	read_register(UART_IIR);
}

int ns16550_take(void)
{
	u8 status, byte;

	/* Bytes that the line has spoiled are dropped. */
	while ((status = read_register(UART_LSR)) & LSR_DATA_READY) {
		byte = read_register(UART_DATA);
		if (!(status & LSR_SPOILED))
			return byte;
	}
	return -1;
}

void ns16550_listen(bool on)
{
	write_register(UART_IER, on ? IER_RECEIVE : 0);
}
