/* SPDX-License-Identifier: MIT */
/*
 * The console's UART: a PL011 or a 16550, whatever the loader's data names (boot_uart.c). What it
 * receives goes to arch/common/receiver.c. Bytes are sent by waiting for room. Untraced.
 */
#include "arch/arm64/uart.h"
#include "arch/arm64/arm64.h"
#include "arch/arm64/virt.h"
#include "arch/common/receiver.h"
#include "kernel/arch.h"
#include "kernel/boot_info.h"
#include "kernel/printk.h"

static bool present __ro_after_init;
static struct boot_uart uart __ro_after_init;

static bool find(const struct boot_uart *where)
{
	if (!(where->is_16550 ? ns16550_find(where) : pl011_find(where)))
		return false;
	uart = *where;
	present = true;
	return true;
}

/* It is where we are told, else where QEMU has it: without a UART nobody hears us. */
void arm64_uart_init(const struct boot_info *info)
{
	const struct boot_uart usual = { .base = VIRT_UART_BASE, .irq = VIRT_UART_IRQ,
					 .source = "as on QEMU's machine" };

	if (!find(&info->dev.uart))
		find(&usual);
}

void arm64_uart_putc(char c)
{
	if (!present)
		return;
	if (uart.is_16550)
		ns16550_put((u8)c);
	else
		pl011_put((u8)c);
}

void arch_console_putc(char c)
{
	arm64_uart_putc(c);
}

void uart_acknowledge(void)
{
	if (uart.is_16550)
		ns16550_acknowledge();
	else
		pl011_acknowledge();
}

int uart_take(void)
{
	return uart.is_16550 ? ns16550_take() : pl011_take();
}

void uart_listen(bool on)
{
	if (uart.is_16550)
		ns16550_listen(on);
	else
		pl011_listen(on);
}

void arch_console_init(const struct boot_info *info)
{
	const char *name = uart.is_16550 ? "16550" : "PL011";
	int err;

	if (!present)
		return;
	pr_info("console: %s at 0x%llx, %s\n", name, (unsigned long long)uart.base, uart.source);
	err = receiver_start(uart.irq, uart.is_16550 ? "uart-16550" : "uart-pl011");
	if (err)
		pr_err("uart: interrupt %u: error %d: no input\n", uart.irq, err);
}
