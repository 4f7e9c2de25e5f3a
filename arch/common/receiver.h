/* SPDX-License-Identifier: MIT */
/*
 * What the console's receiver asks of a port's UART, and gives it. Interrupts are off in the first
 * three.
 */
#pragma once
#include "kernel/compiler.h"
#include "kernel/types.h"

/* What was announced has been heard: bytes that come from now on are announced anew. */
void uart_acknowledge(void);
/* The next byte that was received; -1 when there is none. */
int uart_take(void);
/* Are received bytes announced by an interrupt? */
void uart_listen(bool on);

/* Hand on what comes, from now on. 0, or irq_register()'s error. Interrupts on. */
int receiver_start(unsigned int irq, const char *name) __must_check;
