/* SPDX-License-Identifier: MIT */
/*
 * QEMU's `virt` machine: what is assumed where the device tree says nothing, or
 * nothing that is true.
 */
#pragma once

#define VIRT_RAM_BASE 0x40000000ul
#define VIRT_RAM_SIZE (64ul << 20)	/* any machine that can run us has as much */
#define VIRT_UART_BASE 0x09000000
#define VIRT_UART_IRQ 33
#define VIRT_GICD_BASE 0x08000000
#define VIRT_GICC_BASE 0x08010000
#define VIRT_GICR_BASE 0x080a0000
#define VIRT_GICR_SIZE 0xf60000
#define VIRT_TIMER_IRQ 27
