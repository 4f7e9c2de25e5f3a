/* SPDX-License-Identifier: MIT */
/*
 * Which UART is arm64's console: nodes of a device tree and ACPI's table, of boards that nothing
 * here emulates, and such as no board can have.
 */
#include "arch/arm64/boot_uart.h"
#include "kernel/compiler.h"
#include "kernel/lib/string.h"
#include "tests/host/tap.h"

enum { BEGIN_NODE = 1, END_NODE = 2, PROP = 3, END = 9 };
#define STRUCT_OFFSET 56u	/* 40 bytes of header, and the end of the list of reservations */
#define STRINGS "compatible\0reg\0reg-shift\0reg-io-width"
enum { COMPATIBLE = 0, REG = 11, REG_SHIFT = 15, REG_IO_WIDTH = 25 };

static u8 blob[1024];
static u32 at;
static struct boot_uart uart;

static void cell(u32 value)
{
	for (int shift = 24; shift >= 0; shift -= 8)
		blob[at++] = (u8)(value >> shift);
}

static void text(const char *s, u32 len)
{
	memcpy(blob + at, s, len);
	at += ALIGN_UP(len, 4u);
}

static void prop_cell(u32 name, u32 value)
{
	cell(PROP);
	cell(4);
	cell(name);
	cell(value);
}

/* Reads a node with these properties; a negative number: it has none of that name. */
static bool read_node(const char *compatible, u64 base, int shift, int width)
{
	struct fdt_node node;
	struct fdt fdt;
	u32 end;

	memset(blob, 0, sizeof(blob));
	at = STRUCT_OFFSET;
	cell(BEGIN_NODE);
	text("", 1);
	cell(BEGIN_NODE);
	text("serial", 7);
	cell(PROP);
	cell((u32)strlen(compatible) + 1);
	cell(COMPATIBLE);
	text(compatible, (u32)strlen(compatible) + 1);
	cell(PROP);
	cell(12);
	cell(REG);
	cell((u32)(base >> 32));
	cell((u32)base);
	cell(0x1000);
	if (shift >= 0)
		prop_cell(REG_SHIFT, (u32)shift);
	if (width >= 0)
		prop_cell(REG_IO_WIDTH, (u32)width);
	cell(END_NODE);
	cell(END_NODE);
	cell(END);
	end = at;
	memcpy(blob + end, STRINGS, sizeof(STRINGS));
	at = 0;
	cell(0xd00dfeed);
	cell(end + (u32)sizeof(STRINGS));
	cell(STRUCT_OFFSET);
	cell(end);
	cell(40);
	cell(17);
	cell(16);
	cell(0);
	cell(sizeof(STRINGS));
	cell(end - STRUCT_OFFSET);
	memset(&uart, 0x5a, sizeof(uart));
	EXPECT(!fdt_open(&fdt, blob, end + sizeof(STRINGS)));
	return fdt_find(&fdt, "/serial", &node) && boot_is_uart(&fdt, &node) &&
	       boot_uart_of_node(&fdt, &node, &uart);
}

static void expect_uart(u64 base, bool is_16550, u8 shift, u8 width, u32 irq)
{
	EXPECT_EQ(uart.base, base);
	EXPECT_EQ(uart.is_16550, is_16550);
	EXPECT_EQ(uart.irq, irq);
	if (is_16550) {
		EXPECT_EQ(uart.shift, shift);
		EXPECT_EQ(uart.width, width);
	}
}

TEST(nodes)
{
	EXPECT(read_node("arm,pl011", 0x1c090000, -1, -1));
	expect_uart(0x1c090000, false, 0, 0, 0);
	/* A 16550 without a further word is as on a PC. */
	EXPECT(read_node("ns16550a", 0x1021000, -1, -1));
	expect_uart(0x1021000, true, 0, 1, 0);
	EXPECT(read_node("ns16550", 0x1021000, 2, -1));
	expect_uart(0x1021000, true, 2, 1, 0);
	EXPECT(read_node("snps,dw-apb-uart", 0x1feb50000, 2, 4));
	expect_uart(0x1feb50000, true, 2, 4, 0);
	EXPECT(!read_node("arm,pl010", 0x1c090000, -1, -1));
}

TEST(nodes_that_cannot_be)
{
	EXPECT(!read_node("arm,pl011", 0, -1, -1));
	EXPECT(!read_node("ns16550a", 0, 2, 4));
	/* Registers that are read in one go must not overlap. */
	EXPECT(!read_node("ns16550a", 0x1000, 0, 4));
	EXPECT(!read_node("ns16550a", 0x1000, 1, 4));
	EXPECT(!read_node("ns16550a", 0x1000, 2, 0));
	EXPECT(!read_node("ns16550a", 0x1000, 2, 3));
	EXPECT(!read_node("ns16550a", 0x1000, 3, 8));
	EXPECT(!read_node("ns16550a", 0x1000, 0x102, 4));
	EXPECT(!read_node("ns16550a", 0x1000, 60, 1));
}

static void read_spcr(u8 interface, u8 bits, u8 access, u64 base, u8 irq_kind, u32 irq)
{
	u8 table[BOOT_SPCR_SIZE] = "SPCR";

	table[36] = interface;
	table[41] = bits;
	table[43] = access;
	memcpy(table + 44, &base, 8);
	table[52] = irq_kind;
	memcpy(table + 54, &irq, 4);
	uart = (struct boot_uart){ 0 };
	boot_uart_of_spcr(table, sizeof(table), &uart);
}

TEST(tables)
{
	read_spcr(3, 32, 3, 0x9000000, 8, 33);
	expect_uart(0x9000000, false, 0, 0, 33);
	read_spcr(14, 32, 3, 0x9000000, 8, 33);
	expect_uart(0x9000000, false, 0, 0, 33);
	/* Without a GIC's interrupt there is output only. */
	read_spcr(13, 32, 0, 0x9000000, 1, 33);
	expect_uart(0x9000000, false, 0, 0, 0);
	read_spcr(0, 8, 1, 0x1c021000, 8, 40);
	expect_uart(0x1c021000, true, 0, 1, 40);
	read_spcr(18, 32, 3, 0xfeb50000, 8, 365);
	expect_uart(0xfeb50000, true, 2, 4, 365);
	read_spcr(18, 32, 0, 0xfeb50000, 8, 365);
	expect_uart(0xfeb50000, true, 2, 4, 365);
	read_spcr(1, 32, 1, 0xfeb50000, 8, 365);
	expect_uart(0xfeb50000, true, 2, 1, 365);
}

TEST(tables_that_cannot_be)
{
	u8 table[BOOT_SPCR_SIZE] = { [36] = 3, [40] = 1, [44] = 1 };

	for (unsigned int interface = 0; interface < 256; interface++) {
		read_spcr((u8)interface, 8, 3, 0x9000000, 8, 33);
		EXPECT(!uart.base || !uart.is_16550);
		read_spcr((u8)interface, 32, 255, 0x9000000, 8, 33);
		EXPECT(!uart.base || !uart.is_16550);
		read_spcr((u8)interface, 32, 3, 0, 8, 33);
		EXPECT(!uart.base);
	}
	/* In the space of I/O ports; and, once that is changed, one byte too short. */
	boot_uart_of_spcr(table, sizeof(table), &uart);
	EXPECT(!uart.base);
	table[40] = 0;
	boot_uart_of_spcr(table, sizeof(table) - 1, &uart);
	EXPECT(!uart.base);
	boot_uart_of_spcr(table, sizeof(table), &uart);
	EXPECT_EQ(uart.base, 1);
}
