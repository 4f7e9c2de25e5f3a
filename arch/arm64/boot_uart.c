/* SPDX-License-Identifier: MIT */
/*
 * The console's UART by what describes the machine: see boot_uart.h. The tree's bindings are
 * arm,pl011, ns16550a and snps,dw-apb-uart; the table is Microsoft's Serial Port Console
 * Redirection, of any revision.
 */
#include "arch/arm64/boot_uart.h"
#include "kernel/compiler.h"
#include "kernel/lib/string.h"

enum { NODE_PL011, NODE_16550A, NODE_16550, NODE_DW };
static const char *const kinds[] __initdata = {
	[NODE_PL011] = "arm,pl011",
	[NODE_16550A] = "ns16550a",
	[NODE_16550] = "ns16550",
	[NODE_DW] = "snps,dw-apb-uart",
};

/* Values of the table's field for the kind of interface, and of its fields for the address. */
#define SPCR_16550 0
#define SPCR_16450 1
#define SPCR_PL011 3
#define SPCR_SBSA_32_BIT 13		/* both have the registers of a PL011 that we use */
#define SPCR_SBSA 14
#define SPCR_16550_BY_ADDRESS 18
#define SPACE_MEMORY 0
#define IRQ_OF_GIC 0x08

struct spcr {
	u8 header[36];
	u8 interface, reserved[3];
	/* A generic address: in which space it is, and sizes of registers, the last as a code. */
	u8 space, register_bits, bit_offset, access;
	u64 address;
	u8 irq_kind, irq_of_pc;
	u32 irq;
} __packed;

_Static_assert(sizeof(struct spcr) == BOOT_SPCR_SIZE, "layout of the specification");

/* Registers are one, two or four bytes apart or more, and a read must not reach the next one. */
static __init bool is_possible(u32 shift, u32 width)
{
	return shift <= 3 && (width == 1 || width == 2 || width == 4) && width <= 1u << shift;
}

__init bool boot_is_uart(const struct fdt *fdt, const struct fdt_node *node)
{
	return fdt_compatible(fdt, node, kinds, ARRAY_SIZE(kinds)) >= 0;
}

__init bool boot_uart_of_node(const struct fdt *fdt, const struct fdt_node *node,
			      struct boot_uart *uart)
{
	u32 shift = 0, width = 1;
	u64 base, size;

	if (!fdt_reg(fdt, node, 0, &base, &size) || !base)
		return false;
	/* Both may be absent: then it is a 16550 as on a PC, byte by byte. */
	fdt_prop_cell(fdt, node, "reg-shift", 0, &shift);
	fdt_prop_cell(fdt, node, "reg-io-width", 0, &width);
	*uart = (struct boot_uart){ .base = base, .source = "by the device tree" };
	if (fdt_compatible(fdt, node, kinds, ARRAY_SIZE(kinds)) == NODE_PL011)
		return true;
	uart->is_16550 = true;
	uart->shift = (u8)shift;
	uart->width = (u8)width;
	return is_possible(shift, width);
}

__init void boot_uart_of_spcr(const void *table, size_t size, struct boot_uart *uart)
{
	struct boot_uart found = { .source = "by ACPI (SPCR)", .is_16550 = true };
	struct spcr spcr;

	if (size < sizeof(spcr))
		return;
	memcpy(&spcr, table, sizeof(spcr));
	if (spcr.space != SPACE_MEMORY || !spcr.address)
		return;
	found.base = spcr.address;
	found.irq = spcr.irq_kind & IRQ_OF_GIC ? spcr.irq : 0;
	switch (spcr.interface) {
	case SPCR_PL011:
	case SPCR_SBSA_32_BIT:
	case SPCR_SBSA:
		found.is_16550 = false;
		break;
	case SPCR_16550:
	case SPCR_16450:
	case SPCR_16550_BY_ADDRESS:
		/* Registers follow each other as closely as their size allows. */
		found.shift = spcr.register_bits == 32 ? 2 : spcr.register_bits == 16;
		/* 1, 2 and 3 mean bytes, words and double words; 0: as large as the register is. */
		found.width = (u8)(1u << (spcr.access ? min(spcr.access - 1, 3) : found.shift));
		if (!is_possible(found.shift, found.width))
			return;
		break;
	default:
		return;
	}
	*uart = found;
}
