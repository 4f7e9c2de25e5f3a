/* SPDX-License-Identifier: MIT */
/*
 * Which UART is the console, by a device tree's node or by ACPI's table for that (SPCR). Both are
 * untrusted. This is parsing alone: nothing of the machine is touched.
 */
#pragma once
#include "arch/common/fdt.h"
#include "kernel/boot_info.h"

/* Is the node that of a UART that uart.c can drive? */
bool boot_is_uart(const struct fdt *fdt, const struct fdt_node *node);

/*
 * Fill all of @uart but its interrupt, which is left 0, from the node of a UART. False: it does not
 * say where the registers are, or they lie as no UART's do; @uart is then undefined.
 */
bool boot_uart_of_node(const struct fdt *fdt, const struct fdt_node *node,
		       struct boot_uart *uart);

/*
 * Fill @uart from a copy of the first @size bytes of the table. It stays as it is if they are too
 * few, or the table names a UART of another kind, or one that is not in memory.
 */
void boot_uart_of_spcr(const void *table, size_t size, struct boot_uart *uart);
