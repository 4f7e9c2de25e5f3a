/* SPDX-License-Identifier: MIT */
/*
 * The two kinds of UART that uart.c chooses from; find comes first. They are called by their names
 * and not by a table of pointers, so that the build can check what the log reaches. Untraced.
 */
#pragma once
#include "kernel/types.h"

struct boot_uart;

/* Is there one, as described? Then it can send from now on; it announces nothing yet. Boot. */
bool pl011_find(const struct boot_uart *where);
bool ns16550_find(const struct boot_uart *where);

/* Send a byte, after waiting for room; it is lost if there is none for too long. Any context. */
void pl011_put(u8 byte);
void ns16550_put(u8 byte);

/* As the functions of arch/common/receiver.h that have these names behind uart_. */
void pl011_acknowledge(void);
void ns16550_acknowledge(void);
int pl011_take(void);
int ns16550_take(void);
void pl011_listen(bool on);
void ns16550_listen(bool on);
