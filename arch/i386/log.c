/* SPDX-License-Identifier: MIT */
/*
 * Where the kernel log goes: to QEMU's debug console on port 0xe9 if the command line has
 * `debugcon`, so that nothing of it appears on the console; else to the UART.
 */
#include "arch/i386/i386.h"
#include "kernel/arch.h"
#include "kernel/boot_info.h"
#include <asm/io.h>

BOOT_PARAM(debugcon);

#define DEBUGCON 0xe9

static bool log_to_debugcon __ro_after_init;

void arch_log_init(const struct boot_info *info)
{
	boot_param_flag(boot_param_debugcon, &log_to_debugcon);
	i386_uart_init();
}

void arch_log_putc(char c)
{
	if (log_to_debugcon) {
		outb(DEBUGCON, (u8)c);
		return;
	}
	if (c == '\n')
		i386_uart_putc('\r');
	i386_uart_putc(c);
}
